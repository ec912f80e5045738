"""What a poll changes: new articles, edits, first polls, failures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.types import (
    ArticleTexts,
    ExtractedPage,
    FeedEntry,
    FeedOutcome,
    FetchedPage,
    FetchResult,
    Grade,
    KnownArticle,
    NotModified,
    PlannedDelivery,
    Validators,
)
from pipeline.identity import identities_of
from pipeline.ingest import FULL_TEXT, PAGES_OF_A_BACK_LIST, find_edited, plan_feed
from pipeline.matches import Watching
from tests.pipeline.values import NOW, URL, entry, failure, feed_work, fetched, watching

TELLS_3 = watching((1, 3, False))


def plan(
    result: FetchResult,
    *,
    known: dict[str, KnownArticle] | None = None,
    watches: Watching = TELLS_3,
    texts: dict[int, ArticleTexts] | None = None,
    first: bool = False,
    failures: int = 0,
) -> FeedOutcome:
    work = feed_work(first=first, failures=failures)
    return plan_feed(work, result, known=known or {}, texts=texts or {}, watching=watches, now=NOW)


def deliveries(outcome: FeedOutcome) -> list[PlannedDelivery]:
    return [delivery for article in outcome.articles for delivery in article.matched.deliveries]


def test_a_new_article_is_matched_and_told() -> None:
    outcome = plan(fetched(entry("رقائق إنفيديا", summary="وهواوي أيضًا")))
    (article,) = outcome.articles
    assert {m.watch_term_id for m in article.matched.matches} == {11, 12, 21}
    assert deliveries(outcome) == [PlannedDelivery(3, (11, 12))]
    assert (article.quiet, article.page_host) == (False, "news.example")
    assert (outcome.succeeded, outcome.failures, outcome.detail) == (True, 0, "1 items, 1 of them new.")


def test_a_first_poll_matches_and_tells_nobody() -> None:
    outcome = plan(fetched(entry("رقائق إنفيديا")), first=True)
    (article,) = outcome.articles
    assert {m.watch_term_id for m in article.matched.matches} == {11, 21}
    assert article.quiet
    assert deliveries(outcome) == []


def test_a_first_poll_tells_who_asked_for_what_exists() -> None:
    watches = watching((1, 3, False), (1, 4, True), (2, 4, False))
    outcome = plan(fetched(entry("رقائق إنفيديا")), first=True, watches=watches)
    assert deliveries(outcome) == [PlannedDelivery(4, (11,))]


def test_overlapping_subscriptions_name_a_channel_once() -> None:
    outcome = plan(
        fetched(entry("إنفيديا وهواوي")), watches=watching((1, 3, False), (2, 3, False), (2, 4, False))
    )
    assert deliveries(outcome) == [PlannedDelivery(3, (11, 12, 21)), PlannedDelivery(4, (21,))]


def stored(title: str, content_hash: str) -> KnownArticle:
    return KnownArticle(1, title, "https://news.example/a", content_hash, frozenset({11, 21}))


def test_what_is_known_and_unchanged_is_left_alone() -> None:
    first = plan(fetched(entry("رقائق إنفيديا")))
    known = {"a": stored("رقائق إنفيديا", first.articles[0].content_hash)}
    assert plan(fetched(entry("رقائق إنفيديا")), known=known).articles == ()


def test_an_edit_is_matched_again_and_tells_only_the_new_terms() -> None:
    known = {"a": stored("رقائق إنفيديا", "what it said before")}
    outcome = plan(fetched(entry("إنفيديا وهواوي")), known=known)
    (article,) = outcome.articles
    assert (article.article_id, article.page_host) == (1, None)
    assert {m.watch_term_id for m in article.matched.matches} == {11, 12, 21}
    assert deliveries(outcome) == [PlannedDelivery(3, (12,))]


def test_an_edit_is_matched_together_with_the_text_that_is_stored() -> None:
    known = {"a": stored("رقائق إنفيديا", "what it said before")}
    feed = fetched(entry("خبر آخر"), entry("جديد", id="b"))
    assert find_edited(feed, known) == {1}
    before = ArticleTexts(1, {"title": "رقائق إنفيديا", "summary": "", "text": "نصّ عن هواوي"})
    outcome = plan(feed, known=known, texts={1: before})
    (edited,) = (article for article in outcome.articles if article.article_id == 1)
    assert edited.text is None
    assert edited.matched.fields == ("title", "summary", "text")
    assert {(m.watch_term_id, hit.field) for m in edited.matched.matches for hit in m.hits} == {(12, "text")}


def test_the_same_identity_twice_is_one_article_as_the_newest_entry_says() -> None:
    outcome = plan(fetched(entry("هواوي، محدّث"), entry("هواوي")))
    assert [article.title for article in outcome.articles] == ["هواوي، محدّث"]


def test_an_entry_without_id_is_known_by_its_link_and_then_by_its_title() -> None:
    by_link = FeedEntry("عنوان", "https://news.example/1", None)
    assert identities_of(by_link) == ("https://news.example/1",)
    assert identities_of(FeedEntry("عنوان", None, "")) == identities_of(FeedEntry("عنوان", None, None))
    assert identities_of(FeedEntry("عنوان", None, None)) != identities_of(FeedEntry("عنوان آخر", None, None))


def test_long_ids_stay_apart_and_fit_into_a_key() -> None:
    long = [identities_of(entry("x", id="م" * 5_000 + end))[0] for end in "12"]
    assert len(set(long)) == 2
    assert max(len(each.encode()) for each in long) < 2_000


@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=40))
def test_whatever_a_feed_holds_can_be_stored(wild: str, other: str) -> None:
    dirty = f"{wild}\x00\ud800{other}"
    feed = fetched(FeedEntry(dirty, dirty, dirty, summary=dirty, content=dirty, author=dirty))
    outcome = plan(replace(feed, title=dirty, validators=Validators(dirty, "Sun, 22 Nov 2026 09:00:00 GMT")))
    (article,) = outcome.articles
    assert outcome.validators == Validators(None, "Sun, 22 Nov 2026 09:00:00 GMT")
    texts = (
        outcome.title,
        article.identities[0],
        article.url,
        article.title,
        article.summary,
        article.author,
    )
    for text in texts:
        assert text is not None
        assert "\x00" not in text
        text.encode("utf-8")


def test_a_feed_that_carries_the_full_text_needs_no_page() -> None:
    body = "جملة عن هواوي. " * (FULL_TEXT // 10)
    outcome = plan(fetched(replace(entry("عنوان"), content=body)))
    (article,) = outcome.articles
    assert (article.text, article.page_host) == (body, None)
    assert {hit.field for m in article.matched.matches for hit in m.hits} == {"summary", "text"}


@pytest.mark.parametrize("link", [None, "mailto:desk@news.example", "https://user:pass@news.example/1"])
def test_an_entry_without_a_usable_link_needs_no_page(link: str | None) -> None:
    outcome = plan(fetched(replace(entry("هواوي"), link=link)))
    assert [article.page_host for article in outcome.articles] == [None]


def test_a_304_keeps_the_validators_and_ends_the_failures() -> None:
    outcome = plan(NotModified(URL, URL, 304), failures=4)
    assert (outcome.outcome, outcome.failures, outcome.succeeded) == ("unchanged", 0, True)
    assert (outcome.validators, outcome.body_hash, outcome.articles) == (None, None, ())


def test_a_failure_keeps_the_validators_and_says_why() -> None:
    outcome = plan(failure(retry_after=7200), failures=2)
    assert (outcome.succeeded, outcome.paused, outcome.failures) == (False, False, 3)
    assert (outcome.validators, outcome.body_hash) == (None, None)
    assert outcome.detail == f"{URL} is away."
    assert outcome.due_at == NOW + timedelta(hours=2)


def test_410_pauses_the_source_and_says_so() -> None:
    outcome = plan(failure(Grade.HARD, status=410))
    assert outcome.paused
    assert outcome.detail.endswith("Polling is paused.")


@pytest.mark.parametrize("status", [404, 403, 500, None])
def test_no_other_failure_pauses_a_source(status: int | None) -> None:
    assert not plan(failure(Grade.HARD, status=status)).paused


def test_a_page_in_the_place_of_a_feed_is_a_fault_of_ours() -> None:
    with pytest.raises(TypeError):
        plan(FetchedPage(URL, URL, 200, ExtractedPage(None, "")))


def test_a_feed_that_was_cut_off_does_not_end_the_quiet_of_a_first_poll() -> None:
    assert plan(fetched(entry("هواوي")), first=True).complete
    assert not plan(replace(fetched(entry("هواوي")), body_hash=None), first=True).complete


def test_of_a_long_back_list_only_the_newest_pages_are_read() -> None:
    """A sitemap names thousands of addresses, in any order."""
    count = PAGES_OF_A_BACK_LIST + 50
    dated = [
        replace(entry("", id=str(n)), updated=NOW - timedelta(days=(n * 7) % count)) for n in range(count)
    ]
    outcome = plan(fetched(*dated), first=True)
    read = {a.published for a in outcome.articles if a.page_host is not None}
    assert len(outcome.articles) == count
    assert read == {NOW - timedelta(days=n) for n in range(PAGES_OF_A_BACK_LIST)}
    undated = plan(fetched(*(entry("", id=str(n)) for n in range(count))), first=True)
    assert [a.identities[0] for a in undated.articles if a.page_host is None] == [
        str(n) for n in range(count - 1, PAGES_OF_A_BACK_LIST - 1, -1)
    ]


def test_of_a_later_poll_every_new_page_is_read() -> None:
    outcome = plan(fetched(*(entry("", id=str(n)) for n in range(PAGES_OF_A_BACK_LIST + 1))))
    assert all(article.page_host for article in outcome.articles)


def test_a_title_that_came_from_the_page_outlives_an_edit_without_one() -> None:
    known = {"a": KnownArticle(1, "هواوي تردّ", "https://news.example/a", "before", frozenset({12}))}
    outcome = plan(fetched(entry("", summary="ملخّص جديد")), known=known)
    (article,) = outcome.articles
    assert article.title == "هواوي تردّ"
    assert {m.watch_term_id for m in article.matched.matches} == {12}


def test_an_untitled_item_with_a_new_id_is_the_item_of_its_link() -> None:
    known = {"https://news.example/b": KnownArticle(1, "هواوي", "https://news.example/b", "h", frozenset())}
    outcome = plan(fetched(entry("", id="b")), known=known)
    assert [article.article_id for article in outcome.articles] == [1]
