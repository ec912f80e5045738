"""Applying an ingest plan: articles, matches and deliveries in the caller's one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from marsad.types import (
    FeedOutcome,
    FieldHit,
    FieldName,
    KnownArticle,
    Matched,
    PageOutcome,
    PlannedArticle,
    PlannedMatch,
    StoredHit,
)
from storage.deliveries import enqueue, release_held
from storage.hosts import make_due
from storage.models import (
    Article,
    ArticleIdentity,
    ArticleVersion,
    Match,
    PageRequest,
    Source,
    Watchlist,
    WatchTerm,
)
from storage.sources import add_event
from storage.upsert import insert_missing

_AT_ONCE = 1000
"""Values in one IN list: far below what either database refuses."""
_TEXTS = (Article.id, Article.title, Article.summary, Article.text)


def find_known(session: Session, source_id: int, identities: Sequence[str]) -> dict[str, KnownArticle]:
    """Return what is stored of the articles that a source names by these identities."""
    known: dict[str, KnownArticle] = {}
    for start in range(0, len(identities), _AT_ONCE):
        known |= _find_known(session, source_id, identities[start : start + _AT_ONCE])
    return known


def _find_known(session: Session, source_id: int, identities: Sequence[str]) -> dict[str, KnownArticle]:
    rows = session.execute(
        select(ArticleIdentity.identity, Article.id, Article.title, Article.url, Article.content_hash)
        .join(Article, Article.id == ArticleIdentity.article_id)
        .where(ArticleIdentity.source_id == source_id, ArticleIdentity.identity.in_(identities))
    ).all()
    terms: dict[int, set[int]] = {}
    matched = select(Match.article_id, Match.watch_term_id).where(Match.article_id.in_([r[1] for r in rows]))
    for article_id, term_id in session.execute(matched):
        terms.setdefault(article_id, set()).add(term_id)
    return {
        identity: KnownArticle(article_id, title, url, content_hash, frozenset(terms.get(article_id, ())))
        for identity, article_id, title, url, content_hash in rows
    }


def known_terms(session: Session, article_id: int) -> frozenset[int]:
    """Return the watch terms that an article has matched already."""
    return frozenset(session.scalars(select(Match.watch_term_id).where(Match.article_id == article_id)))


@dataclass(frozen=True, slots=True)
class ArticleTexts:
    """The texts of a stored article that terms are looked for in."""

    article_id: int
    fields: Mapping[FieldName, str]


def find_start_of_newest(session: Session, count: int) -> int:
    """Return the id before the newest `count` articles; numbers rise with time."""
    newest = select(Article.id).order_by(Article.id.desc()).limit(count).subquery()
    return (session.scalar(select(func.min(newest.c.id))) or 1) - 1


def read_texts(session: Session, *, after: int, limit: int) -> list[ArticleTexts]:
    """Return the texts of the next articles by id."""
    return _texts(session, select(*_TEXTS).where(Article.id > after).limit(limit))


def lock_texts(session: Session, article_ids: Sequence[int]) -> list[ArticleTexts]:
    """Return the texts of these articles as they are until the transaction ends."""
    return _texts(session, select(*_TEXTS).where(Article.id.in_(article_ids)).with_for_update())


def _texts(session: Session, query: Select[int, str, str | None, str | None]) -> list[ArticleTexts]:
    return [
        ArticleTexts(article_id, {"title": title, "summary": summary or "", "text": text or ""})
        for article_id, title, summary, text in session.execute(query.order_by(Article.id))
    ]


def add_matches(session: Session, article_id: int, planned: Sequence[PlannedMatch], *, now: datetime) -> None:
    """Store the matches that an article does not have yet, and tell nobody; its row is locked."""
    known = known_terms(session, article_id)
    _insert_matches(session, article_id, [p for p in planned if p.watch_term_id not in known], now=now)


def apply_feed(session: Session, plan: FeedOutcome, *, now: datetime, page_patience: timedelta) -> None:
    """Store what one poll came to, validators and articles together.

    A 304 after a crash can lose nothing, because the validators that ask for it are stored
    in the transaction that holds the articles they vouch for.
    """
    inserted = _insert(session, plan.source_id, [a for a in plan.articles if a.article_id is None], now=now)
    for host in sorted({a.page_host for a in plan.articles if a.page_host is not None}):
        make_due(session, host, at=now)
    # Edited ones by number: others lock several articles in that order too.
    for article in sorted(plan.articles, key=lambda a: a.article_id or 0):
        _apply_article(
            session, article, inserted.get(article.identities), now=now, page_patience=page_patience
        )
    _name(session, plan.source_id, plan.articles, inserted)
    changes: dict[str, Any] = {"due_at": plan.due_at, "failures": plan.failures}
    if plan.succeeded:
        changes["last_success_at"] = now
    if plan.paused:
        changes["paused_at"] = now
    if plan.title is not None:
        changes["title"] = plan.title
    if plan.kind is not None:
        changes["kind"] = plan.kind
    if plan.validators is not None:
        changes["etag"] = plan.validators.etag
        changes["last_modified"] = plan.validators.last_modified
    if plan.body_hash is not None:
        changes["body_hash"] = plan.body_hash
    session.execute(update(Source).where(Source.id == plan.source_id).values(**changes))
    if plan.complete:
        session.execute(
            update(Source)
            .where(Source.id == plan.source_id, Source.first_polled_at.is_(None))
            .values(first_polled_at=now)
        )
    add_event(
        session,
        source_id=plan.source_id,
        now=now,
        outcome=plan.outcome,
        status=plan.status,
        detail=plan.detail,
        new_articles=sum(a.article_id is None for a in plan.articles),
    )


def apply_page(session: Session, plan: PageOutcome, *, now: datetime) -> None:
    """Store what one article page came to; alerts that waited for it wait no longer."""
    article = _locked(session, plan.article_id)
    matched = plan.matched
    if article.title and "title" in matched.fields:
        # Its source named it while the page was on its way.
        matched = _without_title(matched)
    if plan.page is not None:
        article.title = article.title or plan.page.title or ""
    if plan.page is not None and plan.page.text:
        article.text = plan.page.text
        article.language = plan.page.language
        article.author = article.author or plan.page.author
        article.published_at = article.published_at or plan.page.published
    known = _matches_of(session, article.id)
    _apply_matched(session, article.id, matched, known=known, now=now, due_at=now)
    release_held(session, plan.article_id, now=now)
    if plan.due_at is None:
        session.execute(delete(PageRequest).where(PageRequest.article_id == plan.article_id))
    else:
        session.execute(
            update(PageRequest)
            .where(PageRequest.article_id == plan.article_id)
            .values(due_at=plan.due_at, attempts=plan.attempts)
        )


def _without_title(matched: Matched) -> Matched:
    kept = (
        PlannedMatch(match.watch_term_id, tuple(hit for hit in match.hits if hit.field != "title"))
        for match in matched.matches
    )
    fields = tuple(name for name in matched.fields if name != "title")
    return replace(matched, fields=fields, matches=tuple(match for match in kept if match.hits))


def _apply_article(
    session: Session,
    plan: PlannedArticle,
    inserted: Article | None,
    *,
    now: datetime,
    page_patience: timedelta,
) -> None:
    known: dict[int, Match] = {}
    article = inserted
    if article is None:
        article = _locked(session, plan.article_id)
        _add_version(session, article, plan, now=now)
        known = _matches_of(session, article.id)
    # An alert waits a while for the full text, so that one mail names every match; it is never lost:
    # when the page does not come, it goes out with what the title and the summary said.
    due_at = now
    if plan.page_host is not None and plan.url is not None:
        due_at = now + page_patience
        session.add(
            PageRequest(article_id=article.id, host_name=plan.page_host, url=plan.url, due_at=now, attempts=0)
        )
    _apply_matched(session, article.id, plan.matched, known=known, now=now, due_at=due_at)


def _insert(
    session: Session, source_id: int, plans: Sequence[PlannedArticle], *, now: datetime
) -> dict[tuple[str, ...], Article]:
    """Store new articles, all at once, in the plan's order; returns them by their identities."""
    rows = {
        plan.identities: Article(
            source_id=source_id,
            url=plan.url,
            title=plan.title,
            summary=plan.summary,
            text=plan.text,
            author=plan.author,
            published_at=plan.published,
            first_seen_at=now,
            content_hash=plan.content_hash,
            quiet=plan.quiet,
        )
        for plan in plans
    }
    session.add_all(rows.values())
    session.flush()
    return rows


