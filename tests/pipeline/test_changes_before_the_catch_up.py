"""Between a save and the catch-up terms are edited, articles too, and matching breaks: no alert is lost."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event, text

from marsad.types import ExtractedPage, FeedEntry, FetchedPage, FieldHit, FieldName, Term
from pipeline.backfill import match_stored
from pipeline.catch_up import CatchUp
from pipeline.identity import find_identities
from pipeline.ingest import find_edited, plan_feed
from pipeline.leases import HostLeases
from pipeline.matches import Watching
from pipeline.poll import Poll, PollOptions
from pipeline.watching import LiveWatchSet
from storage import articles, texts, watchlists, workers
from storage.database import now
from tests.pipeline.test_catch_up import PATIENCE, Newsdesk, news, once
from tests.pipeline.test_poll_while_the_world_changes import World, desk, document
from tests.pipeline.values import entry, feed_work, fetched
from tests.storage.stored import Desk

__all__ = ["desk", "news"]


class Breaks(LiveWatchSet):
    """A process whose matcher has a fault: some articles break it."""

    word = ""
    """In the titles that do; all of them have the empty one."""

    def current(self) -> Watching:
        watching = super().current()

        def find(fields: Mapping[FieldName, str], source: str) -> Sequence[FieldHit]:
            if self.word in fields["title"]:
                raise ZeroDivisionError
            return watching.find(fields, source)

        return replace(watching, find=find)


class BreaksHere(Breaks):
    word = "breaks"


def edit(news: Newsdesk, title: str, *, first: bool = False, summary: str | None = None) -> None:
    """The source's edit of its first article, matched by what is compiled in this process."""
    work = replace(feed_work(first=first), source_id=news.source)
    feed = fetched(replace(entry(title, id="1", summary=summary), link=None))
    compiled = news.live.current()
    with news.desk.database.write() as session:
        watchlists.hold_watch_set(session)
        version = watchlists.read_version(session)
        watching = replace(compiled, subscriptions=news.live.subscriptions(session, version))
        known = articles.find_known(session, news.source, find_identities(feed.entries))
        stored = texts.read_texts(session, find_edited(feed, known))
        plan = plan_feed(work, feed, known=known, texts=stored, watching=watching, now=now(session))
        assert plan.articles[0].article_id is not None
        articles.apply_feed(session, plan, now=now(session), page_patience=PATIENCE)


def remove(news: Newsdesk, name: str) -> None:
    with news.desk.database.write() as session:
        watchlists.remove_term(session, news.desk.watchlist, name, now=now(session))


def marked(news: Newsdesk) -> list[str]:
    """The words that the hits of the only match lie on."""
    with news.desk.database.read() as session:
        (row,) = watchlists.list_matches(session, news.desk.owner, limit=9)
    return [row.title[hit.start : hit.end] for hit in row.hits]


# ---------------------------------------------------------------- terms that are edited


@pytest.mark.parametrize(
    "term",
    [
        Term("Nvidia", exclude=("Nvidia Mall",)),
        Term("Nvidia", sense=False),
        Term("Nvidia", spellings=("Nvidia", "Envidia")),
    ],
)
def test_a_new_term_that_is_edited_before_the_catch_up_is_told(news: Newsdesk, term: Term) -> None:
    news.publish("Nvidia before")
    news.add("Nvidia")
    news.publish("Nvidia since")
    news.change(term)
    news.catch_up()
    assert news.found() == once(("Nvidia before", "Nvidia"), ("Nvidia since", "Nvidia"))
    assert news.told() == once(("Nvidia since", "Nvidia"))


def test_an_old_term_that_is_edited_twice_before_the_catch_up_is_told(news: Newsdesk) -> None:
    news.change(Term("Huawei", exclude=("Huawei Mall",)))
    news.publish("Huawei since")
    news.change(Term("Huawei", exclude=("Huawei Mall", "Huawei Park")))
    news.catch_up()
    assert news.told() == once(("Huawei since", "Huawei"))


def test_a_term_that_came_back_and_is_edited_before_the_catch_up_is_told(news: Newsdesk) -> None:
    remove(news, "Huawei")
    news.publish("Huawei away")
    news.add("Huawei")
    news.publish("Huawei since")
    assert news.told() == once()
    news.change(Term("Huawei", sense=False))
    news.catch_up()
    assert news.told() == once(("Huawei since", "Huawei"))


def test_a_backfill_takes_no_alert_from_what_came_since(news: Newsdesk) -> None:
    ids = news.add("Nvidia")
    news.publish("Nvidia since")
    assert match_stored(news.desk.database, now, ids) == 0
    news.catch_up()
    assert news.told() == once(("Nvidia since", "Nvidia"))


# ---------------------------------------------------------------- articles that are edited


