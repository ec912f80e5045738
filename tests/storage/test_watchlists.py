"""Terms come and go, and their matches stay."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from marsad.errors import NameTaken, NameUnknown
from marsad.types import ActiveSubscription, Term
from storage import texts, watchlists
from storage.database import Database
from tests.storage.stored import NOW, Desk, article, seconds


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.at(database, "Huawei", "Nvidia")


def found(desk: Desk, **wanted: object) -> list[tuple[str, int]]:
    with desk.database.read() as session:
        rows = watchlists.list_matches(session, desk.owner, limit=100, **wanted)  # type: ignore[arg-type]
    return [(row.term, row.article_id) for row in rows]


def test_a_term_that_comes_back_has_its_matches_and_its_new_spellings(desk: Desk) -> None:
    desk.store(desk.add_source(), article("a", desk.matched("Huawei")))
    with desk.database.write() as session:
        watchlists.remove_term(session, desk.watchlist, "Huawei", now=NOW)
        assert [row.term.name for row in watchlists.list_terms(session, desk.owner)] == ["Nvidia"]
        assert [t.term.name for t in watchlists.read_watch_set(session).terms] == ["Nvidia"]
    assert found(desk) == [("Huawei", 1)]
    term = Term("Huawei", ("هواوي", "هاواوي"), ("هواوي مول",))
    with desk.database.write() as session:
        revived = watchlists.add_term(session, desk.watchlist, term, now=NOW)
        assert revived == desk.terms["Huawei"]
        (row, _) = watchlists.list_terms(session, desk.owner)
    assert (row.term, row.matches) == (term, 1)


def test_a_term_is_watched_once_in_a_list_and_may_be_in_several(desk: Desk) -> None:
    with pytest.raises(NameTaken, match="Huawei"), desk.database.write() as session:
        watchlists.add_term(session, desk.watchlist, Term("Huawei"), now=NOW)
    with desk.database.write() as session:
        second = watchlists.ensure_watchlist(session, desk.owner, "second", now=NOW)
        watchlists.add_term(session, second, Term("Huawei"), now=NOW)
        assert watchlists.ensure_watchlist(session, desk.owner, "second", now=NOW) == second
        assert len(watchlists.read_watch_set(session).terms) == 3


@pytest.mark.parametrize(
    ("first", "second"), [("OpenAI", "openai"), ("Élan", "éLAN"), ("شركة ARM", "شركة arm")]
)
def test_upper_and_lower_case_make_no_second_term(desk: Desk, first: str, second: str) -> None:
    with desk.database.write() as session:
        watchlists.add_term(session, desk.watchlist, Term(first), now=NOW)
    with pytest.raises(NameTaken, match=first), desk.database.write() as session:
        watchlists.add_term(session, desk.watchlist, Term(second), now=NOW)
    with desk.database.write() as session:
        watchlists.remove_term(session, desk.watchlist, first, now=NOW)
        watchlists.add_term(session, desk.watchlist, Term(second), now=NOW)


def test_what_is_not_there_is_named(desk: Desk) -> None:
    with pytest.raises(NameUnknown, match="Intel"), desk.database.write() as session:
        watchlists.remove_term(session, desk.watchlist, "Intel", now=NOW)
    with pytest.raises(NameUnknown, match="elsewhere"), desk.database.read() as session:
        watchlists.find_watchlist(session, desk.owner, "elsewhere")


def test_a_list_goes_to_a_channel_once(desk: Desk) -> None:
    hook = desk.add_channel("hook")
    with desk.database.write() as session:
        watchlists.subscribe(session, desk.watchlist, hook, include_existing=True, now=NOW)
    with pytest.raises(NameTaken, match=r"'main'.*'hook'"), desk.database.write() as session:
        watchlists.subscribe(session, desk.watchlist, hook, include_existing=False, now=NOW)
    with desk.database.read() as session:
        subscriptions = watchlists.read_watch_set(session).subscriptions
    assert subscriptions == (ActiveSubscription(desk.watchlist, hook, True),)


def test_quiet_matches_are_listed_and_nobody_is_told(desk: Desk) -> None:
    desk.add_channel("hook")
    desk.store(desk.add_source(), article("a", desk.matched("Huawei", "Nvidia"), quiet=True))
    assert found(desk) == [("Nvidia", 1), ("Huawei", 1)]
    assert desk.listed() == []


def test_matches_are_listed_newest_first_and_page_by_page(desk: Desk) -> None:
    source = desk.add_source()
    for number in range(5):
        desk.store(source, article(str(number), desk.matched("Huawei")), now=NOW + seconds(number // 2))
    assert found(desk) == [("Huawei", number) for number in (5, 4, 3, 2, 1)]
    with desk.database.read() as session:
        first = watchlists.list_matches(session, desk.owner, limit=2)
    assert [row.article_id for row in first] == [5, 4]
    assert found(desk, before=first[-1].id) == [("Huawei", number) for number in (3, 2, 1)]
    assert found(desk, term="Nvidia") == []


def test_an_edit_replaces_the_hits_of_the_fields_that_were_read(desk: Desk) -> None:
    source = desk.add_source()
    desk.store(source, article("a", desk.matched("Huawei"), page_host="pages.example"))
    desk.read_page(1, desk.matched("Huawei", where="text"))
    with desk.database.read() as session:
        (row,) = watchlists.list_matches(session, desk.owner, limit=10)
    assert [hit.field for hit in row.hits] == ["title", "text"]
    # An edit took the name out of the title.
    gone = desk.matched(where="title")
    desk.store(source, article("a", gone, article_id=1))
    with desk.database.read() as session:
        (row,) = watchlists.list_matches(session, desk.owner, limit=10)
    assert [hit.field for hit in row.hits] == ["text"]


def versions(desk: Desk) -> tuple[int, dict[str, int]]:
    """The watch set's version, and those of its terms."""
    with desk.database.read() as session:
        watches = watchlists.read_watch_set(session)
        assert watches.version == watchlists.read_version(session)
    return watches.version, {watched.term.name: watched.version for watched in watches.terms}


