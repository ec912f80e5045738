"""The outbox: deliveries are rows of the transaction that stores their matches, claimed, sent, settled.

One delivery for an (article, channel); the unique key (article, channel, part) holds that when two
processes or two subscriptions meet. Nothing is sent while a transaction is open.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from marsad.errors import LeaseLost
from marsad.types import (
    ChannelKind,
    ChannelTarget,
    ClaimedDelivery,
    DeliveryState,
    Settlement,
    StoredArticle,
    StoredHit,
    StoredMatch,
)
from storage.models import (
    Article,
    Attempt,
    Channel,
    Delivery,
    DeliveryMatch,
    Match,
    Source,
    Watchlist,
    WatchTerm,
)
from storage.results import changed_rows
from storage.upsert import insert_missing


def enqueue(
    session: Session,
    article_id: int,
    channel_id: int,
    match_ids: Sequence[int],
    *,
    now: datetime,
    due_at: datetime,
) -> None:
    """Have a channel told of these matches of an article.

    They join the delivery that still waits for its first attempt; when it was tried already they make
    the next part, because a receiver takes a repeated id for a repetition. The article's row is locked.
    """
    last = session.scalars(
        select(Delivery)
        .where(Delivery.article_id == article_id, Delivery.channel_id == channel_id)
        .order_by(Delivery.part.desc())
        .limit(1)
        .with_for_update()
    ).first()
    if last is None or not _untouched(last):
        last = Delivery(
            id=f"msg_{uuid4().hex}",
            article_id=article_id,
            channel_id=channel_id,
            part=last.part + 1 if last else 0,
            state=DeliveryState.PENDING,
            created_at=now,
            due_at=due_at,
            attempts=0,
        )
        session.add(last)
        session.flush()
    rows = [{"delivery_id": last.id, "match_id": match_id} for match_id in match_ids]
    insert_missing(session, DeliveryMatch, rows)


def release_held(session: Session, article_id: int, *, now: datetime) -> None:
    """Let an article's alerts go that waited for its page."""
    session.execute(
        update(Delivery)
        .where(
            Delivery.article_id == article_id,
            Delivery.state == DeliveryState.PENDING,
            Delivery.attempts == 0,
            Delivery.due_at > now,
        )
        .values(due_at=now)
    )