def _name(
    session: Session,
    source_id: int,
    plans: Sequence[PlannedArticle],
    inserted: Mapping[tuple[str, ...], Article],
) -> None:
    """Let each identity lead to its article; one that leads to another already goes on doing so."""
    rows = [
        {
            "source_id": source_id,
            "identity": identity,
            "article_id": plan.article_id or inserted[plan.identities].id,
        }
        for plan in plans
        for identity in plan.identities
    ]
    for start in range(0, len(rows), _AT_ONCE):
        insert_missing(session, ArticleIdentity, rows[start : start + _AT_ONCE])


def _add_version(session: Session, article: Article, plan: PlannedArticle, *, now: datetime) -> None:
    session.add(
        ArticleVersion(
            article_id=article.id,
            replaced_at=now,
            title=article.title,
            summary=article.summary,
            text=article.text,
            content_hash=article.content_hash,
        )
    )
    # One that its source does not name may have got its page's title meanwhile.
    article.title = plan.title or article.title
    article.summary = plan.summary
    article.content_hash = plan.content_hash
    if plan.text is not None:
        article.text = plan.text


def _locked(session: Session, article_id: int | None) -> Article:
    # Its source's host and its page's host may be worked on by two processes at once.
    return session.scalars(select(Article).where(Article.id == article_id).with_for_update()).one()


