"""A user's matches as the inbox shows them: one row an article, newest first, paged by key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from marsad.types import FieldName, StoredHit
from storage.deliveries import waits_for
from storage.models import Article, Channel, Delivery, Match, Source, Watchlist, WatchTerm

NEWS_LIMIT = 99
"""Newer articles are counted up to here."""


@dataclass(frozen=True, slots=True)
class InboxMatch:
    """One term that an article mentions, with every place."""

    id: int
    term_id: int
    term: str
    watchlist: str
    hits: tuple[StoredHit, ...]


@dataclass(frozen=True, slots=True)
class InboxArticle:
    """An article and everything in it that a user watches; `newest_match` is its place in the inbox."""

    article_id: int
    newest_match: int
    matched_at: datetime
    source_id: int
    source: str
    url: str | None
    title: str
    summary: str | None
    text: str | None
    author: str | None
    published: datetime | None
    first_seen: datetime
    matches: tuple[InboxMatch, ...]

    def field(self, name: FieldName) -> str:
        """The text that the offsets of hits in this field count in."""
        return {"title": self.title, "summary": self.summary or "", "text": self.text or ""}[name]

    def hits_in(self, name: FieldName) -> list[StoredHit]:
        """Every hit in one field, of all terms, by place."""
        found = (hit for match in self.matches for hit in match.hits if hit.field == name)
        return sorted(found, key=lambda hit: (hit.start, hit.end))


@dataclass(frozen=True, slots=True)
class DeliveryOfArticle:
    """An alert about an article: where to, and how far it came."""

    id: str
    channel: str
    kind: str
    state: str
    waits_for: str | None
    attempts: int
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    last_error: str | None


def list_inbox(
    session: Session,
    user_id: int,
    *,
    limit: int,
    term_id: int | None = None,
    source_id: int | None = None,
    before: int | None = None,
) -> list[InboxArticle]:
    """Return a user's newest articles with matches; `before` is the last `newest_match` of the page before.

    With a term or a source only what matches it counts, and is shown with all its terms.
    """
    newest = _newest_of_each_article(user_id, term_id, source_id)
    if before is not None:
        at = select(Match.matched_at).where(Match.id == before, Match.user_id == user_id).scalar_subquery()
        newest = newest.where(or_(Match.matched_at < at, and_(Match.matched_at == at, Match.id < before)))
    newest = newest.order_by(Match.matched_at.desc(), Match.id.desc()).limit(limit)
    return _read(session, user_id, session.execute(newest).all())


def count_newer(
    session: Session, user_id: int, after: int, *, term_id: int | None = None, source_id: int | None = None
) -> int:
    """Return how many articles came before this match in the inbox, up to NEWS_LIMIT."""
    at = select(Match.matched_at).where(Match.id == after, Match.user_id == user_id).scalar_subquery()
    newer = _newest_of_each_article(user_id, term_id, source_id).where(
        or_(Match.matched_at > at, and_(Match.matched_at == at, Match.id > after))
    )
    return session.scalars(select(func.count()).select_from(newer.limit(NEWS_LIMIT).subquery())).one()


def find_in_inbox(session: Session, user_id: int, match_id: int) -> InboxArticle | None:
    """Return the article of one of a user's matches; None for what is not there or not theirs."""
    found = session.execute(
        select(Match.id, Match.article_id, Match.matched_at).where(
            Match.id == match_id, Match.user_id == user_id
        )
    )
    return next(iter(_read(session, user_id, found.all())), None)


def list_deliveries_of(
    session: Session, user_id: int, article_id: int, *, mail_server: bool
) -> list[DeliveryOfArticle]:
    """Return a user's alerts about an article, oldest first; `mail_server` says whether one is set."""
    rows = session.execute(
        select(Delivery, Channel)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.article_id == article_id, Channel.user_id == user_id)
        .order_by(Delivery.created_at, Delivery.id)
    )
    return [
        DeliveryOfArticle(
            id=delivery.id,
            channel=channel.name,
            kind=channel.kind,
            state=delivery.state,
            waits_for=waits_for(delivery, channel, mail_server=mail_server),
            attempts=delivery.attempts,
            created_at=delivery.created_at,
            due_at=delivery.due_at,
            settled_at=delivery.settled_at,
            last_error=delivery.last_error,
        )
        for delivery, channel in rows
    ]


def list_matched_sources(session: Session, user_id: int, *, limit: int = 200) -> list[tuple[int, str]]:
    """Return the sources, id and name, in which something was found for a user; by name."""
    found = (
        select(Match.id)
        .join(Article, Article.id == Match.article_id)
        .where(Match.user_id == user_id, Article.source_id == Source.id)
        .exists()
    )
    rows = session.execute(select(Source.id, Source.name).where(found).order_by(Source.name).limit(limit))
    return [(source_id, name) for source_id, name in rows]


def _newest_of_each_article(
    user_id: int, term_id: int | None, source_id: int | None
) -> Select[int, int, datetime]:
    """Match id, article id and time: the inbox's index is walked, and one look tells whether a newer stands."""
    query = select(Match.id, Match.article_id, Match.matched_at).where(Match.user_id == user_id)
    if source_id is not None:
        query = query.join(Article, Article.id == Match.article_id).where(Article.source_id == source_id)
    if term_id is not None:
        return query.where(Match.watch_term_id == term_id)
    other = aliased(Match)
    newer = select(other.id).where(
        other.article_id == Match.article_id,
        other.user_id == user_id,
        or_(
            other.matched_at > Match.matched_at,
            and_(other.matched_at == Match.matched_at, other.id > Match.id),
        ),
    )
    return query.where(~newer.exists())


def _read(session: Session, user_id: int, found: Sequence[Row[int, int, datetime]]) -> list[InboxArticle]:
    article_ids = [article_id for _, article_id, _ in found]
    rows = session.execute(
        select(Article, Source.name)
        .join(Source, Source.id == Article.source_id)
        .where(Article.id.in_(article_ids))
    ).all()
    articles = {article.id: (article, source) for article, source in rows}
    matches = _matches(session, user_id, article_ids)
    return [
        _row(*articles[article_id], match_id, matched_at, matches[article_id])
        for match_id, article_id, matched_at in found
    ]


def _row(
    article: Article, source: str, match_id: int, matched_at: datetime, matches: Sequence[InboxMatch]
) -> InboxArticle:
    return InboxArticle(
        article_id=article.id,
        newest_match=match_id,
        matched_at=matched_at,
        source_id=article.source_id,
        source=source,
        url=article.url,
        title=article.title,
        summary=article.summary,
        text=article.text,
        author=article.author,
        published=article.published_at,
        first_seen=article.first_seen_at,
        matches=tuple(matches),
    )


def _matches(session: Session, user_id: int, article_ids: Iterable[int]) -> dict[int, list[InboxMatch]]:
    rows = session.execute(
        select(Match, WatchTerm.name, Watchlist.name)
        .join(WatchTerm, WatchTerm.id == Match.watch_term_id)
        .join(Watchlist, Watchlist.id == WatchTerm.watchlist_id)
        .where(Match.user_id == user_id, Match.article_id.in_(article_ids))
        .order_by(Match.article_id, Match.id)
    )
    found: dict[int, list[InboxMatch]] = {}
    for match, term, watchlist in rows:
        hits = tuple(StoredHit(**hit) for hit in match.hits)
        found.setdefault(match.article_id, []).append(
            InboxMatch(match.id, match.watch_term_id, term, watchlist, hits)
        )
    return found