def claim_deliveries(
    session: Session,
    *,
    now: datetime,
    limit: int,
    lease: timedelta,
    worker: str,
    kinds: Collection[ChannelKind],
    per_channel: int,
) -> list[ClaimedDelivery]:
    """Take up to `limit` due deliveries of channels that are confirmed, on, and of these kinds.

    Of each channel at most `per_channel` are under way at once. The rest waits: nothing is lost while
    a mail server is missing or an address is unconfirmed.
    """
    free = (
        Delivery.state == DeliveryState.PENDING,
        Delivery.due_at <= now,
        or_(Delivery.leased_until.is_(None), Delivery.leased_until <= now),
    )
    under_way = (
        select(Delivery.channel_id, func.count().label("n"))
        # Only what is pending is ever leased, and there is an index on it.
        .where(Delivery.state == DeliveryState.PENDING, Delivery.leased_until > now)
        .group_by(Delivery.channel_id)
        .subquery()
    )
    turn = func.row_number().over(partition_by=Delivery.channel_id, order_by=(Delivery.due_at, Delivery.id))
    ranked = (
        select(Delivery.id, (turn + func.coalesce(under_way.c.n, 0)).label("turn"))
        .join(Channel, Channel.id == Delivery.channel_id)
        .outerjoin(under_way, under_way.c.channel_id == Delivery.channel_id)
        .where(
            *free,
            Channel.confirmed_at.is_not(None),
            Channel.disabled_at.is_(None),
            Channel.kind.in_(kinds),
        )
        .subquery()
    )
    due = (
        select(Delivery)
        .join(ranked, ranked.c.id == Delivery.id)
        .where(ranked.c.turn <= per_channel, *free)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    claimed = []
    for delivery in session.scalars(due).all():
        delivery.lease_token = secrets.token_hex(16)
        delivery.leased_until = now + lease
        delivery.leased_by = worker
        claimed.append(_claimed(session, delivery, delivery.lease_token))
    return claimed


def retry_deliveries(session: Session, user_id: int, ids: Sequence[str] | None, *, now: datetime) -> int:
    """Make a user's parked and failed deliveries due again, all or those named; returns how many.

    They keep their ids, so a receiver that took one after all recognises it.
    """
    mine = select(Channel.id).where(Channel.user_id == user_id)
    query = update(Delivery).where(
        Delivery.channel_id.in_(mine), Delivery.state.in_((DeliveryState.PARKED, DeliveryState.FAILED))
    )
    if ids is not None:
        query = query.where(Delivery.id.in_(ids))
    return changed_rows(
        session.execute(query.values(state=DeliveryState.PENDING, due_at=now, settled_at=None))
    )


def fence(session: Session, claimed: ClaimedDelivery) -> None:
    """Hold the delivery's row for the rest of the transaction; raises LeaseLost when it is not ours."""
    ours = select(Delivery.id).where(Delivery.id == claimed.id, Delivery.lease_token == claimed.token)
    if session.scalar(ours.with_for_update()) is None:
        raise LeaseLost(f"Another process took over delivery {claimed.id}; what it stores counts.")


def release(session: Session, claimed: ClaimedDelivery) -> None:
    """Give back a delivery that was not sent; one that another process took over stays as it is."""
    # The token stays, the mark that an earlier claim may have sent it: no later match may join it.
    session.execute(
        update(Delivery)
        .where(Delivery.id == claimed.id, Delivery.lease_token == claimed.token)
        .values(leased_until=None, leased_by=None)
    )


def settle(
    session: Session, claimed: ClaimedDelivery, settlement: Settlement, *, started: datetime, now: datetime
) -> None:
    """Record an attempt and what follows from it; raises LeaseLost when the lease is not ours any more."""
    done = session.execute(
        update(Delivery)
        .where(Delivery.id == claimed.id, Delivery.lease_token == claimed.token)
        .values(
            state=settlement.state,
            due_at=settlement.due_at,
            attempts=claimed.attempts + 1,
            last_error=None if settlement.state is DeliveryState.SENT else settlement.detail,
            settled_at=None if settlement.state is DeliveryState.PENDING else now,
            lease_token=None,
            leased_until=None,
            leased_by=None,
        )
    )
    if changed_rows(done) != 1:
        raise LeaseLost(f"Another process took over delivery {claimed.id}; what it stores counts.")
    session.add(
        Attempt(
            delivery_id=claimed.id,
            number=claimed.attempts + 1,
            started_at=started,
            finished_at=now,
            outcome=settlement.state,
            detail=settlement.detail,
        )
    )
    channel: dict[str, Any] = {"failing_since": settlement.failing_since}
    if settlement.disable_channel is not None:
        channel |= {"disabled_at": now, "disabled_reason": settlement.disable_channel}
    session.execute(update(Channel).where(Channel.id == claimed.target.id).values(**channel))


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as people see it."""

    id: str
    channel: str
    article_id: int
    title: str
    terms: tuple[str, ...]
    state: str
    waits_for: str | None
    attempts: int
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    last_error: str | None


def list_deliveries(
    session: Session, user_id: int, *, limit: int, mail_server: bool = True
) -> list[DeliveryRow]:
    """Return a user's newest deliveries first; `mail_server` says whether one is set to send mails by."""
    rows = session.execute(
        select(Delivery, Channel, Article.title)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Article, Article.id == Delivery.article_id)
        .where(Channel.user_id == user_id)
        .order_by(Delivery.created_at.desc(), Delivery.id)
        .limit(limit)
    ).all()
    return [
        DeliveryRow(
            id=delivery.id,
            channel=channel.name,
            article_id=delivery.article_id,
            title=title,
            terms=tuple(match.term for match in _matches(session, delivery.id)),
            state=delivery.state,
            waits_for=waits_for(delivery, channel, mail_server=mail_server),
            attempts=delivery.attempts,
            created_at=delivery.created_at,
            due_at=delivery.due_at,
            settled_at=delivery.settled_at,
            last_error=delivery.last_error,
        )
        for delivery, channel, title in rows
    ]


