"""One poll of many feeds, each on its own loopback host, beside `reader`.

Each run is a process of its own that goes through the stages of benchmarks.stages; the tools take turns.
What makes the figures comparable is checked, not assumed: after each stage both hold the same number of
entries, and the server has sent to both what the stage is about.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.feed_server import ITEMS
from benchmarks.report import OURS, Row, Sample, summarise
from benchmarks.stages import Stage

MOST_FEEDS = 400
"""Listening sockets and connections stay below the usual limit of 1,024 open files."""
RUN_SECONDS = 300
"""Time limit of one run of one tool."""

_ROOT = Path(__file__).resolve().parent.parent
_TOOLS = {OURS: "benchmarks.poll_by_marsad", "reader": "benchmarks.poll_by_reader"}


def run(*, feeds: int, runs: int) -> list[Row]:
    """Return a row for each stage: CPU milliseconds for one feed."""
    reports: dict[str, list[dict[str, Any]]] = {tool: [] for tool in _TOOLS}
    with _server(feeds, seconds=RUN_SECONDS * runs * len(_TOOLS)) as port:
        for _ in range(runs):
            for tool, module in _TOOLS.items():
                report = _poll(module, port, feeds)
                _check(tool, report, feeds)
                reports[tool].append(report)
    return [_row(stage, number, reports, feeds) for number, stage in enumerate(Stage)]


@contextmanager
def _server(feeds: int, *, seconds: int) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.feed_server", str(feeds), str(seconds)],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        with process.stdout:
            port = process.stdout.readline()
            if not port:
                raise RuntimeError(
                    "The feed server did not start; it needs Linux, where 127.0.0.0/8 is here."
                )
            yield int(port)
    finally:
        process.terminate()
        process.wait(10)


def _poll(module: str, port: int, feeds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="marsad-bench-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", module, folder, str(port), str(feeds)],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            text=True,
            timeout=RUN_SECONDS,
            check=True,
        )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _check(tool: str, report: dict[str, Any], feeds: int) -> None:
    for stage, found in zip(Stage, report["stages"], strict=True):
        items = ITEMS + 1 if stage is Stage.ONE_NEW else ITEMS
        answers = {kind: count for kind, count in found["answers"].items() if kind != "robots.txt"}
        wanted = {"304" if stage is Stage.NOT_MODIFIED else "200": feeds}
        if found["stage"] != stage or answers != wanted or found["entries"] != feeds * items:
            raise RuntimeError(f"{tool}: {stage} is not what it should be: {found}")


def _row(stage: Stage, number: int, reports: dict[str, list[dict[str, Any]]], feeds: int) -> Row:
    results = {}
    for tool, runs in reports.items():
        polls = [report["stages"][number] for report in runs]
        last = polls[-1]
        counts = last["answers"] | {"entries": last["entries"]}
        if last["matches"] is not None:
            counts["matches"] = last["matches"]
        results[tool] = summarise(
            [Sample(poll["cpu_seconds"], poll["wall_seconds"]) for poll in polls],
            per=feeds,
            scale=1e3,
            # Of the whole process, all stages.
            peak_rss_mb=median(report["peak_rss_mb"] for report in runs),
            counts=counts,
        )
    return Row("polling", f"{feeds} feeds, {stage}", "ms CPU/feed", results)
