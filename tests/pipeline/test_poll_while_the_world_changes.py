"""Polls on a real database while something else happens: nothing is told twice, hidden, or kept waiting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import event, select, update

from marsad.errors import DatabaseUnreachable
from marsad.types import (
    ExtractedPage,
    FeedEntry,
    FetchedFeed,
    FetchedPage,
    FetchFailure,
    FetchRequest,
    FetchResult,
    Grade,
    HostLease,
    Term,
)
from pipeline.clock import Clock
from pipeline.leases import Held, HostLeases
from pipeline.poll import Poll, PollOptions
from pipeline.watching import LiveWatchSet
from storage import sources, watchlists, workers
from storage.database import Database, now, open_database
from storage.models import Article, Delivery, Host, PageRequest, Source
from tests.storage.stored import Desk

_VERSION = count()


class World:
    """What each address answers; anything may happen before it does."""

    def __init__(self) -> None:
        self.answers: dict[str, FetchResult] = {}
        self.asked: list[str] = []
        self.before: Callable[[str], Awaitable[None]] = _nothing

    async def fetch(self, request: FetchRequest) -> FetchResult:
        self.asked.append(request.url)
        await self.before(request.url)
        return self.answers[request.url]


async def _nothing(url: str) -> None:
    """What happens while an answer is on its way, unless a test says otherwise."""


def document(kind: str, *entries: FeedEntry) -> FetchedFeed:
    return FetchedFeed("u", "u", 200, kind, None, entries, body_hash=f"version {next(_VERSION)}")


def offline(url: str) -> FetchFailure:
    return FetchFailure(url, url, None, Grade.TEMPORARY, f"{url} cannot be found.", offline=True)


async def poll(database: Database, world: World, *, times: int = 1) -> None:
    with workers.working(database) as worker:
        leases = HostLeases(database, worker=worker, clock=now)
        options = PollOptions(host_delay=timedelta(0))
        watches = LiveWatchSet(database)
        job = Poll(database, world, leases=leases, watches=watches, clock=now, options=options)
        for _ in range(times):
            await job.run(everything=True)


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = Desk.at(database, "Huawei")
    channel = desk.add_channel("hook")
    with database.write() as session:
        at = now(session)
        watchlists.subscribe(session, desk.watchlist, channel, include_existing=False, now=at)
    return desk


async def test_an_older_sitemap_that_an_index_leads_to_is_not_told_as_news(desk: Desk) -> None:
    desk.add_source("map", host="a.example")
    world, url = World(), "https://a.example/map"
    with desk.database.read() as session:
        at = now(session)

    def listed(name: str, when: datetime) -> FeedEntry:
        # The page is not asked for: it has a feed's own text.
        return FeedEntry("هواوي", f"https://a.example/{name}", None, content="م" * 700, updated=when)

    world.answers[url] = document("urlset", listed("1", at))
    await poll(desk.database, world)
    assert desk.listed() == []
    # An old article was edited: its sitemap, never read before, is now the one that changed last.
    old = [listed(f"old-{n}", at - timedelta(days=400 + n)) for n in range(5)]
    world.answers[url] = document("urlset", *old, listed("new", at + timedelta(minutes=1)))
    await poll(desk.database, world)
    with desk.database.read() as session:
        told = session.scalars(select(Article.url).join(Delivery, Delivery.article_id == Article.id)).all()
        stored = session.scalars(select(Article.id)).all()
    assert told == ["https://a.example/new"]
    assert len(stored) == 7


async def test_a_name_that_no_server_knows_is_its_sources_failure_while_others_are_reached(
    desk: Desk,
) -> None:
    desk.add_source("good", host="a.example")
    desk.add_source("lame", host="b.example")
    world = World()
    world.answers["https://a.example/good"] = document("rss2.0")
    world.answers["https://b.example/lame"] = offline("https://b.example/lame")
    await poll(desk.database, world, times=3)
    rows = {row.name: row for row in _list(desk)}
    assert rows["lame"].failures >= 2
    assert rows["lame"].last_outcome == "failed: temporary/unreachable"


def _list(desk: Desk) -> list[sources.SourceRow]:
    with desk.database.read() as session:
        return sources.list_sources(session)


async def test_a_page_that_comes_after_its_article_got_a_title_keeps_what_the_title_said(desk: Desk) -> None:
    desk.add_source("map", host="a.example")
    world, url, page = World(), "https://a.example/map", "https://p.example/1"
    world.answers[url] = document("urlset")
    await poll(desk.database, world)
    world.answers[url] = document("urlset", FeedEntry("", page, None))
    world.answers[page] = FetchedPage(page, page, 200, ExtractedPage("عنوان آخر عن Huawei", "نصّ"))

    async def before(asked: str) -> None:
        if asked == page:
            with desk.database.write() as session:
                session.execute(update(Article).values(title="خبر عن أمر آخر"))

    world.before = before
    await poll(desk.database, world)
    with desk.database.read() as session:
        assert session.scalars(select(Article.title)).all() == ["خبر عن أمر آخر"]
        # A hit in a title that is not stored would be shown at the wrong words.
        assert watchlists.list_matches(session, desk.owner, limit=9) == []
        assert session.scalars(select(PageRequest.article_id)).all() == []
    assert desk.listed() == []


async def test_a_poll_that_fails_keeps_no_host_from_being_claimed_by_the_next_one(desk: Desk) -> None:
    for name in "123":
        desk.add_source(name, host="a.example")
    desk.add_source("x", host="b.example")
    world, failed = World(), asyncio.Event()

    async def before(url: str) -> None:
        if url == "https://b.example/x":
            failed.set()
            raise DatabaseUnreachable("It is away.")
        await failed.wait()
        await asyncio.sleep(0.2)

    world.before = before
    world.answers = {f"https://a.example/{name}": document("rss2.0") for name in "123"}
    with pytest.raises(DatabaseUnreachable):
        await poll(desk.database, world)
    assert len(world.asked) == 2
    with desk.database.read() as session:
        host = session.get_one(Host, "a.example")
        assert host.leased_until is None
        assert host.due_at is not None
        assert host.due_at <= now(session)


async def test_a_claim_that_fails_lets_the_hosts_in_hand_go_as_well(desk: Desk) -> None:
    for name in "123":
        desk.add_source(name, host="a.example")
    world = World()
    world.answers = {f"https://a.example/{name}": document("rss2.0") for name in "123"}
    with workers.working(desk.database) as worker:
        leases = ClaimsOnce(desk.database, worker=worker, clock=now)

        async def before(_: str) -> None:
            await asyncio.to_thread(leases.failed.wait, 10)
            await asyncio.sleep(0.2)

        world.before = before
        options = PollOptions(host_delay=timedelta(0))
        watches = LiveWatchSet(desk.database)
        job = Poll(desk.database, world, leases=leases, watches=watches, clock=now, options=options)
        with pytest.raises(DatabaseUnreachable):
            await job.run(everything=True)
    assert len(world.asked) == 1


class ClaimsOnce(HostLeases):
    """Leases whose second claim meets a database that is away."""

    def __init__(self, database: Database, *, worker: workers.Worker, clock: Clock) -> None:
        super().__init__(database, worker=worker, clock=clock)
        self.failed = threading.Event()
        self._claims = 0

    def claim(self, limit: int) -> list[Held[HostLease]]:
        self._claims += 1
        if self._claims > 1:
            self.failed.set()
            raise DatabaseUnreachable("It is away.")
        return super().claim(limit)


async def test_what_is_on_its_way_in_the_old_shape_does_not_count_as_the_new_ones_first_poll(
    desk: Desk,
) -> None:
    desk.add_source("home", host="a.example")
    world, url = World(), "https://a.example/home"
    world.answers[url] = document("rss2.0")

    async def before(_: str) -> None:
        with desk.database.write() as session:
            sources.read_otherwise(session, url=url, shape="listing", now=now(session))

    world.before = before
    await poll(desk.database, world)
    with desk.database.read() as session:
        source = session.scalars(select(Source)).one()
        assert (source.shape, source.first_polled_at, source.body_hash) == ("listing", None, None)
        assert source.due_at <= now(session)


async def test_a_title_and_the_page_that_comes_later_meet_in_one_expression(desk: Desk) -> None:
    term = Term("both", expression="title:Huawei AND text:Nvidia")
    with desk.database.write() as session:
        watchlists.add_term(session, desk.watchlist, term, now=now(session))
    desk.add_source("a", host="a.example")
    world, url, page = World(), "https://a.example/a", "https://p.example/1"
    world.answers[url] = document("rss2.0")
    await poll(desk.database, world)
    world.answers[url] = document("rss2.0", FeedEntry("Huawei answers", page, None))
    world.answers[page] = FetchedPage(page, page, 200, ExtractedPage(None, "Nvidia waits"))
    await poll(desk.database, world)
    with desk.database.read() as session:
        rows = {row.term: row for row in watchlists.list_matches(session, desk.owner, limit=9)}
    assert {name: [hit.field for hit in row.hits] for name, row in rows.items()} == {
        "Huawei": ["title"],
        "both": ["title", "text"],
    }
    assert [row.terms for row in desk.listed()] == [("Huawei", "both")]


async def test_an_edit_that_comes_while_the_page_is_matched_has_the_places_of_its_own_words(
    desk: Desk,
) -> None:
    desk.add_source("map", host="a.example")
    world, url, page = World(), "https://a.example/map", "https://p.example/1"
    world.answers[url] = document("urlset")
    await poll(desk.database, world)
    world.answers[url] = document("urlset", FeedEntry("Huawei answers", page, None))
    world.answers[page] = FetchedPage(page, page, 200, ExtractedPage(None, "About Huawei"))
    once = iter([True])

    def edit_now(connection: object, cursor: object, statement: str, *_: object) -> None:
        # The look at what is stored is over, the transaction to come.
        if "FROM article JOIN source" in statement and "FOR UPDATE" not in statement and next(once, False):
            other = open_database(desk.database.engine.url.render_as_string(hide_password=False))
            with other.write() as session:
                session.execute(update(Article).values(title="Now Huawei answers"))
            other.dispose()

    event.listen(desk.database.engine, "after_cursor_execute", edit_now)
    await poll(desk.database, world)
    event.remove(desk.database.engine, "after_cursor_execute", edit_now)
    assert next(once, None) is None
    with desk.database.read() as session:
        (row,) = watchlists.list_matches(session, desk.owner, limit=9)
    assert [(h.field, row.texts[h.field][h.start : h.end]) for h in row.hits] == [
        ("title", "Huawei"),
        ("text", "Huawei"),
    ]


async def test_a_match_of_a_term_that_is_watched_no_more_keeps_what_its_title_said(desk: Desk) -> None:
    desk.add_source("map", host="a.example")
    world, url, page = World(), "https://a.example/map", "https://p.example/1"
    world.answers[url] = document("urlset")
    await poll(desk.database, world)
    world.answers[url] = document("urlset", FeedEntry("Huawei answers", page, None))
    world.answers[page] = FetchedPage(page, page, 200, ExtractedPage(None, "About Huawei"))

    async def before(asked: str) -> None:
        if asked == page:
            with desk.database.write() as session:
                watchlists.remove_term(session, desk.watchlist, "Huawei", now=now(session))

    world.before = before
    await poll(desk.database, world)
    with desk.database.read() as session:
        (row,) = watchlists.list_matches(session, desk.owner, limit=9)
    assert [(hit.field, hit.start) for hit in row.hits] == [("title", 0)]
