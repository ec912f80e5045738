"""Watchlists, watch terms, subscriptions, and the matches that came of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from marsad.errors import NameTaken, NameUnknown
from marsad.types import ActiveSubscription, StoredHit, Term, WatchedTerm, WatchSet
from storage.models import (
    Article,
    Channel,
    Match,
    Source,
    Subscription,
    Watchlist,
    WatchSetRow,
    WatchTerm,
)
from storage.results import changed_rows

_WATCH_SET_LOCK = 0x7761746368  # "watch"
_ROW = 1


def read_watch_set(session: Session) -> WatchSet:
    """Return every term that is watched and every subscription, in one transaction."""
    terms = session.scalars(select(WatchTerm).where(WatchTerm.removed_at.is_(None)).order_by(WatchTerm.id))
    return WatchSet(tuple(map(_watched, terms)), read_subscriptions(session), read_version(session))


def read_terms(session: Session, term_ids: Collection[int]) -> WatchSet:
    """Return those of these terms that are watched, and no subscription."""
    query = select(WatchTerm).where(WatchTerm.id.in_(term_ids), WatchTerm.removed_at.is_(None))
    terms = session.scalars(query.order_by(WatchTerm.id))
    return WatchSet(tuple(map(_watched, terms)), (), read_version(session))


def read_subscriptions(session: Session) -> tuple[ActiveSubscription, ...]:
    """Return which watchlists go to which channels."""
    subscriptions = session.scalars(select(Subscription).order_by(Subscription.id))
    return tuple(ActiveSubscription(s.watchlist_id, s.channel_id, s.include_existing) for s in subscriptions)


def read_version(session: Session) -> int:
    """Return the number that rises whenever a term or a subscription is added, changed or removed."""
    return session.scalar(select(WatchSetRow.version).where(WatchSetRow.id == _ROW)) or 0


def _next_version(session: Session) -> int:
    """Take the next version; who changes what is watched holds it for a change by now."""
    version = session.scalar(
        update(WatchSetRow)
        .where(WatchSetRow.id == _ROW)
        .values(version=WatchSetRow.version + 1)
        .returning(WatchSetRow.version)
        .execution_options(synchronize_session=False)
    )
    if version is None:
        version = 1
        session.add(WatchSetRow(id=_ROW, version=version))
        session.flush()
    return version


def hold_watch_set(session: Session, *, change: bool = False) -> None:
    """Keep what is watched as it is until the transaction ends, or, to `change` it, wait for those who read it.

    Taken first in a transaction. Either an article is matched with a new subscription, or the
    subscription finds its match stored: never neither. SQLite's writers take turns by themselves.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock if change else func.pg_advisory_xact_lock_shared
        session.execute(select(lock(_WATCH_SET_LOCK)))


def find_watchlist(session: Session, user_id: int, name: str) -> int:
    """Return a watchlist's id; raises NameUnknown."""
    found = session.scalar(select(Watchlist.id).where(Watchlist.user_id == user_id, Watchlist.name == name))
    if found is None:
        raise NameUnknown(
            f"No watchlist is named '{name}'; 'marsad watch add NAME --watchlist {name}' makes it."
        )
    return found


def has_watchlist(session: Session, user_id: int) -> bool:
    """Return whether a user has a watchlist, be it an empty one."""
    return session.scalar(select(Watchlist.id).where(Watchlist.user_id == user_id).limit(1)) is not None


def list_watchlists(session: Session, user_id: int) -> list[str]:
    """Return the names of a user's watchlists, the oldest first."""
    query = select(Watchlist.name).where(Watchlist.user_id == user_id).order_by(Watchlist.id)
    return list(session.scalars(query))


def ensure_watchlist(session: Session, user_id: int, name: str, *, now: datetime) -> int:
    """Return a watchlist's id, making it where it is missing."""
    try:
        return find_watchlist(session, user_id, name)
    except NameUnknown:
        watchlist = Watchlist(user_id=user_id, name=name, created_at=now)
        session.add(watchlist)
        session.flush()
        return watchlist.id


