"""Small values for plans: a source's work, an entry, a watch set, a finder that looks for plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    FieldHit,
    FieldName,
    Grade,
    Hit,
    StoredArticle,
    StoredMatch,
    Term,
    WatchedTerm,
)
from pipeline.matches import Watching, by_term

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
URL = "https://news.example/feed"
NVIDIA, HUAWEI = Term("إنفيديا"), Term("هواوي")


def watching(*subscriptions: tuple[int, int, bool]) -> Watching:
    """Watchlist 1 watches NVIDIA (11) and HUAWEI (12), watchlist 2 NVIDIA (21).

    A subscription is (watchlist, channel, include_existing).
    """
    terms = (WatchedTerm(11, 1, NVIDIA), WatchedTerm(12, 1, HUAWEI), WatchedTerm(21, 2, NVIDIA))
    subscribed = tuple(ActiveSubscription(*each) for each in subscriptions)
    return Watching(find_words, by_term(terms), subscribed, version=1)


def find_words(fields: Mapping[FieldName, str], source: str) -> Sequence[FieldHit]:
    """Find the two names as they are written."""
    return [
        FieldHit(field, Hit(term, start, start + len(term.name), term.name, "", "as typed"))
        for field, text in fields.items()
        for term in (NVIDIA, HUAWEI)
        if (start := text.find(term.name)) >= 0
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