def _matches_of(session: Session, article_id: int) -> dict[int, Match]:
    return {m.watch_term_id: m for m in session.scalars(select(Match).where(Match.article_id == article_id))}


def _apply_matched(
    session: Session,
    article_id: int,
    matched: Matched,
    *,
    known: Mapping[int, Match],
    now: datetime,
    due_at: datetime,
) -> None:
    for match in known.values():
        kept = [hit for hit in match.hits if hit["field"] not in matched.fields]
        match.hits = kept + _hits(matched.matches, match.watch_term_id)
    fresh = [planned for planned in matched.matches if planned.watch_term_id not in known]
    new_ids = _insert_matches(session, article_id, fresh, now=now)
    for delivery in matched.deliveries:
        ids = [new_ids[term_id] for term_id in delivery.watch_term_ids if term_id in new_ids]
        if ids:
            enqueue(session, article_id, delivery.channel_id, ids, now=now, due_at=due_at)


def _insert_matches(
    session: Session, article_id: int, planned: Sequence[PlannedMatch], *, now: datetime
) -> Mapping[int, int]:
    if not planned:
        return {}
    owners = dict(
        session.execute(
            select(WatchTerm.id, Watchlist.user_id)
            .join(Watchlist, Watchlist.id == WatchTerm.watchlist_id)
            .where(WatchTerm.id.in_([p.watch_term_id for p in planned]))
        ).all()
    )
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
    session.add_all(rows)
    session.flush()
    return {row.watch_term_id: row.id for row in rows}


def _hits(planned: Iterable[PlannedMatch], watch_term_id: int) -> list[dict[str, Any]]:
    return [_stored(hit) for p in planned if p.watch_term_id == watch_term_id for hit in p.hits]


def _stored(found: FieldHit) -> dict[str, Any]:
    hit = found.hit
    return asdict(StoredHit(found.field, hit.start, hit.end, hit.spelling, hit.clitics, hit.why))
