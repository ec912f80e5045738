"""The database's clock jumps by an hour: no lease sticks, nothing is told twice, no storm of polls.

On PostgreSQL it is the server's clock, on SQLite this machine's. How late a poll may be is bounded by the jump.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marsad.app import App, Jobs, build_app
from marsad.config import read_settings
from marsad.types import FeedEntry, FetchedFeed, FetchRequest, FetchResult
from storage import database as databases
from storage.models import Delivery, Host
from tests.faults.installed import install, story, told
from tests.servers import RecordingReceiver

HOUR = timedelta(hours=1)
INTERVAL = timedelta(minutes=15)


@dataclass(slots=True)
class JumpingClock:
    """The database's clock, set wrong by `offset`."""

    offset: timedelta = timedelta()

    def __call__(self, session: Session) -> datetime:
        return databases.now(session) + self.offset


@dataclass(slots=True)
class Feed:
    """Takes the crawler's place: a feed with one more item at each poll."""

    polls: int = 0

    async def fetch(self, request: FetchRequest) -> FetchResult:
        self.polls += 1
        items = [story(number) for number in range(self.polls)]
        entries = tuple(FeedEntry(title=item.title, link=None, id=item.slug) for item in items)
        return FetchedFeed(request.url, request.url, 200, "rss2.0", None, entries, body_hash=str(self.polls))


@dataclass(slots=True)
class Day:
    app: App
    receiver: RecordingReceiver
    clock: JumpingClock = field(default_factory=JumpingClock)
    feed: Feed = field(default_factory=Feed)

    async def tick(self, jobs: Jobs) -> None:
        await jobs.poll.run()
        await jobs.catch_up.run()
        await jobs.deliver.run()

    def leased(self) -> int:
        with self.app.database.read() as session:
            hosts = session.scalars(select(Host.name).where(Host.lease_token.is_not(None))).all()
            deliveries = session.scalars(select(Delivery.id).where(Delivery.leased_until.is_not(None))).all()
        return len(hosts) + len(deliveries)


@pytest.fixture
def day(tmp_path: Path, database_url: str) -> Iterator[Day]:
    with RecordingReceiver() as receiver:
        feeds = [("news.example", "https://news.example/feed")]
        marsad = install(tmp_path, feeds, receiver.url, MARSAD_DATABASE_URL=database_url)
        kept = marsad.settings | {"MARSAD_POLL_INTERVAL": str(int(INTERVAL.total_seconds()))}
        clock = JumpingClock()
        app = build_app(read_settings(kept, default_data_dir=tmp_path), clock=clock)
        yield Day(app, receiver, clock)
        app.database.dispose()


async def test_a_jump_forward_polls_once_and_tells_once(day: Day) -> None:
    async with day.app.working(fetch=day.feed) as jobs:
        await day.tick(jobs)
        day.clock.offset = HOUR
        for _ in range(4):
            await day.tick(jobs)
    assert day.feed.polls == 2
    assert told(day.receiver.requests) == {story(0).title: 1, story(1).title: 1}
    assert len(day.receiver.requests) == 2
    assert day.leased() == 0


async def test_a_jump_back_repeats_nothing_and_delays_a_poll_by_no_more_than_the_jump(day: Day) -> None:
    async with day.app.working(fetch=day.feed) as jobs:
        day.clock.offset = HOUR
        await day.tick(jobs)
        day.clock.offset = timedelta()
        for _ in range(4):
            await day.tick(jobs)
        assert day.feed.polls == 1
        day.clock.offset = HOUR + INTERVAL + timedelta(seconds=5)
        await day.tick(jobs)
    assert day.feed.polls == 2
    assert told(day.receiver.requests) == {story(0).title: 1, story(1).title: 1}
    assert len(day.receiver.requests) == 2
    assert day.leased() == 0


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forward", "back"])
async def test_a_jump_during_a_fetch_loses_nothing(day: Day, jump: timedelta) -> None:
    fetch = day.feed.fetch

    class JumpsMeanwhile:
        async def fetch(self, request: FetchRequest) -> FetchResult:
            day.clock.offset += jump
            return await fetch(request)

    async with day.app.working(fetch=JumpsMeanwhile()) as jobs:
        await day.tick(jobs)
        await day.tick(jobs)
    assert day.feed.polls == 1
    assert told(day.receiver.requests) == {story(0).title: 1}
    assert len(day.receiver.requests) == 1
    assert day.leased() == 0
