"""Which entries are one item, and which stored article each speaks of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marsad.types import FeedEntry, KnownArticle
from pipeline.identity import find_identities, identify

A, B = "https://news.example/a", "https://news.example/b"


def stored(article_id: int, title: str, url: str | None) -> KnownArticle:
    return KnownArticle(article_id, title, url, "h", frozenset())


def articles(entries: list[FeedEntry], known: dict[str, KnownArticle]) -> list[tuple[str, int | None]]:
    return [(e.entry.title, e.stored.article_id if e.stored else None) for e in identify(entries, known)]


def test_an_id_that_all_items_share_tells_none_of_them_apart() -> None:
    entries = [FeedEntry("أول", A, "https://news.example/"), FeedEntry("ثان", B, "https://news.example/")]
    found = identify(entries, {})
    assert [each.identities for each in found] == [(A,), (B,)]


def test_a_link_that_all_items_share_tells_none_of_them_apart() -> None:
    entries = [FeedEntry("أول", A, "1"), FeedEntry("ثان", A, "2")]
    assert [each.identities for each in identify(entries, {})] == [("1",), ("2",)]


def test_an_id_that_is_new_at_every_request_finds_the_item_by_its_link() -> None:
    known = {"old": stored(1, "أول", A), A: stored(1, "أول", A)}
    assert articles([FeedEntry("أول", A, "new")], known) == [("أول", 1)]


def test_a_stored_id_with_another_link_and_title_is_a_new_item() -> None:
    known = {"1": stored(1, "أول", A), A: stored(1, "أول", A)}
    (found,) = identify([FeedEntry("ثان", B, "1")], known)
    assert (found.identities, found.stored) == ((B,), None)


def test_a_stored_id_without_a_title_is_the_item_that_its_page_named_whatever_its_link() -> None:
    known = {"1": stored(1, "عنوان الصفحة", A), A: stored(1, "عنوان الصفحة", A)}
    assert articles([FeedEntry("", B, "1")], known) == [("", 1)]


def test_a_stored_id_with_another_title_is_an_edit() -> None:
    known = {"1": stored(1, "أول", A), A: stored(1, "أول", A)}
    assert articles([FeedEntry("أول، محدّث", A, "1")], known) == [("أول، محدّث", 1)]


def test_a_new_id_and_title_under_a_stored_link_is_a_new_item() -> None:
    known = {"1": stored(1, "أول", A), A: stored(1, "أول", A)}
    (found,) = identify([FeedEntry("ثان", A, "2")], known)
    assert (found.identities, found.stored) == (("2",), None)


def test_the_same_item_twice_in_a_document_is_one() -> None:
    assert articles([FeedEntry("أول", A, "1"), FeedEntry("أول", A, "2")], {}) == [("أول", None)]


short = st.sampled_from(["1", "2", "3"])
entries = st.builds(
    FeedEntry, st.sampled_from(["أ", "ب", "ج"]), st.none() | st.sampled_from([A, B]), st.none() | short
)


@given(st.lists(entries, max_size=8))
def test_what_was_stored_once_is_found_again(listed: list[FeedEntry]) -> None:
    """Stored as storage does it, first come first served, the same document brings nothing new."""
    known: dict[str, KnownArticle] = {}
    for number, found in enumerate(identify(listed, {})):
        article = stored(number, found.entry.title, found.entry.link)
        for identity in found.identities:
            known.setdefault(identity, article)
    again = identify(listed, {key: known[key] for key in find_identities(listed) if key in known})
    assert [each.stored is not None for each in again] == [True] * len(again)
