"""Matches of an article: stored in the transaction that stores its texts, or when it is caught up with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marsad.types import ArticleTexts, FieldHit, FieldName, Matched, PlannedMatch, StoredHit
from storage.deliveries import enqueue
from storage.models import Article, Match, PageRequest, Watchlist, WatchTerm


def known_terms(session: Session, article_id: int) -> frozenset[int]:
    """Return the watch terms that an article has matched already."""
    return frozenset(session.scalars(select(Match.watch_term_id).where(Match.article_id == article_id)))


def matches_of(session: Session, article_id: int) -> dict[int, Match]:
    """Return an article's match rows by term."""
    return {m.watch_term_id: m for m in session.scalars(select(Match).where(Match.article_id == article_id))}


def apply_matched(
    session: Session,
    article_id: int,
    matched: Matched,
    *,
    known: Mapping[int, Match],
    changed: Collection[FieldName],
    now: datetime,
    due_at: datetime,
) -> None:
    """Store what matching an article's new texts came to; `changed` are the fields that read otherwise now.

    A term that changed since the matcher was made is left to the catching up; a match that it had keeps to
    what its older form finds until then, so that no alert names no place. One that is no longer watched is
    not stored: what it had found stays as far as its words are still there.
    """
    owners = _owners(session, {*known, *(p.watch_term_id for p in matched.matches)}, matched.version)
    watched = _owners(session, known, None)
    for match in known.values():
        fresh_hits = _hits(matched.matches, match.watch_term_id) if match.watch_term_id in watched else []
        fields = matched.fields if fresh_hits or match.watch_term_id in owners else changed
        match.hits = [hit for hit in match.hits if hit["field"] not in fields] + fresh_hits
    fresh = [planned for planned in matched.matches if planned.watch_term_id not in known]
    _insert_and_tell(session, article_id, matched, fresh, owners, now=now, due_at=due_at)


def apply_catch_up(
    session: Session, texts: ArticleTexts, matched: Matched, *, now: datetime, page_patience: timedelta
) -> None:
    """Store what younger terms found in an article, whose row is locked; `mark_matched` follows.

    The hits of a term that was changed are replaced where it is still found.
    """
    if not matched.matches:
        return
    known = matches_of(session, texts.article_id)
    owners = _owners(session, {p.watch_term_id for p in matched.matches}, matched.version)
    for planned in matched.matches:
        if planned.watch_term_id in owners and planned.watch_term_id in known:
            known[planned.watch_term_id].hits = _hits(matched.matches, planned.watch_term_id)
    fresh = [planned for planned in matched.matches if planned.watch_term_id not in known]
    due_at = now
    if matched.deliveries:
        due_at = max(now, _page_awaited_until(session, texts.article_id, page_patience) or now)
    _insert_and_tell(session, texts.article_id, matched, fresh, owners, now=now, due_at=due_at)


def mark_matched(session: Session, article_ids: Collection[int], *, version: int) -> None:
    """Record that these articles, whose rows are locked, were matched with this version of the watch set."""
    session.execute(
        update(Article)
        .where(Article.id.in_(article_ids))
        .values(watch_version=version)
        .execution_options(synchronize_session=False)
    )


def add_matches(
    session: Session, article_id: int, planned: Sequence[PlannedMatch], *, version: int, now: datetime
) -> None:
    """Store the matches that an article does not have yet, and tell nobody; its row is locked."""
    known = known_terms(session, article_id)
    fresh = [p for p in planned if p.watch_term_id not in known]
    owners = _owners(session, {p.watch_term_id for p in fresh}, version)
    _insert(session, article_id, fresh, owners, now=now)


def _owners(session: Session, term_ids: Collection[int], version: int | None) -> dict[int, int]:
    """Whose these terms are: of those that are watched, as they were in the watch set of this version."""
    if not term_ids:
        return {}
    query = (
        select(WatchTerm.id, Watchlist.user_id)
        .join(Watchlist, Watchlist.id == WatchTerm.watchlist_id)
        .where(WatchTerm.id.in_(term_ids), WatchTerm.removed_at.is_(None))
    )
    if version is not None:
        query = query.where(WatchTerm.version <= version)
    return dict(session.execute(query).all())


def _page_awaited_until(session: Session, article_id: int, patience: timedelta) -> datetime | None:
    """Until when an article's alerts wait for its page; None when nothing keeps them."""
    first_seen = session.scalar(
        select(Article.first_seen_at)
        .join(PageRequest, PageRequest.article_id == Article.id)
        .where(Article.id == article_id, PageRequest.attempts == 0)
    )
    return first_seen + patience if first_seen is not None else None


def _insert_and_tell(
    session: Session,
    article_id: int,
    matched: Matched,
    fresh: Sequence[PlannedMatch],
    owners: Mapping[int, int],
    *,
    now: datetime,
    due_at: datetime,
) -> None:
    new_ids = _insert(session, article_id, fresh, owners, now=now)
    for delivery in matched.deliveries:
        ids = [new_ids[term_id] for term_id in delivery.watch_term_ids if term_id in new_ids]
        if ids:
            enqueue(session, article_id, delivery.channel_id, ids, now=now, due_at=due_at)


def _insert(
    session: Session,
    article_id: int,
    planned: Sequence[PlannedMatch],
    owners: Mapping[int, int],
    *,
    now: datetime,
) -> Mapping[int, int]:
    rows = [
        Match(
            user_id=owners[p.watch_term_id],
            article_id=article_id,
            watch_term_id=p.watch_term_id,
            matched_at=now,
            hits=_hits(planned, p.watch_term_id),
            state="new",
        )
        for p in planned
        if p.watch_term_id in owners
    ]
    if not rows:
        return {}
    session.add_all(rows)
    session.flush()
    return {row.watch_term_id: row.id for row in rows}


def _hits(planned: Iterable[PlannedMatch], watch_term_id: int) -> list[dict[str, Any]]:
    return [_stored(hit) for p in planned if p.watch_term_id == watch_term_id for hit in p.hits]


def _stored(found: FieldHit) -> dict[str, Any]:
    hit = found.hit
    return asdict(StoredHit(found.field, hit.start, hit.end, hit.spelling, hit.clitics, hit.why))
