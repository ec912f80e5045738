"""Terms are added one after the other while articles arrive that mention them: nothing is missed or doubled."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from marsad.types import (
    Alert,
    ChannelKind,
    ChannelTarget,
    ExtractedPage,
    FeedEntry,
    FetchedFeed,
    FetchedPage,
    FetchRequest,
    FetchResult,
    Receipt,
    Term,
)
from pipeline.catch_up import CatchUp
from pipeline.deliver import Deliver
from pipeline.leases import DeliveryLeases, HostLeases
from pipeline.matches import Watching
from pipeline.poll import Poll, PollOptions
from pipeline.watching import LiveWatchSet
from storage import texts, watchlists, workers
from storage.database import Database, now
from storage.models import Article, Match
from tests.storage.stored import Desk

NAMES = (
    *("Brunek", "Cordim", "Dalvet", "Elmora", "Fenwick", "Galdor", "Hestra", "Ivonik", "Jorvan", "Kelmar"),
    *("Lindor", "Morvek", "Nostra", "Oldrin", "Pelmar", "Quorin", "Rostek", "Sulmet", "Tovrin", "Urbeck"),
)
ALL = " ".join(NAMES)
HOSTS = ("a.example", "b.example", "c.example")


@dataclass(slots=True)
class Press:
    """Each poll of a feed brings one more article: its title mentions every name, or its page does."""

    numbers: count[int] = field(default_factory=count)
    answered: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def fetch(self, request: FetchRequest) -> FetchResult:
        await asyncio.sleep(0)
        self.answered.release()
        url = request.url
        if request.what == "page":
            return FetchedPage(url, url, 200, ExtractedPage(None, ALL))
        number = next(self.numbers)
        if number < len(HOSTS):
            entries: tuple[FeedEntry, ...] = ()
        elif number % 3:
            entries = (FeedEntry(f"{number} {ALL}", None, str(number)),)
        else:
            entries = (FeedEntry(f"{number}", f"https://p.example/{number}", str(number)),)
        return FetchedFeed(url, url, 200, "rss2.0", None, entries, body_hash=str(number))


@dataclass(slots=True)
class Receiver:
    """Counts of what it is told: the article and the term."""

    told: Counter[tuple[int, str]] = field(default_factory=Counter)

    async def notify(self, alert: Alert, target: ChannelTarget) -> Receipt:
        self.told.update((alert.article_id, match.term) for match in alert.matches)
        return Receipt("HTTP 204")


@dataclass(slots=True)
class Additions:
    """Adds the terms, and notes which articles that mention them were stored when each was saved."""

    desk: Desk
    press: Press
    older: dict[str, set[int]] = field(default_factory=dict)

    async def run(self) -> None:
        for name in NAMES:
            await asyncio.to_thread(self.add, name)
            for _ in range(4):
                await self.press.answered.acquire()

    def add(self, name: str) -> None:
        with self.desk.database.write() as session:
            watchlists.add_term(session, self.desk.watchlist, Term(name), now=now(session))
            # Nobody stores an article before this transaction ends.
            self.older[name] = mentions(session)


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = Desk.at(database)
    channel = desk.add_channel("hook")
    with database.write() as session:
        watchlists.subscribe(session, desk.watchlist, channel, include_existing=False, now=now(session))
    for host in HOSTS:
        desk.add_source(host, host=host)
    return desk


class SlowLiveWatchSet(LiveWatchSet):
    """Compiles as if there were many more terms: what arrives meanwhile is matched without the newest ones."""

    def refresh(self) -> Watching:
        time.sleep(0.1)
        return super().refresh()


@dataclass(slots=True)
class Process:
    """What one process runs, its matcher compiled for itself."""

    database: Database
    worker: workers.Worker
    press: Press
    receiver: Receiver
    behind: int = 0
    """Articles that were seen to be stored and not matched with all that was watched then."""

    async def run(self, additions: asyncio.Task[None]) -> None:
        kinds = {ChannelKind.WEBHOOK: self.receiver}
        live = SlowLiveWatchSet(self.database)
        hosts = HostLeases(self.database, worker=self.worker, clock=now)
        outbox = DeliveryLeases(self.database, worker=self.worker, clock=now, kinds=tuple(kinds))
        options = PollOptions(host_delay=timedelta(0), page_patience=timedelta(0))
        poll = Poll(self.database, self.press, leases=hosts, watches=live, clock=now, options=options)
        catch_up = CatchUp(self.database, live, clock=now)
        deliver = Deliver(self.database, kinds, leases=outbox, clock=now)
        await asyncio.gather(
            self._until(additions, lambda: poll.run(everything=True), self._count_behind),
            self._until(additions, catch_up.run),
            self._until(additions, deliver.run),
        )
        await poll.run()
        while await catch_up.run():
            pass
        await deliver.run()

    async def _until(self, additions: asyncio.Task[None], *jobs: Callable[[], Awaitable[object]]) -> None:
        while not additions.done():
            for job in jobs:
                await job()
            await asyncio.sleep(0.02)

    async def _count_behind(self) -> None:
        with self.database.read() as session:
            self.behind += len(texts.read_behind(session, version=1 << 60, after=0, limit=1000))


def stored(desk: Desk) -> tuple[set[int], Counter[tuple[int, int]]]:
    """The articles that mention the names, and the matches by article and term."""
    with desk.database.read() as session:
        mentioning = mentions(session)
        pairs = session.execute(select(Match.article_id, Match.watch_term_id)).all()
    return mentioning, Counter((article_id, term_id) for article_id, term_id in pairs)


def mentions(session: Session) -> set[int]:
    """The articles that mention the names so far, be it by their page."""
    rows = session.execute(select(Article.id, Article.title, Article.text)).all()
    return {article_id for article_id, title, text in rows if ALL in title or text == ALL}


async def test_terms_added_one_after_the_other_miss_nothing_and_double_nothing(desk: Desk) -> None:
    press, receiver = Press(), Receiver()
    additions = Additions(desk, press)
    with ExitStack() as stack:
        # On SQLite one process works; there the second one only catches up beside it.
        worker = stack.enter_context(workers.working(desk.database))
        process = Process(desk.database, worker, press, receiver)
        await Poll(
            desk.database,
            press,
            leases=HostLeases(desk.database, worker=worker, clock=now),
            watches=LiveWatchSet(desk.database),
            clock=now,
            options=PollOptions(host_delay=timedelta(0)),
        ).run()
        adding = asyncio.create_task(additions.run())
        beside = CatchUp(desk.database, SlowLiveWatchSet(desk.database), clock=now)
        others = [process._until(adding, beside.run)]
        if not desk.database.is_sqlite:
            second = stack.enter_context(workers.working(desk.database))
            others.append(Process(desk.database, second, press, receiver).run(adding))
        await asyncio.gather(process.run(adding), *others)
        await adding
        await process.run(adding)
    mentioning, matches = stored(desk)
    assert len(mentioning) > 2 * len(NAMES)
    assert process.behind
    assert len(matches) == matches.total() == len(mentioning) * len(NAMES)
    since = {(article, name) for name in NAMES for article in mentioning - additions.older[name]}
    assert receiver.told == Counter(since)
    assert any(additions.older.values())
