"""Poll and Deliver on a real database: one thing that hangs or breaks holds up nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event

from marsad.errors import TransportError
from marsad.types import (
    Alert,
    ChannelKind,
    ChannelTarget,
    ExtractedPage,
    FeedEntry,
    FetchedFeed,
    FetchedPage,
    FetchFailure,
    FetchRequest,
    FetchResult,
    Grade,
    Receipt,
    Validators,
)
from pipeline.deliver import Deliver, DeliverSummary
from pipeline.leases import DeliveryLeases, HostLeases
from pipeline.poll import Poll, PollOptions, PollSummary
from pipeline.watching import LiveWatchSet
from storage import articles, hosts, sources, watchlists, workers
from storage.database import Database, now, open_database
from tests.storage.stored import Desk, article

WILD = "\x00\ud800 هواوي"


class Web:
    """What each address answers; an address that is not listed hangs until the test ends."""

    def __init__(self, answers: dict[str, Callable[[str], FetchResult]]) -> None:
        self.answers = answers
        self.fetched: asyncio.Queue[str] = asyncio.Queue()

    async def fetch(self, request: FetchRequest) -> FetchResult:
        self.fetched.put_nowait(request.url)
        if request.url not in self.answers:
            await asyncio.Event().wait()
        return self.answers[request.url](request.url)


class Desktop:
    """A notifier that fails as its alert's title says."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def notify(self, alert: Alert, target: ChannelTarget) -> Receipt:
        self.told.append(alert.delivery_id)
        match len(self.told):
            case 1:
                raise ZeroDivisionError
            case 2:
                raise TransportError("It is away.", retry_after=3600)
            case _:
                return Receipt("HTTP 204")


def feed(*entries: FeedEntry) -> Callable[[str], FetchResult]:
    return lambda url: FetchedFeed(url, url, 200, "rss2.0", WILD, entries, Validators(WILD, WILD), "whole")


def entry(identity: str) -> FeedEntry:
    return FeedEntry(f"خبر عن {WILD}", None, identity, summary=WILD, author=WILD)


def a_page(url: str) -> FetchResult:
    return FetchedPage(url, url, 200, ExtractedPage(None, ""))


async def poll(database: Database, web: Web) -> PollSummary:
    options = PollOptions(host_delay=timedelta(0))
    with workers.working(database) as worker:
        leases = HostLeases(database, worker=worker, clock=now)
        watches = LiveWatchSet(database)
        return await Poll(database, web, leases=leases, watches=watches, clock=now, options=options).run()


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.at(database, "Huawei")


async def test_wild_strings_are_stored_and_seen_again(desk: Desk) -> None:
    source = desk.add_source("a", host="a.example")
    entries = (entry(WILD), entry("م" * 5_000), entry("\U0001f600" * 5_000))
    web = Web({"https://a.example/a": feed(*entries)})
    first = await poll(desk.database, web)
    assert (first.new_articles, first.matches, first.failed) == (3, 3, 0)
    with desk.database.write() as session:
        sources.make_all_due(session, now=now(session))
    again = await poll(desk.database, web)
    assert (again.polled, again.new_articles, again.matches) == (1, 0, 0)
    with desk.database.read() as session:
        assert sources.find_source(session, "a").request.validators == Validators()
        assert articles.find_known(session, source, [" هواوي"]) == {}
        assert len(watchlists.list_matches(session, desk.owner, limit=10)) == 3


async def test_an_answer_that_breaks_our_code_is_a_failure_of_its_source_only(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.add_source("a", host="a.example")
    desk.add_source("b", host="a.example")
    web = Web({"https://a.example/a": a_page, "https://a.example/b": feed(entry("1"))})
    with caplog.at_level(logging.ERROR):
        summary = await poll(desk.database, web)
    assert (summary.polled, summary.failed, summary.new_articles) == (2, 1, 1)
    (reason,) = summary.problems
    assert "https://a.example/a" in reason
    assert "the log has the cause" in reason
    assert_one_cause_is_logged(caplog)


async def test_a_server_that_hangs_keeps_no_other_waiting(desk: Desk) -> None:
    desk.add_source("a", host="hangs.example")
    web = Web({"https://b.example/b": feed(entry("1"))})
    polling = asyncio.create_task(poll(desk.database, web))
    assert await web.fetched.get() == "https://hangs.example/a"
    # Due only now, while the other one is still being waited for.
    desk.add_source("b", host="b.example")
    async with asyncio.timeout(20):
        assert await web.fetched.get() == "https://b.example/b"
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)


async def test_a_delivery_that_breaks_our_code_is_parked_and_the_others_go_out(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.add_channel("hook")
    source = desk.add_source()
    desk.store(source, *(article(name, desk.matched("Huawei", tell=["hook"])) for name in "abc"))
    notifier = Desktop()
    notifiers = {ChannelKind.WEBHOOK: notifier}
    with caplog.at_level(logging.ERROR), workers.working(desk.database) as worker:
        leases = DeliveryLeases(desk.database, worker=worker, clock=now, kinds=tuple(notifiers))
        summary = await Deliver(desk.database, notifiers, leases=leases, clock=now, at_once=1).run()
    assert summary == DeliverSummary(sent=1, retried=1, failed=1)
    states = {row.id: (row.state, row.attempts, row.last_error) for row in desk.listed()}
    broken, away, sent = notifier.told
    assert states[broken][:2] == ("parked", 1)
    assert states[away] == ("pending", 1, "It is away.")
    assert states[sent] == ("sent", 1, None)
    assert_one_cause_is_logged(caplog)


def assert_one_cause_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    ours = [record for record in caplog.records if record.name.startswith("pipeline.")]
    assert [record.exc_info is not None for record in ours] == [True]


async def test_a_host_that_asks_for_rest_is_left_alone_with_all_that_is_due_on_it(desk: Desk) -> None:
    for name in "abc":
        desk.add_source(name, host="a.example")
    busy = FetchFailure("u", "u", 429, Grade.TEMPORARY, "It asks for rest.", retry_after=3600)
    web = Web({f"https://a.example/{name}": lambda url: busy for name in "abc"})
    assert (await poll(desk.database, web)).polled == 1
    assert (await poll(desk.database, web)).polled == 0
    with desk.database.read() as session:
        free_at = hosts.next_free(session, now=now(session))
        assert free_at is not None
        assert free_at - now(session) > timedelta(minutes=59)


async def test_a_subscription_made_while_an_article_is_matched_is_told_of_it(desk: Desk) -> None:
    desk.add_source("a", host="a.example")
    web = Web({"https://a.example/a": feed()})
    await poll(desk.database, web)
    channel = desk.add_channel("hook")
    once = iter([True])

    def subscribe_now(connection: object, cursor: object, statement: str, *_: object) -> None:
        # The plan's look at the subscriptions is over, its transaction to come.
        if "FROM subscription" in statement and "ORDER BY" in statement and next(once, False):
            other = open_database(desk.database.engine.url.render_as_string(hide_password=False))
            with other.write() as session:
                watchlists.subscribe(
                    session, desk.watchlist, channel, include_existing=False, now=now(session)
                )
            other.dispose()

    event.listen(desk.database.engine, "after_cursor_execute", subscribe_now)
    web.answers["https://a.example/a"] = feed(entry("1"))
    with desk.database.write() as session:
        sources.make_all_due(session, now=now(session))
    assert (await poll(desk.database, web)).matches == 1
    event.remove(desk.database.engine, "after_cursor_execute", subscribe_now)
    assert next(once, None) is None
    assert [row.channel for row in desk.listed()] == ["hook"]
