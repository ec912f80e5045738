"""Small values for plans: a source's work, an entry, a watch set, a finder that looks for plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from marsad.types import (
    ActiveSubscription,
    ChannelKind,
    ChannelTarget,
    ClaimedDelivery,
    FeedEntry,
    FeedWork,
    FetchedFeed,
    FetchFailure,
    FetchRequest,
    Grade,
    Hit,
    StoredArticle,
    StoredMatch,
    Term,
    WatchedTerm,
    WatchSet,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
URL = "https://news.example/feed"
NVIDIA, HUAWEI = Term("إنفيديا"), Term("هواوي")


def watch_set(*subscriptions: tuple[int, int, bool]) -> WatchSet:
    """Watchlist 1 watches NVIDIA (11) and HUAWEI (12), watchlist 2 NVIDIA (21).

    A subscription is (watchlist, channel, include_existing).
    """
    terms = (WatchedTerm(11, 1, NVIDIA), WatchedTerm(12, 1, HUAWEI), WatchedTerm(21, 2, NVIDIA))
    return WatchSet(terms, tuple(ActiveSubscription(*each) for each in subscriptions))


def find_words(text: str) -> Sequence[Hit]:
    """Find the two names as they are written."""
    return [
        Hit(term, text.index(term.name), text.index(term.name) + len(term.name), term.name, "", "as typed")
        for term in (NVIDIA, HUAWEI)
        if term.name in text
    ]


def feed_work(*, first: bool = False, failures: int = 0) -> FeedWork:
    return FeedWork(7, FetchRequest(URL, "feed"), first, failures)


def fetched(*entries: FeedEntry) -> FetchedFeed:
    return FetchedFeed(URL, URL, 200, "rss2.0", "أخبار", entries, body_hash="whole")


def entry(title: str, *, id: str | None = "a", summary: str | None = None) -> FeedEntry:  # noqa: A002
    return FeedEntry(title=title, link=f"https://news.example/{id}", id=id, summary=summary)


def failure(
    grade: Grade = Grade.TEMPORARY, *, status: int | None = 503, retry_after: float | None = None
) -> FetchFailure:
    return FetchFailure(URL, URL, status, grade, f"{URL} is away.", retry_after)


def claimed(
    kind: ChannelKind = ChannelKind.WEBHOOK,
    *,
    attempts: int = 0,
    matches: tuple[StoredMatch, ...] = (),
) -> ClaimedDelivery:
    return ClaimedDelivery(
        id="msg_1",
        token="t",
        created=NOW,
        attempts=attempts,
        target=ChannelTarget(3, kind, "desk", "https://hook.example/"),
        article=StoredArticle(5, "newsroom", URL, "هواوي تردّ على إنفيديا", "ملخّص عن إنفيديا", "نصّ طويل", NOW),
        matches=matches,
    )
