"""A long run, watched for what grows: `python -m tests.faults.soak --minutes 30`.

The whole service of the demo in this process, with news spread over the run and a signed-in reader who opens
a page every half second. Every half minute it notes resident memory, file handles, threads and asyncio tasks.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import tempfile
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import monotonic

import psutil

from demo.database import fresh_database
from demo.stage import NAVIGATION, Stage, resolve
from marsad.app import build_app
from marsad.config import read_settings
from marsad.logs import configure_logging
from marsad.serving import Service, WebOptions
from storage import accounts
from tests.web.browser import Browser
from web.server import bind, local_url

PAGES = ("/matches", "/watchlist", "/alerts", "/sources", "/status", "/api/v1/matches", "/metrics", "/readyz")
EVERY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process held at one moment; memory in MB."""

    seconds: float
    memory: float
    handles: int
    threads: int
    tasks: int


class Watch:
    """The job that takes the samples, and ends the run."""

    def __init__(self, *, ends_at: float) -> None:
        self.samples: list[Sample] = []
        self._process = psutil.Process()
        self._began = monotonic()
        self._next = self._began
        self._ends_at = ends_at

    async def run(self) -> None:
        now = monotonic()
        if now >= self._ends_at:
            os.kill(os.getpid(), signal.SIGTERM)
        elif now >= self._next:
            self._next = now + EVERY_SECONDS
            sample = Sample(
                now - self._began,
                self._process.memory_info().rss / 2**20,
                self._process.num_fds(),
                self._process.num_threads(),
                len(asyncio.all_tasks()),
            )
            self.samples.append(sample)
            print(
                f"{sample.seconds:7.0f} s {sample.memory:7.1f} MB {sample.handles:4} handles "
                f"{sample.threads:3} threads {sample.tasks:3} tasks",
                flush=True,
            )


def read_pages(base: str, set_up: str, stop: threading.Event, counts: dict[int, int]) -> None:
    """Be the reader: set up, then open one page after the other."""
    with Browser(base) as browser:
        page = set_up.removeprefix(base)
        token = re.search(r"token=(\S+)", page)
        assert token is not None
        fields = {"name": "reader", "email": "reader@demo.example", "password": "a long enough pass phrase"}
        done = browser.send_form(f"/setup?token={token[1]}", page=page, language="ar", **fields)
        assert done.status_code == 303, done.text
        turn = 0
        while not stop.wait(0.5):
            status = browser.get(PAGES[turn % len(PAGES)]).status_code
            counts[status] = counts.get(status, 0) + 1
            turn += 1


def run(minutes: float) -> tuple[list[Sample], dict[int, int]]:
    """Run the service for so long; returns the samples and the pages' statuses."""
    settings = read_settings({"MARSAD_LISTEN": "127.0.0.1:0"}, default_data_dir=Path(tempfile.mkdtemp()))
    whole = (Stage(speed=1.0).all_out_at - datetime.now(UTC)).total_seconds()
    speed = max(whole / (minutes * 60), 0.01)
    counts: dict[int, int] = {}
    stop = threading.Event()
    with fresh_database(settings.data_dir) as url, Stage(speed=speed) as stage:
        app = build_app(stage.settings(settings, url), resolve=resolve)
        with bind(*settings.listen, chosen=True) as listening:
            with app.write() as (session, owner, now):
                stage.seed(session, owner, now=now)
                token = accounts.new_set_up_link(session, now=now)
            base = local_url(listening)
            reader = threading.Thread(
                target=read_pages, args=(base, f"{base}/setup?token={token}", stop, counts)
            )
            watch = Watch(ends_at=monotonic() + minutes * 60)
            web = WebOptions(stage.set_up_defaults, stage.catalogue, stage.routers, NAVIGATION)
            service = Service(
                app, "serve", listening, web, tick=1, more_jobs=(watch.run,), ready=reader.start
            )
            try:
                asyncio.run(service.run())
            finally:
                stop.set()
                reader.join(30)
        app.database.dispose()
    return watch.samples, counts


def summary(samples: list[Sample], counts: dict[int, int]) -> str:
    """Compare the medians of the second and the last fifth of the run: the first one is warming up."""
    fifth = max(len(samples) // 5, 1)
    early, late = samples[fifth : 2 * fifth] or samples, samples[-fifth:]
    lines = [f"{'':10}{'early':>9}{'late':>9}"]
    for name in ("memory", "handles", "threads", "tasks"):
        before, after = (median(getattr(sample, name) for sample in part) for part in (early, late))
        lines.append(f"{name:10}{before:9.1f}{after:9.1f}")
    lines.append("pages: " + ", ".join(f"{count} × {status}" for status, count in sorted(counts.items())))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    configure_logging(verbose=False)
    print(summary(*run(parser.parse_args().minutes)))


if __name__ == "__main__":
    main()
