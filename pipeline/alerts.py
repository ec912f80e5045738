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
    delivery: ClaimedDelivery, error: TransportError, *, now: datetime, jitter: float
) -> Settlement:
    """Settle a delivery that was not accepted: try later, or give it to a person.

    A receiver that is gone, or fails for FAILING_LIMIT, disables its channel; the delivery stays pending
    and goes out when the channel is enabled again.
    """
    failing_since = delivery.failing_since or now
    detail = str(error)
    if error.gone:
        return Settlement(DeliveryState.PENDING, detail, now, failing_since, disable_channel=detail)
    if error.permanent:
        # A mail server's 5xx is about this mail or this address; other mails may still pass.
        state = DeliveryState.FAILED if delivery.target.kind is ChannelKind.EMAIL else DeliveryState.PARKED
        return Settlement(state, detail, now, failing_since)
    due_at = next_delivery(now, attempts=delivery.attempts + 1, retry_after=error.retry_after, jitter=jitter)
    if now - failing_since >= FAILING_LIMIT:
        reason = f"It failed for {FAILING_LIMIT.days} days. Last: {detail}"
        return Settlement(DeliveryState.PENDING, detail, due_at or now, failing_since, reason)
    if due_at is None:
        return Settlement(DeliveryState.PARKED, detail, now, failing_since)
    return Settlement(DeliveryState.PENDING, detail, due_at, failing_since)


def plan_unknown_fault(delivery: ClaimedDelivery, *, now: datetime) -> Settlement:
    """Park a delivery that broke our own code, so that the queue moves; the log has the cause."""
    detail = "An unexpected fault, kept for a person to look at; the log has the cause."
    return Settlement(DeliveryState.PARKED, detail, now, delivery.failing_since)
