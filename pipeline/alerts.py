"""What a delivery says, and what an attempt at it changes: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from marsad.errors import TransportError
from marsad.types import (
    Alert,
    ChannelKind,
    ClaimedDelivery,
    DeliveryState,
    MatchNotice,
    Settlement,
    StoredArticle,
    StoredMatch,
)
from matching.snippets import snippet
from pipeline.retry import next_delivery

FAILING_LIMIT = timedelta(hours=120)
"""A channel that did nothing but fail for so long is disabled; its deliveries are held, not dropped."""

FAILING_ATTEMPTS = 5
"""Failures of one delivery before it may disable its channel: one bad answer after a quiet week is none."""

_FIELD_ORDER = ("title", "summary", "text")


def compose_alert(delivery: ClaimedDelivery) -> Alert:
    """Say what a delivery names: the article, and each match by its best hit with the words around it."""
    article = delivery.article
    return Alert(
        delivery_id=delivery.id,
        created=delivery.created,
        article_id=article.article_id,
        title=article.title,
        url=article.url,
        source=article.source,
        published=article.published,
        summary=article.summary,
        matches=tuple(_notice(match, article) for match in delivery.matches if match.hits),
    )


def _notice(match: StoredMatch, article: StoredArticle) -> MatchNotice:
    hit = min(match.hits, key=lambda h: (_FIELD_ORDER.index(h.field), h.start))
    texts = {"title": article.title, "summary": article.summary or "", "text": article.text or ""}
    before, after = snippet(texts[hit.field], hit.start, hit.end)
    return MatchNotice(
        term=match.term,
        watchlist=match.watchlist,
        field=hit.field,
        spelling=hit.spelling,
        clitics=hit.clitics,
        why=hit.why,
        before=before,
        after=after,
    )


def plan_sent(detail: str, *, now: datetime) -> Settlement:
    """Settle a delivery that was accepted: the channel is well."""
    return Settlement(DeliveryState.SENT, detail, now, failing_since=None)


def plan_failed(
    delivery: ClaimedDelivery,
    error: TransportError,
    *,
    now: datetime,
    failing_since: datetime | None,
    jitter: float,
) -> Settlement:
    """Settle a delivery that was not accepted: try later, or give it up when trying again cannot help.

    `failing_since` is the channel's last word. A receiver that is gone, or did nothing but fail for
    FAILING_LIMIT, disables its channel; the delivery stays pending and goes out when it is enabled again.
    """
    detail = str(error)
    since = failing_since or now
    if error.gone:
        return Settlement(DeliveryState.PENDING, detail, now, since, disable_channel=detail)
    if error.permanent:
        # A mail server's 5xx is about this mail or this address; the channel's other mails may still pass.
        state = DeliveryState.FAILED if delivery.target.kind is ChannelKind.EMAIL else DeliveryState.PARKED
        return Settlement(state, detail, now, failing_since)
    attempts = delivery.attempts + 1
    due_at = next_delivery(now, attempts=attempts, retry_after=error.retry_after, jitter=jitter)
    if now - since >= FAILING_LIMIT and attempts >= FAILING_ATTEMPTS:
        reason = f"It failed for {FAILING_LIMIT.days} days. Last: {detail}"
        return Settlement(DeliveryState.PENDING, detail, due_at, since, reason)
    return Settlement(DeliveryState.PENDING, detail, due_at, since)


def plan_unknown_fault(*, now: datetime, failing_since: datetime | None) -> Settlement:
    """Park a delivery that broke our own code, so that the queue moves; the log has the cause."""
    detail = "An unexpected fault, kept for a person to look at; the log has the cause."
    return Settlement(DeliveryState.PARKED, detail, now, failing_since)


def plan_withdrawn(*, now: datetime, failing_since: datetime | None) -> Settlement:
    """Give up an alert whose article was edited, before it was sent, so that nothing matches any more."""
    detail = "The article was edited and no longer mentions the term; nothing was sent."
    return Settlement(DeliveryState.FAILED, detail, now, failing_since)