@pytest.mark.parametrize("compiled", [True, False])
def test_an_edit_of_a_back_list_article_is_told_whoever_matches_it(news: Newsdesk, compiled: bool) -> None:
    news.publish("quiet", first=True)
    news.add("Nvidia")
    if compiled:
        news.live.refresh()
    edit(news, "Nvidia now")
    news.catch_up()
    assert news.told() == once(("Nvidia now", "Nvidia"))


@pytest.mark.parametrize("compiled", [True, False])
def test_an_edit_by_a_first_poll_is_quiet_whoever_matches_it(news: Newsdesk, compiled: bool) -> None:
    news.publish("loud")
    news.add("Nvidia")
    if compiled:
        news.live.refresh()
    edit(news, "Nvidia now", first=True)
    news.catch_up()
    assert news.found() == once(("Nvidia now", "Nvidia"))
    assert news.told() == once()


def test_a_field_that_an_edit_leaves_as_it_is_has_each_hit_once(news: Newsdesk) -> None:
    news.publish("Huawei one")
    news.change(Term("Huawei", exclude=("Huawei Mall",)))
    edit(news, "Huawei one", summary="Nobody else")
    assert marked(news) == ["Huawei"]


def test_an_alert_of_an_edited_article_names_a_place_while_its_edited_term_is_compiled(
    news: Newsdesk,
) -> None:
    news.publish("Huawei one")
    news.change(Term("Huawei", exclude=("Huawei Mall",)))
    edit(news, "About Huawei one")
    (claimed,) = news.desk.claim(now=datetime.now(UTC) + timedelta(seconds=5))
    assert [(match.term, [hit.start for hit in match.hits]) for match in claimed.matches] == [("Huawei", [6])]
    news.catch_up()
    assert marked(news) == ["Huawei"]


# ---------------------------------------------------------------- articles that break the matching