def count_waiting(session: Session, *, now: datetime) -> dict[str, int]:
    """Return how many due deliveries wait, by channel kind."""
    rows = session.execute(
        select(Channel.kind, func.count())
        .join(Delivery, Delivery.channel_id == Channel.id)
        .where(Delivery.state == DeliveryState.PENDING, Delivery.due_at <= now)
        .group_by(Channel.kind)
    )
    return dict(rows.all())


def enqueue_existing(session: Session, watchlist_id: int, channel_id: int, *, now: datetime) -> int:
    """Have a channel told of every stored match of a watchlist that it was not told of; returns how many."""
    told = and_(
        Delivery.article_id == Match.article_id,
        Delivery.channel_id == channel_id,
        DeliveryMatch.delivery_id == Delivery.id,
        DeliveryMatch.match_id == Match.id,
    )
    rows = session.execute(
        select(Match.article_id, Match.id)
        .join(WatchTerm, WatchTerm.id == Match.watch_term_id)
        .where(
            WatchTerm.watchlist_id == watchlist_id,
            WatchTerm.removed_at.is_(None),
            ~select(DeliveryMatch.match_id).where(told).exists(),
        )
        .order_by(Match.article_id, Match.id)
    ).all()
    by_article: dict[int, list[int]] = {}
    for article_id, match_id in rows:
        by_article.setdefault(article_id, []).append(match_id)
    for article_id, match_ids in by_article.items():
        session.execute(select(Article.id).where(Article.id == article_id).with_for_update())
        enqueue(session, article_id, channel_id, match_ids, now=now, due_at=now)
    return len(rows)


def _untouched(delivery: Delivery) -> bool:
    return delivery.state == DeliveryState.PENDING and delivery.attempts == 0 and delivery.lease_token is None


def waits_for(delivery: Delivery, channel: Channel, *, mail_server: bool) -> str | None:
    """Return in plain words what a pending delivery waits for; None for one that is settled."""
    if delivery.state != DeliveryState.PENDING:
        return None
    if channel.disabled_at is not None:
        return f"channel disabled: {channel.disabled_reason}"
    if channel.confirmed_at is None:
        return "the address to be confirmed"
    if channel.kind == ChannelKind.EMAIL and not mail_server:
        return "a mail server (MARSAD_SMTP_URL)"
    return "its next attempt" if delivery.attempts else "its turn"


def _claimed(session: Session, delivery: Delivery, token: str) -> ClaimedDelivery:
    channel = session.get_one(Channel, delivery.channel_id)
    article, source = session.execute(
        select(Article, Source.name)
        .join(Source, Source.id == Article.source_id)
        .where(Article.id == delivery.article_id)
    ).one()
    return ClaimedDelivery(
        id=delivery.id,
        token=token,
        created=delivery.created_at,
        attempts=delivery.attempts,
        target=ChannelTarget(
            channel.id, ChannelKind(channel.kind), channel.name, channel.address, channel.secret
        ),
        article=StoredArticle(
            article_id=article.id,
            source=source,
            url=article.url,
            title=article.title,
            summary=article.summary,
            text=article.text,
            published=article.published_at,
        ),
        matches=_matches(session, delivery.id),
    )


def _matches(session: Session, delivery_id: str) -> tuple[StoredMatch, ...]:
    rows = session.execute(
        select(Match, WatchTerm.name, Watchlist.name)
        .join(DeliveryMatch, DeliveryMatch.match_id == Match.id)
        .join(WatchTerm, WatchTerm.id == Match.watch_term_id)
        .join(Watchlist, Watchlist.id == WatchTerm.watchlist_id)
        .where(DeliveryMatch.delivery_id == delivery_id)
        .order_by(Match.id)
    )
    return tuple(
        StoredMatch(match.id, term, watchlist, tuple(StoredHit(**hit) for hit in match.hits))
        for match, term, watchlist in rows
    )
