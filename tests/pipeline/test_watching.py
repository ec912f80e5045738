"""What a process looks for is compiled aside and swapped in; a bad term keeps no other from being found."""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import replace

import pytest
from sqlalchemy import event, update

from marsad.errors import DatabaseUnreachable
from marsad.types import ActiveSubscription, FieldName, Term, WatchedTerm
from pipeline.matches import Watching
from pipeline.watching import LiveWatchSet
from storage import watchlists
from storage.database import Database, now, open_database
from storage.models import WatchTerm
from tests.storage.stored import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.at(database, "Huawei")


def add(desk: Desk, *names: str, watchlist: str = "main") -> None:
    with desk.database.write() as session:
        made = watchlists.ensure_watchlist(session, desk.owner, watchlist, now=now(session))
        for name in names:
            watchlists.add_term(session, made, Term(name), now=now(session))


def found(watching: Watching, text: str) -> list[tuple[FieldName, str]]:
    return [(each.field, each.hit.term.name) for each in watching.find({"title": text}, "newsroom")]


def test_what_was_compiled_goes_on_until_what_is_newer_is_ready(desk: Desk) -> None:
    live = LiveWatchSet(desk.database)
    before = live.current()
    add(desk, "Nvidia")
    assert live.current() is before
    assert found(before, "Huawei, Nvidia") == [("title", "Huawei")]
    after = live.refresh()
    assert live.current() is after
    assert found(after, "Huawei, Nvidia") == [("title", "Huawei"), ("title", "Nvidia")]
    assert after.version == (before.version or 0) + 1
    assert live.refresh() is after


def test_a_term_added_while_another_is_compiled_is_left_to_the_next_time(desk: Desk) -> None:
    live = LiveWatchSet(desk.database)
    once = iter([True])

    def add_now(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "FROM watch_term" in statement and next(once, False):
            other = Desk(desk.database, desk.owner, desk.watchlist)
            thread = threading.Thread(target=add, args=(other, "Nvidia"))
            thread.start()
            thread.join(30)

    event.listen(desk.database.engine, "after_cursor_execute", add_now)
    first = live.refresh()
    event.remove(desk.database.engine, "after_cursor_execute", add_now)
    second = live.refresh()
    assert (found(first, "Nvidia"), found(second, "Nvidia")) == ([], [("title", "Nvidia")])
    assert (second.version or 0) > (first.version or 0)


def test_who_watches_may_change_without_compiling_anything(desk: Desk) -> None:
    live = LiveWatchSet(desk.database)
    before = live.refresh()
    add(desk, "Huawei", watchlist="second")
    after = live.refresh()
    assert after.find is before.find
    assert after.version != before.version
    assert [len(each) for each in after.watched.values()] == [2]


def test_a_stored_term_that_cannot_be_looked_for_is_left_out_and_named_by_its_number(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    add(desk, "Nvidia", "Intel")
    with desk.database.write() as session:
        session.execute(update(WatchTerm).where(WatchTerm.name == "Nvidia").values(name="!", spellings=None))
        bad = session.query(WatchTerm.id).filter(WatchTerm.name == "!").scalar()
    with caplog.at_level(logging.WARNING):
        watching = LiveWatchSet(desk.database).refresh()
    assert found(watching, "Huawei! Intel!") == [("title", "Huawei"), ("title", "Intel")]
    (record,) = caplog.records
    assert record.__dict__["terms"] == [bad]


def test_a_term_that_cannot_be_looked_for_is_named_once_and_not_at_every_change(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    add(desk, "Nvidia")
    with desk.database.write() as session:
        session.execute(update(WatchTerm).where(WatchTerm.name == "Nvidia").values(name="!"))
    live = LiveWatchSet(desk.database)
    with caplog.at_level(logging.WARNING):
        live.refresh()
        add(desk, "Intel")
        assert found(live.refresh(), "Intel!") == [("title", "Intel")]
    assert len(caplog.records) == 1


def test_subscriptions_are_those_of_the_transaction(desk: Desk) -> None:
    live = LiveWatchSet(desk.database)
    hook = desk.add_channel("hook")
    with desk.database.write() as session:
        assert live.subscriptions(session, watchlists.read_version(session)) == ()
        watchlists.subscribe(session, desk.watchlist, hook, include_existing=False, now=now(session))
    with desk.database.read() as session:
        subscribed = live.subscriptions(session, watchlists.read_version(session))
    assert subscribed == (ActiveSubscription(desk.watchlist, hook, False),)


def test_a_term_carries_its_sense_and_expression(desk: Desk) -> None:
    term = Term("both", expression="Huawei AND Nvidia", sense=False)
    with desk.database.write() as session:
        watchlists.add_term(session, desk.watchlist, term, now=now(session))
        (_, watched) = watchlists.read_watch_set(session).terms
        assert {row.term for row in watchlists.list_terms(session, desk.owner)} == {Term("Huawei"), term}
    assert replace(watched, id=0, version=0, since=0) == WatchedTerm(0, desk.watchlist, term)
    watching = LiveWatchSet(desk.database).refresh()
    assert ("title", "both") in found(watching, "Huawei and Nvidia")
    assert ("title", "both") not in found(watching, "Huawei and Intel")


class NeverReady(LiveWatchSet):
    """Compiles for ever."""

    def refresh(self) -> Watching:
        threading.Event().wait()
        raise AssertionError


async def test_who_waits_for_a_compile_can_be_cut_off(desk: Desk) -> None:
    live = NeverReady(desk.database)
    for waiting in (live.ready, live.refreshed):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await waiting()


async def test_an_error_of_a_compile_is_raised_where_it_is_waited_for(desk: Desk) -> None:
    desk.database.dispose()
    away = LiveWatchSet(open_database("postgresql://nobody@127.0.0.1:1/away"))
    for waiting in (away.ready, away.refreshed):
        with pytest.raises(DatabaseUnreachable):
            await waiting()


async def test_the_loop_answers_while_something_is_compiled(desk: Desk) -> None:
    add(desk, "Nvidia")
    live = LiveWatchSet(desk.database)
    compiling = asyncio.create_task(live.refreshed())
    turns = 0
    while not compiling.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 1
    await live.ready()
    assert await live.refreshed() is compiling.result() is live.current()