async def test_an_article_that_breaks_its_matching_is_stored_and_keeps_none_of_its_feed_waiting(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    source = desk.add_source("a", host="a.example")
    world, url = World(), "https://a.example/a"
    world.answers[url] = document("rss2.0")
    await run(desk, world, LiveWatchSet(desk.database))
    world.answers[url] = document(
        "rss2.0", FeedEntry("Huawei breaks", None, "1"), FeedEntry("Huawei answers", None, "2")
    )
    with caplog.at_level(logging.ERROR):
        await run(desk, world, BreaksHere(desk.database))
    assert [record.__dict__["source"] for record in caplog.records] == [source]
    assert told(desk) == ["Huawei answers"]
    # The fault is mended in the next process.
    assert await CatchUp(desk.database, LiveWatchSet(desk.database), clock=now).run() == 1
    assert told(desk) == ["Huawei answers", "Huawei breaks"]


async def test_a_page_that_breaks_its_matching_is_found_by_the_next_process(desk: Desk) -> None:
    desk.add_source("a", host="a.example")
    world, url, page = World(), "https://a.example/a", "https://p.example/1"
    world.answers[url] = document("rss2.0")
    await run(desk, world, LiveWatchSet(desk.database))
    world.answers[url] = document("rss2.0", FeedEntry("Huawei answers", page, None))
    world.answers[page] = FetchedPage(page, page, 200, ExtractedPage(None, "Huawei waits"))
    await run(desk, world, Breaks(desk.database))
    assert told(desk) == []
    catch_up = CatchUp(desk.database, LiveWatchSet(desk.database), clock=now)
    assert (await catch_up.run(), await catch_up.run()) == (1, 0)
    with desk.database.read() as session:
        (row,) = watchlists.list_matches(session, desk.owner, limit=9)
    assert [hit.field for hit in row.hits] == ["title", "text"]
    assert told(desk) == ["Huawei answers"]


@pytest.fixture
def broken(news: Newsdesk) -> Newsdesk:
    """A process that matches nothing."""
    news.live = Breaks(news.desk.database)
    return news


def test_what_broke_is_told_by_the_catch_up_once(broken: Newsdesk) -> None:
    broken.publish("Huawei since")
    assert broken.told() == once()
    assert (broken.catch_up(), broken.catch_up()) == (1, 0)
    assert broken.told() == once(("Huawei since", "Huawei"))


def test_what_broke_is_told_of_terms_of_an_older_marsad(broken: Newsdesk) -> None:
    with broken.desk.database.write() as session:
        session.execute(text("UPDATE watch_term SET version = 0, since_version = 0"))
        session.execute(text("DELETE FROM watch_set"))
    broken.publish("Huawei since")
    broken.catch_up()
    assert broken.told() == once(("Huawei since", "Huawei"))


def test_what_broke_is_told_of_a_term_that_is_edited_meanwhile(broken: Newsdesk) -> None:
    broken.publish("Huawei since")
    broken.change(Term("Huawei", exclude=("Huawei Mall",)))
    broken.catch_up()
    assert broken.told() == once(("Huawei since", "Huawei"))


def test_a_first_poll_that_broke_stays_quiet(broken: Newsdesk) -> None:
    broken.publish("Huawei back list", first=True)
    broken.catch_up()
    assert broken.found() == once(("Huawei back list", "Huawei"))
    assert broken.told() == once()


@pytest.mark.parametrize(
    ("title", "marks"), [("About Huawei one", ["Huawei"]), ("Nobody one", [])], ids=["named", "named no more"]
)
def test_an_edit_that_breaks_its_matching_tells_no_match_again(
    news: Newsdesk, title: str, marks: list[str]
) -> None:
    news.publish("Huawei one")
    news.live = Breaks(news.desk.database)
    edit(news, title)
    news.catch_up()
    assert news.told() == once((title, "Huawei"))
    assert marked(news) == marks


def test_an_edit_that_breaks_its_matching_leaves_quiet_what_was_found_quietly(news: Newsdesk) -> None:
    news.publish("Nvidia one")
    news.add("Nvidia")
    news.catch_up()
    news.live = Breaks(news.desk.database)
    edit(news, "About Nvidia one")
    news.catch_up()
    assert news.told() == once()


# ---------------------------------------------------------------- what changes while a feed is matched


async def run(desk: Desk, world: World, live: LiveWatchSet) -> None:
    """Poll once, as the process that this is the watch set of."""
    with workers.working(desk.database) as worker:
        leases = HostLeases(desk.database, worker=worker, clock=now)
        options = PollOptions(host_delay=timedelta(0))
        poll = Poll(desk.database, world, leases=leases, watches=live, clock=now, options=options)
        await poll.run(everything=True)


def told(desk: Desk) -> list[str]:
    """The titles of the articles that there are deliveries of."""
    query = "SELECT a.title FROM delivery d JOIN article a ON a.id = d.article_id ORDER BY a.title"
    with desk.database.read() as session:
        return list(session.scalars(text(query)))


class Counts(LiveWatchSet):
    """Counts the articles that are matched, and lets something happen before the first."""

    matched = 0

    def change(self) -> None:
        """What happens then."""

    def current(self) -> Watching:
        watching = super().current()

        def find(fields: Mapping[FieldName, str], source: str) -> Sequence[FieldHit]:
            if not self.matched:
                self.change()
            self.matched += 1
            return watching.find(fields, source)

        return replace(watching, find=find)


async def test_a_term_that_comes_has_no_feed_matched_again_in_the_transaction(desk: Desk) -> None:
    desk.add_source("a", host="a.example")
    world, url = World(), "https://a.example/a"
    world.answers[url] = document("rss2.0")
    await run(desk, world, LiveWatchSet(desk.database))

    class Adds(Counts):
        def change(self) -> None:
            with desk.database.write() as session:
                watchlists.add_term(session, desk.watchlist, Term("answers"), now=now(session))

    entries = [FeedEntry(f"Huawei answers {n}", None, str(n)) for n in range(9)]
    world.answers[url] = document("rss2.0", *entries)
    live = Adds(desk.database)
    await run(desk, world, live)
    assert live.matched == 9
    assert await CatchUp(desk.database, live, clock=now).run() == 9
    assert [row.terms for row in desk.listed()] == [("Huawei", "answers")] * 9


async def test_a_subscription_that_comes_while_a_feed_is_matched_is_told(desk: Desk) -> None:
    desk.add_source("a", host="a.example")
    world, url = World(), "https://a.example/a"
    world.answers[url] = document("rss2.0")
    await run(desk, world, LiveWatchSet(desk.database))
    second = desk.add_channel("second")

    class Subscribes(Counts):
        def change(self) -> None:
            with desk.database.write() as session:
                at = now(session)
                watchlists.subscribe(session, desk.watchlist, second, include_existing=False, now=at)

    world.answers[url] = document("rss2.0", FeedEntry("Huawei answers", None, "1"))
    await run(desk, world, Subscribes(desk.database))
    assert sorted(row.channel for row in desk.listed()) == ["hook", "second"]


def test_no_transaction_of_the_catch_up_stores_more_than_fifty_articles(news: Newsdesk) -> None:
    news.add("Nvidia")
    news.publish(*(f"Nvidia since {n}" for n in range(120)))
    commits = []

    def count(connection: Connection) -> None:
        if connection.get_execution_options().get("marsad_writes"):
            commits.append(len(texts_behind()))

    def texts_behind() -> list[object]:
        with news.desk.database.read() as session:
            return list(texts.read_behind(session, version=1 << 60, after=0, limit=1000))

    event.listen(news.desk.database.engine, "commit", count)
    assert news.catch_up() == 120
    event.remove(news.desk.database.engine, "commit", count)
    # Counted before each of its commits takes effect.
    assert commits == [120, 70, 20]