def add_term(session: Session, watchlist_id: int, term: Term, *, now: datetime) -> int:
    """Watch a term; one that was removed is revived with its matches. Raises NameTaken."""
    hold_watch_set(session, change=True)
    if watched := _watched_name(session, watchlist_id, term.name):
        raise NameTaken(f"'{watched}' is already watched; 'marsad watch list' shows all terms.")
    row = session.scalar(
        select(WatchTerm).where(WatchTerm.watchlist_id == watchlist_id, WatchTerm.name == term.name)
    )
    version = _next_version(session)
    if row is None:
        row = WatchTerm(watchlist_id=watchlist_id, name=term.name, created_at=now, changed_at=now)
        session.add(row)
    row.since_version = version
    _write(session, row, term, version=version, now=now)
    return row.id


def _watched_name(session: Session, watchlist_id: int, name: str) -> str | None:
    """Return the name of a watched term that is the same but for upper and lower case."""
    folded = name.casefold()
    query = select(WatchTerm.name).where(
        WatchTerm.watchlist_id == watchlist_id, WatchTerm.removed_at.is_(None)
    )
    # There may be thousands, but SQLite's lower() knows ASCII letters only.
    if all(letter.isascii() or letter.upper() == letter.lower() for letter in name):
        query = query.where(func.lower(WatchTerm.name) == folded)
    return next((watched for watched in session.scalars(query).all() if watched.casefold() == folded), None)


def change_term(session: Session, watchlist_id: int, term: Term, *, now: datetime) -> None:
    """Look for a watched term otherwise, in what is stored too; raises NameUnknown when it is not watched.

    Its name says which one it is. One that is looked for like this already stays as it is.
    """
    hold_watch_set(session, change=True)
    row = _watched_row(session, watchlist_id, term.name)
    if _term(row) != term:
        _write(session, row, term, version=_next_version(session), now=now)


def _write(session: Session, row: WatchTerm, term: Term, *, version: int, now: datetime) -> None:
    row.removed_at = None
    row.changed_at = now
    row.spellings = list(term.spellings) if term.spellings is not None else None
    row.exclude = list(term.exclude)
    row.expression = term.expression
    row.sense = term.sense
    row.version = version
    session.flush()


def remove_term(session: Session, watchlist_id: int, name: str, *, now: datetime) -> None:
    """Stop watching a term; its stored matches stay. Raises NameUnknown."""
    hold_watch_set(session, change=True)
    row = _watched_row(session, watchlist_id, name)
    row.removed_at = row.changed_at = now
    row.version = _next_version(session)


def _watched_row(session: Session, watchlist_id: int, name: str) -> WatchTerm:
    row = session.scalar(
        select(WatchTerm).where(
            WatchTerm.watchlist_id == watchlist_id, WatchTerm.name == name, WatchTerm.removed_at.is_(None)
        )
    )
    if row is None:
        raise NameUnknown(f"'{name}' is not watched; 'marsad watch list' shows all terms.")
    return row


@dataclass(frozen=True, slots=True)
class TermRow:
    """A watch term as people see it."""

    id: int
    watchlist: str
    term: Term
    matches: int
    created_at: datetime


def list_terms(session: Session, user_id: int) -> list[TermRow]:
    """Return a user's watched terms by watchlist and name."""
    counts = (
        select(Match.watch_term_id, func.count().label("n")).group_by(Match.watch_term_id).subquery("counts")
    )
    rows = session.execute(
        select(Watchlist.name, WatchTerm, counts.c.n)
        .join(Watchlist, Watchlist.id == WatchTerm.watchlist_id)
        .outerjoin(counts, counts.c.watch_term_id == WatchTerm.id)
        .where(Watchlist.user_id == user_id, WatchTerm.removed_at.is_(None))
        .order_by(Watchlist.name, WatchTerm.name)
    )
    return [
        TermRow(row.id, watchlist, _term(row), count or 0, row.created_at) for watchlist, row, count in rows
    ]


