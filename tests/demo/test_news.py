"""The invented news: enough of them, written well enough, and what the matcher finds in them."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import pairwise

import pytest

from demo.newsroom import House, Item, load_news
from marsad.types import Hit, Term
from matching.matcher import Matcher, compile_matcher
from pipeline.ingest import FULL_TEXT
from pipeline.starter import NAMES
from spiders.extract import MIN_WORDS
from tests.demo.gold import COPIES, HARD_CASES, MENTIONS, MENTIONS_ONCE_EDITED, TERMS, HardCase

HOUSES = load_news()
ITEMS = {item.slug: (house, item) for house in HOUSES for item in house.items}
_ARABIC = re.compile("[\u0621-\u064a]")


@cache
def matcher() -> Matcher:
    return compile_matcher([Term(name) for name in TERMS])


def whole(item: Item, *, edited: bool = False) -> str:
    """Everything that a reader is shown of an item."""
    title, summary, body = item.title, item.summary, item.body
    if edited and item.edit is not None:
        title, summary, body = (
            item.edit.title or title,
            item.edit.summary or summary,
            item.edit.body or body,
        )
    return f"{title}\n\n{summary}\n\n{body}"


def mentioned(text: str) -> set[str]:
    return {hit.term.name for hit in matcher().find(text)}


def test_there_are_five_houses_and_no_two_tell_their_news_alike() -> None:
    assert sorted(house.format for house in HOUSES) == ["atom", "json", "listing", "rss", "sitemap"]


def test_there_are_enough_items_and_no_two_share_an_address() -> None:
    slugs = [item.slug for house in HOUSES for item in house.items]
    assert len(slugs) >= 40
    assert max(Counter(slugs).values()) == 1


def test_every_house_has_news_at_the_start_and_news_that_come() -> None:
    for house in HOUSES:
        assert sum(item.before is not None for item in house.items) >= 3
        assert sum(item.after is not None for item in house.items) >= 3


def test_something_new_comes_within_ten_seconds_and_later_at_least_every_minute() -> None:
    coming = sorted(item.after for _, item in ITEMS.values() if item.after is not None)
    assert coming[0] <= 10
    assert all(later - earlier <= 60 for earlier, later in pairwise(coming))


@pytest.mark.parametrize(("house", "item"), ITEMS.values(), ids=ITEMS)
def test_an_item_is_written_whole(house: House, item: Item) -> None:
    assert re.fullmatch(r"[a-z][a-z-]+", item.slug)
    for line in (item.title, item.summary):
        assert line == line.strip()
        assert "\n" not in line
    assert len(_ARABIC.findall(item.title)) >= 15 or house.format != "rss"
    assert len(re.findall(r"\w+", item.body)) >= MIN_WORDS
    assert all(paragraph.strip() for paragraph in item.body.split("\n\n"))
    if house.format in ("atom", "json"):
        # Their feeds carry the full texts; shorter ones would be taken for summaries.
        assert len(item.body) >= FULL_TEXT


def test_the_gold_knows_every_item() -> None:
    assert set(MENTIONS) == set(ITEMS)
    assert set(NAMES) <= set(TERMS)
    assert set(MENTIONS_ONCE_EDITED) == {slug for slug, (_, item) in ITEMS.items() if item.edit}


@pytest.mark.parametrize("slug", ITEMS)
def test_the_matcher_finds_what_an_item_mentions_and_nothing_else(slug: str) -> None:
    item = ITEMS[slug][1]
    assert mentioned(whole(item)) == MENTIONS[slug]
    assert mentioned(whole(item, edited=True)) == MENTIONS_ONCE_EDITED.get(slug, MENTIONS[slug])


@pytest.mark.parametrize("case", HARD_CASES, ids=lambda case: f"{case.why}: {case.slug}")
def test_a_hard_case_is_there_and_is_read_right(case: HardCase) -> None:
    text = whole(ITEMS[case.slug][1])
    starts = [place.start() for place in re.finditer(re.escape(case.written), text)]
    assert starts
    for start in starts:
        inside = [hit for hit in matcher().find(text) if _within(hit, start, start + len(case.written))]
        found = [hit.spelling for hit in inside if hit.term.name == case.term]
        assert found == ([case.found] if case.found is not None else [])


def _within(hit: Hit, start: int, end: int) -> bool:
    return start <= hit.start and hit.end <= end


@pytest.mark.parametrize(("first", "second"), COPIES)
def test_a_wire_story_is_printed_by_two_houses_in_two_spellings(first: str, second: str) -> None:
    (house, one), (other_house, other) = ITEMS[first], ITEMS[second]
    assert house != other_house
    assert MENTIONS[first] == MENTIONS[second]
    assert "سهم" in one.summary
    assert "سهم" in other.summary
    spelled, otherwise = ({hit.spelling for hit in matcher().find(whole(item))} for item in (one, other))
    assert spelled.isdisjoint(otherwise)


def test_an_edit_brings_a_match_that_was_not_there() -> None:
    for slug, after in MENTIONS_ONCE_EDITED.items():
        assert (after - MENTIONS[slug]) & set(NAMES)