def test_every_change_of_what_is_watched_takes_the_next_version(desk: Desk) -> None:
    hook = desk.add_channel("hook")
    assert versions(desk) == (2, {"Huawei": 1, "Nvidia": 2})
    with desk.database.write() as session:
        watchlists.change_term(session, desk.watchlist, Term("Huawei", sense=False), now=NOW)
    assert versions(desk) == (3, {"Huawei": 3, "Nvidia": 2})
    with desk.database.write() as session:
        watchlists.remove_term(session, desk.watchlist, "Nvidia", now=NOW)
    assert versions(desk) == (4, {"Huawei": 3})
    with desk.database.write() as session:
        watchlists.add_term(session, desk.watchlist, Term("Nvidia"), now=NOW)
    assert versions(desk) == (5, {"Huawei": 3, "Nvidia": 5})
    with desk.database.write() as session:
        watchlists.subscribe(session, desk.watchlist, hook, include_existing=False, now=NOW)
    assert versions(desk)[0] == 6
    with desk.database.write() as session:
        watchlists.subscribe(session, desk.watchlist, hook, include_existing=True, now=NOW)
    assert versions(desk)[0] == 7
    with desk.database.write() as session:
        watchlists.unsubscribe(session, desk.watchlist, hook)
    assert versions(desk) == (8, {"Huawei": 3, "Nvidia": 5})


def test_a_term_keeps_the_version_of_its_adding_when_it_is_changed(desk: Desk) -> None:
    def since() -> dict[str, int]:
        with desk.database.read() as session:
            return {each.term.name: each.since for each in watchlists.read_watch_set(session).terms}

    with desk.database.write() as session:
        watchlists.change_term(session, desk.watchlist, Term("Huawei", sense=False), now=NOW)
    assert since() == {"Huawei": 1, "Nvidia": 2}
    with desk.database.write() as session:
        watchlists.remove_term(session, desk.watchlist, "Huawei", now=NOW)
        watchlists.add_term(session, desk.watchlist, Term("Huawei"), now=NOW)
    assert since() == {"Huawei": 5, "Nvidia": 2}


def test_a_change_that_changes_nothing_takes_no_version(desk: Desk) -> None:
    with desk.database.write() as session:
        watchlists.change_term(session, desk.watchlist, Term("Huawei"), now=NOW)
    assert versions(desk)[0] == 2


def test_a_change_that_fails_takes_no_version(desk: Desk) -> None:
    with pytest.raises(NameUnknown, match="Intel"), desk.database.write() as session:
        watchlists.change_term(session, desk.watchlist, Term("Intel"), now=NOW)
    with pytest.raises(NameTaken, match="Huawei"), desk.database.write() as session:
        watchlists.add_term(session, desk.watchlist, Term("Huawei"), now=NOW)
    assert versions(desk)[0] == 2


def test_a_term_is_looked_for_as_it_was_changed(desk: Desk) -> None:
    changed = Term("Huawei", ("هواوي",), ("هواوي مول",), sense=False, expression="Huawei AND Nvidia")
    with desk.database.write() as session:
        watchlists.change_term(session, desk.watchlist, changed, now=NOW)
    with desk.database.read() as session:
        assert watchlists.list_terms(session, desk.owner)[0].term == changed


def test_terms_added_at_the_same_time_take_versions_of_their_own(desk: Desk) -> None:
    names = [f"Name {number}" for number in range(20)]

    def add(name: str) -> None:
        with desk.database.write() as session:
            watchlists.add_term(session, desk.watchlist, Term(name), now=NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, names))
    assert versions(desk)[0] == 22
    assert sorted(versions(desk)[1].values()) == list(range(1, 23))


def test_an_article_records_what_was_watched_and_what_it_was_matched_with(desk: Desk) -> None:
    source = desk.add_source()
    old = replace(desk.matched("Huawei"), version=1)
    desk.store(source, article("a", old), article("b", desk.matched("Huawei")))
    with desk.database.read() as session:
        rows = texts.read_texts(session, [1, 2])
        behind = texts.read_behind(session, version=2, after=0, limit=9)
    assert [(row.watch_version, row.stored_version) for row in rows.values()] == [(1, 2), (2, 2)]
    assert [row.article_id for row in behind] == [1]


def test_a_match_of_a_term_that_changed_since_it_was_compiled_is_left_to_the_next_look(desk: Desk) -> None:
    source = desk.add_source()
    desk.store(source, article("a", replace(desk.matched("Huawei", "Nvidia"), version=1)))
    assert found(desk) == [("Huawei", 1)]