def subscribe(
    session: Session, watchlist_id: int, channel_id: int, *, include_existing: bool, now: datetime
) -> None:
    """Send a watchlist's matches to a channel; raises NameTaken when it is so already.

    A subscription that did not include what exists is widened by `include_existing`.
    """
    hold_watch_set(session, change=True)
    exists = session.scalar(
        select(Subscription).where(
            Subscription.watchlist_id == watchlist_id, Subscription.channel_id == channel_id
        )
    )
    if exists is not None and include_existing and not exists.include_existing:
        exists.include_existing = True
        _next_version(session)
        return
    if exists is not None:
        watchlist, channel = session.get_one(Watchlist, watchlist_id), session.get_one(Channel, channel_id)
        raise NameTaken(
            f"The matches of '{watchlist.name}' go to '{channel.name}' already; there is nothing left to do."
        )
    session.add(
        Subscription(
            watchlist_id=watchlist_id,
            channel_id=channel_id,
            include_existing=include_existing,
            created_at=now,
        )
    )
    _next_version(session)
    session.flush()


def unsubscribe(session: Session, watchlist_id: int, channel_id: int) -> None:
    """Send a watchlist's matches to a channel no more; what is under way still goes out. Raises NameUnknown."""
    hold_watch_set(session, change=True)
    gone = session.execute(
        delete(Subscription).where(
            Subscription.watchlist_id == watchlist_id, Subscription.channel_id == channel_id
        )
    )
    if changed_rows(gone) == 0:
        raise NameUnknown("This watchlist's matches do not go to this channel; there is nothing to undo.")
    _next_version(session)


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    watchlist: str
    channel: str
    include_existing: bool


def list_subscriptions(session: Session, user_id: int) -> list[SubscriptionRow]:
    """Return which watchlists go to which channels."""
    rows = session.execute(
        select(Watchlist.name, Channel.name, Subscription.include_existing)
        .join(Watchlist, Watchlist.id == Subscription.watchlist_id)
        .join(Channel, Channel.id == Subscription.channel_id)
        .where(Watchlist.user_id == user_id)
        .order_by(Watchlist.name, Channel.name)
    )
    return [SubscriptionRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class MatchRow:
    """A stored match as people review it: the article, the term, and the evidence."""

    id: int
    matched_at: datetime
    term: str
    watchlist: str
    state: str
    article_id: int
    title: str
    url: str | None
    source: str
    published: datetime | None
    texts: dict[str, str]
    hits: tuple[StoredHit, ...]


def list_matches(
    session: Session, user_id: int, *, limit: int, term: str | None = None, before: int | None = None
) -> list[MatchRow]:
    """Return a user's newest matches first; `before` is the id of the last match of the page before."""
    query = (
        select(Match, WatchTerm.name, Watchlist.name, Article, Source.name)
        .join(WatchTerm, WatchTerm.id == Match.watch_term_id)
        .join(Watchlist, Watchlist.id == WatchTerm.watchlist_id)
        .join(Article, Article.id == Match.article_id)
        .join(Source, Source.id == Article.source_id)
        .where(Match.user_id == user_id)
        .order_by(Match.matched_at.desc(), Match.id.desc())
        .limit(limit)
    )
    if term is not None:
        query = query.where(WatchTerm.name == term)
    if before is not None:
        at = select(Match.matched_at).where(Match.id == before).scalar_subquery()
        query = query.where((Match.matched_at < at) | ((Match.matched_at == at) & (Match.id < before)))
    return [
        MatchRow(
            id=match.id,
            matched_at=match.matched_at,
            term=name,
            watchlist=watchlist,
            state=match.state,
            article_id=article.id,
            title=article.title,
            url=article.url,
            source=source,
            published=article.published_at,
            texts={"title": article.title, "summary": article.summary or "", "text": article.text or ""},
            hits=tuple(StoredHit(**hit) for hit in match.hits),
        )
        for match, name, watchlist, article, source in session.execute(query)
    ]


def _term(row: WatchTerm) -> Term:
    spellings = tuple(row.spellings) if row.spellings is not None else None
    return Term(row.name, spellings, tuple(row.exclude), sense=row.sense, expression=row.expression)


def _watched(row: WatchTerm) -> WatchedTerm:
    return WatchedTerm(row.id, row.watchlist_id, _term(row), row.version, row.since_version)
