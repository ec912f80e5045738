"""A term that is added finds what was stored before it, and tells nobody."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import event

from marsad.types import ExtractedPage, Matched, PageOutcome, Term
from pipeline.backfill import match_stored
from storage import articles, deliveries, watchlists
from storage.database import Database, now, open_database
from storage.watchlists import MatchRow
from tests.storage.stored import NOW, Desk, article


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.at(database)


def store(desk: Desk, *titles: str) -> None:
    source = desk.add_source()
    desk.store(source, *(replace(article(str(n)), title=title) for n, title in enumerate(titles)))


def add(desk: Desk, *names: str) -> list[int]:
    with desk.database.write() as session:
        return [watchlists.add_term(session, desk.watchlist, Term(name), now=now(session)) for name in names]


def matches(desk: Desk) -> list[MatchRow]:
    with desk.database.read() as session:
        return watchlists.list_matches(session, desk.owner, limit=1000)


def found(desk: Desk) -> list[tuple[str, str]]:
    """Term and title of every match, newest first."""
    return [(row.term, row.title) for row in matches(desk)]


def test_what_is_stored_is_found_the_newest_on_top_and_nobody_is_told(desk: Desk) -> None:
    store(desk, "رقائق إنفيديا", "طقس معتدل", "هواوي تردّ على إنفيديا")
    channel = desk.add_channel("hook")
    with desk.database.write() as session:
        watchlists.subscribe(session, desk.watchlist, channel, include_existing=False, now=NOW)
    assert match_stored(desk.database, now, add(desk, "Nvidia", "Huawei")) == 2
    assert found(desk)[0][1] == "هواوي تردّ على إنفيديا"
    assert sorted(found(desk)) == [
        ("Huawei", "هواوي تردّ على إنفيديا"),
        ("Nvidia", "رقائق إنفيديا"),
        ("Nvidia", "هواوي تردّ على إنفيديا"),
    ]
    assert desk.listed() == []


def test_a_second_search_changes_nothing_and_counts_the_same(desk: Desk) -> None:
    store(desk, "رقائق إنفيديا")
    ids = add(desk, "Nvidia")
    assert match_stored(desk.database, now, ids) == 1
    before = matches(desk)
    assert match_stored(desk.database, now, ids) == 1
    assert matches(desk) == before


def test_only_the_newest_are_searched(desk: Desk) -> None:
    store(desk, *(f"إنفيديا {number}" for number in range(600)))
    assert match_stored(desk.database, now, add(desk, "Nvidia"), at_most=300) == 300
    assert {int(title.split()[1]) for _, title in found(desk)} == set(range(300, 600))


def test_summary_and_text_are_searched_with_the_places_of_their_hits(desk: Desk) -> None:
    source = desk.add_source()
    desk.store(source, replace(article("a"), title="عنوان", summary="عن هواوي", text="نصّ عن إنفيديا"))
    match_stored(desk.database, now, add(desk, "Nvidia", "Huawei"))
    places = {
        (row.term, hit.field, row.texts[hit.field][hit.start : hit.end])
        for row in matches(desk)
        for hit in row.hits
    }
    assert places == {("Nvidia", "text", "إنفيديا"), ("Huawei", "summary", "هواوي")}


def test_nothing_stored_and_nothing_asked_for_is_nothing_found(desk: Desk) -> None:
    assert match_stored(desk.database, now, add(desk, "Nvidia")) == 0
    store(desk, "رقائق إنفيديا")
    assert match_stored(desk.database, now, []) == 0


def test_a_term_that_was_removed_meanwhile_is_not_searched(desk: Desk) -> None:
    store(desk, "رقائق إنفيديا")
    ids = add(desk, "Nvidia")
    with desk.database.write() as session:
        watchlists.remove_term(session, desk.watchlist, "Nvidia", now=NOW)
    assert match_stored(desk.database, now, ids) == 0
    assert matches(desk) == []


def test_a_subscription_that_includes_what_exists_takes_them(desk: Desk) -> None:
    store(desk, "رقائق إنفيديا")
    match_stored(desk.database, now, add(desk, "Nvidia"))
    channel = desk.add_channel("hook")
    with desk.database.write() as session:
        assert deliveries.enqueue_existing(session, desk.watchlist, channel, now=NOW) == 1


def test_a_page_that_comes_between_the_look_and_the_storing_is_not_undone(desk: Desk) -> None:
    """Whoever is second finds the other's match, with the places of the newest text."""
    source = desk.add_source()
    desk.store(source, replace(article("a"), text="إنفيديا في النصّ القديم"))
    (nvidia,) = add(desk, "Nvidia")
    newer = "نصّ جديد أطول بكثير عن إنفيديا"
    once = iter([True])

    def read_the_page_now(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "FROM article" in statement and "WHERE article.id >" in statement and next(once, False):
            other = open_database(desk.database.engine.url.render_as_string(hide_password=False))
            outcome = PageOutcome(1, None, 1, ExtractedPage(None, newer), Matched())
            with other.write() as session:
                articles.apply_page(session, outcome, now=now(session))
            other.dispose()

    event.listen(desk.database.engine, "after_cursor_execute", read_the_page_now)
    assert match_stored(desk.database, now, [nvidia]) == 1
    event.remove(desk.database.engine, "after_cursor_execute", read_the_page_now)
    assert next(once, None) is None
    [row] = matches(desk)
    assert [newer[hit.start : hit.end] for hit in row.hits if hit.field == "text"] == ["إنفيديا"]


def test_searches_at_the_same_time_store_each_match_once(desk: Desk) -> None:
    store(desk, *(f"إنفيديا {number}" for number in range(400)))
    ids = add(desk, "Nvidia")
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(match_stored(desk.database, now, ids)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert counts == [400, 400, 400]
    assert len(matches(desk)) == 400
