"""What an article's page changes: the matches in its text, or when to ask again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marsad.types import (
    ArticleTexts,
    ExtractedPage,
    FetchedPage,
    FetchRequest,
    FetchResult,
    Grade,
    NotModified,
    PageOutcome,
    PageWork,
    PlannedDelivery,
)
from pipeline.ingest import plan_page
from tests.pipeline.values import NOW, failure, watching

PAGE = "https://news.example/a"


def plan(
    result: FetchResult,
    *,
    known: frozenset[int] = frozenset(),
    quiet: bool = False,
    attempts: int = 0,
    title: str = "رقائق",
) -> PageOutcome:
    work = PageWork(9, 7, FetchRequest(PAGE, "page"), quiet, attempts)
    told = watching((1, 3, False), (2, 4, True))
    stored = ArticleTexts(9, {"title": title, "summary": "ملخّص", "text": ""}, source="newsroom")
    return plan_page(work, result, stored=stored, known_terms=known, watching=told, now=NOW)


def page(text: str) -> FetchedPage:
    return FetchedPage(PAGE, PAGE, 200, ExtractedPage("عنوان", text, None, "كاتب\x00", "ar"))


def test_the_text_tells_the_terms_that_the_summary_did_not() -> None:
    outcome = plan(page("نصّ عن إنفيديا وهواوي"), known=frozenset({11, 21}))
    assert outcome.due_at is None
    assert outcome.matched.fields == ("title", "summary", "text")
    assert {m.watch_term_id for m in outcome.matched.matches} == {11, 12, 21}
    assert outcome.matched.deliveries == (PlannedDelivery(3, (12,)),)
    assert outcome.matched.new == 1


def test_the_page_of_a_back_list_tells_only_who_asked_for_it() -> None:
    outcome = plan(page("نصّ عن إنفيديا"), quiet=True)
    assert outcome.matched.deliveries == (PlannedDelivery(4, (21,)),)


def test_a_pages_text_can_be_stored() -> None:
    outcome = plan(page("هواوي\x00 \ud800"))
    assert outcome.page is not None
    assert (outcome.page.text, outcome.page.author) == ("هواوي ?", "كاتب")


def test_a_page_that_is_away_is_asked_for_again() -> None:
    outcome = plan(failure(retry_after=3600), attempts=1)
    assert (outcome.due_at, outcome.attempts) == (NOW + timedelta(hours=1), 2)
    assert (outcome.page, outcome.matched.matches) == (None, ())


@pytest.mark.parametrize("result", [failure(Grade.SOFT, status=403), NotModified(PAGE, PAGE, 304)])
def test_a_page_that_refuses_leaves_the_result_of_the_summary(result: FetchResult) -> None:
    outcome = plan(result)
    assert (outcome.due_at, outcome.page) == (None, None)
    # No field was read, so the hits in title and summary stay.
    assert outcome.matched.fields == ()


def test_the_title_of_a_page_is_matched_where_the_source_gave_none() -> None:
    titled = FetchedPage(PAGE, PAGE, 200, ExtractedPage("هواوي\x00 تردّ", "نصّ عن إنفيديا"))
    outcome = plan(titled, title="")
    assert outcome.page is not None
    assert outcome.page.title == "هواوي تردّ"
    found = {(m.watch_term_id, hit.field) for m in outcome.matched.matches for hit in m.hits}
    assert found == {(12, "title"), (11, "text"), (21, "text")}
    # A title that the source gave stays.
    assert {hit.field for m in plan(titled).matched.matches for hit in m.hits} == {"text"}


def test_a_page_without_a_title_leaves_its_article_without_one() -> None:
    outcome = plan(FetchedPage(PAGE, PAGE, 200, ExtractedPage(None, "نصّ عن هواوي")), title="")
    assert outcome.page is not None
    assert outcome.page.title is None
    assert {hit.field for m in outcome.matched.matches for hit in m.hits} == {"text"}


def test_a_page_is_matched_together_with_the_title_that_is_stored() -> None:
    outcome = plan(page("نصّ عن إنفيديا"), title="هواوي تردّ")
    found = {(m.watch_term_id, hit.field) for m in outcome.matched.matches for hit in m.hits}
    assert found == {(12, "title"), (11, "text"), (21, "text")}
