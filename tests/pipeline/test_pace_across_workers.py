"""Three workers share the hosts: none is asked by two at a time, none sooner than its pace allows."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from time import monotonic

from marsad.types import FetchedFeed, FetchRequest, FetchResult
from pipeline.leases import HostLeases
from pipeline.poll import Poll, PollOptions
from pipeline.watching import LiveWatchSet
from storage.database import Database, now
from storage.workers import Worker
from tests.storage.stored import Desk

HOSTS = 4
WORKERS = 3
DELAY = 0.2
SECONDS = 4.0


@dataclass(slots=True)
class Web:
    """Answers with empty feeds, and notes by whom each host is asked, from when to when."""

    asked: defaultdict[str, list[tuple[float, float, str]]] = field(default_factory=lambda: defaultdict(list))

    async def answer(self, request: FetchRequest, worker: str) -> FetchResult:
        begun = monotonic()
        await asyncio.sleep(0.02)
        self.asked[request.url.split("/")[2]].append((begun, monotonic(), worker))
        return FetchedFeed(request.url, request.url, 200, "rss2.0", None, ())


@dataclass(frozen=True, slots=True)
class Crawler:
    web: Web
    worker: str

    async def fetch(self, request: FetchRequest) -> FetchResult:
        return await self.web.answer(request, self.worker)


async def test_the_pace_of_a_host_holds_across_workers(database: Database) -> None:
    desk = Desk.at(database)
    for host in range(HOSTS):
        for source in range(2):
            desk.add_source(f"{host}-{source}", host=f"h{host}.example")
    web = Web()
    workers = [poller(database, web, f"worker-{number}") for number in range(WORKERS)]
    await asyncio.gather(*(keep_polling(poll) for poll in workers))

    assert len(web.asked) == HOSTS
    assert any(len({worker for *_, worker in asked}) > 1 for asked in web.asked.values())
    for asked in web.asked.values():
        asked.sort()
        for (_, answered, _), (begun, *_) in pairwise(asked):
            assert begun - answered >= DELAY - 0.005  # the two clocks are read at different moments


def poller(database: Database, web: Web, name: str) -> Poll:
    # Always due again: what holds a worker back is the pace alone.
    options = PollOptions(
        host_delay=timedelta(seconds=DELAY), interval=timedelta(seconds=0.01), hosts_at_once=2
    )
    leases = HostLeases(database, worker=Worker(name), clock=now)
    watches = LiveWatchSet(database)
    return Poll(database, Crawler(web, name), leases=leases, watches=watches, clock=now, options=options)


async def keep_polling(poll: Poll) -> None:
    polling = asyncio.create_task(poll.run())
    await asyncio.sleep(SECONDS)
    poll.stop()
    await polling
