"""The four polls that both pollers go through, and what each of them reports about one.

A poller is a program of its own, `python -m benchmarks.poll_by_… FOLDER PORT FEEDS`. It polls one feed of
another host first, so that imports and caches of the process are not measured; then the feeds stage by
stage. It prints one JSON object: `stages` (a StageReport each) and `peak_rss_mb`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.report import Meter


class Stage(StrEnum):
    """How the server answers."""

    FIRST = "first poll"
    NOT_MODIFIED = "304"
    SAME_BODY = "unchanged 200"
    """The same bytes again, from a server without validators."""
    ONE_NEW = "one new item"
    """One item more at the top of each feed, the last one gone."""


def host(number: int) -> str:
    """Feed 0, the one to warm up with, is on 127.0.1.1, feed 1 on 127.0.1.2, feed 254 on 127.0.2.1."""
    return f"127.0.{1 + number // 254}.{1 + number % 254}"


def feed_url(number: int, port: int) -> str:
    return f"http://{host(number)}:{port}/feed.xml"


def feed_urls(port: int, feeds: int) -> list[str]:
    return [feed_url(number, port) for number in range(1, feeds + 1)]


@dataclass(frozen=True, slots=True)
class StageReport:
    """One poll of all feeds; `answers` is what the server sent, by status or kind."""

    stage: str
    cpu_seconds: float
    wall_seconds: float
    answers: dict[str, int]
    entries: int
    matches: int | None = None


class Polling:
    """Leads a poller through the stages."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.reports: list[StageReport] = []

    def stages(self) -> Iterator[Stage]:
        """Yield each stage when the server is in it."""
        for stage in Stage:
            self._ask(f"/stage/{stage.name}")
            yield stage

    @contextmanager
    def warming(self) -> Iterator[str]:
        """The address of a feed to poll before anything is measured."""
        self._ask(f"/stage/{Stage.FIRST.name}")
        yield feed_url(0, self._port)

    def report(self, stage: Stage, meter: Meter, *, entries: int, matches: int | None = None) -> None:
        answers = self._ask("/answers")
        self.reports.append(
            StageReport(stage, meter.cpu_seconds, meter.wall_seconds, answers, entries, matches)
        )

    def print(self) -> None:
        reports: Sequence[dict[str, Any]] = [asdict(report) for report in self.reports]
        print(json.dumps({"stages": reports, "peak_rss_mb": _peak_rss_mb()}))

    def _ask(self, path: str) -> dict[str, int]:
        connection = HTTPConnection(host(0), self._port, timeout=30)
        try:
            connection.request("GET", path)
            answers: dict[str, int] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return answers


def _peak_rss_mb() -> float:
    # Not ru_maxrss: on Linux it survives exec, and may be the parent's.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise RuntimeError("/proc/self/status has no VmHWM")
