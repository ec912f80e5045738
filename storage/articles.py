"""Applying an ingest plan: articles, matches and deliveries in the caller's one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from marsad.types import (
    FeedOutcome,
    FieldName,
    KnownArticle,
    PageOutcome,
    PlannedArticle,
)
from storage.deliveries import release_held
from storage.hosts import make_due
from storage.matched import apply_matched, matches_of
from storage.models import (
    Article,
    ArticleIdentity,
    ArticleVersion,
    Match,
    PageRequest,
    Source,
)
from storage.sources import add_event
from storage.upsert import insert_missing
from storage.watchlists import read_version

_AT_ONCE = 1000
"""Values in one IN list: far below what either database refuses."""


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


def apply_feed(session: Session, plan: FeedOutcome, *, now: datetime, page_patience: timedelta) -> None:
    """Store what one poll came to, validators and articles together.

    A 304 after a crash can lose nothing, because the validators that ask for it are stored
    in the transaction that holds the articles they vouch for. What is watched is held as it is, here
    and in `apply_page`: its version goes into every article whose texts are stored.
    """
    version = read_version(session) if plan.articles else 0
    new = [article for article in plan.articles if article.article_id is None]
    inserted = _insert(session, plan.source_id, new, version=version, now=now)
    for host in sorted({a.page_host for a in plan.articles if a.page_host is not None}):
        make_due(session, host, at=now)
    # Edited ones by number: others lock several articles in that order too.
    for article in sorted(plan.articles, key=lambda a: a.article_id or 0):
        _apply_article(
            session,
            article,
            inserted.get(article.identities),
            version=version,
            now=now,
            page_patience=page_patience,
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
    before = _texts(article)
    if plan.page is not None:
        article.title = article.title or plan.page.title or ""
    if plan.page is not None and plan.page.text:
        article.text = plan.page.text
        article.language = plan.page.language
        article.author = article.author or plan.page.author
        article.published_at = article.published_at or plan.page.published
    if plan.matched.fields:
        article.stored_version = read_version(session)
        article.watch_version = _or_newest(plan.matched.version, article.stored_version)
        apply_matched(
            session,
            article.id,
            plan.matched,
            known=matches_of(session, article.id),
            changed=_changed(before, article),
            now=now,
            due_at=now,
        )
    release_held(session, plan.article_id, now=now)
    if plan.due_at is None:
        session.execute(delete(PageRequest).where(PageRequest.article_id == plan.article_id))
    else:
        session.execute(
            update(PageRequest)
            .where(PageRequest.article_id == plan.article_id)
            .values(due_at=plan.due_at, attempts=plan.attempts)
        )


def _apply_article(
    session: Session,
    plan: PlannedArticle,
    inserted: Article | None,
    *,
    version: int,
    now: datetime,
    page_patience: timedelta,
) -> None:
    known: dict[int, Match] = {}
    changed: tuple[FieldName, ...] = ()
    article = inserted
    if article is None:
        article = _locked(session, plan.article_id)
        before = _texts(article)
        _add_version(session, article, plan, now=now)
        changed = _changed(before, article)
        # Who matches it later tells it as this poll would.
        article.quiet = plan.quiet
        article.stored_version = version
        article.watch_version = _or_newest(plan.matched.version, version)
        known = matches_of(session, article.id)
    # An alert waits a while for the full text, so that one mail names every match; it is never lost:
    # when the page does not come, it goes out with what the title and the summary said.
    due_at = now
    if plan.page_host is not None and plan.url is not None:
        due_at = now + page_patience
        session.add(
            PageRequest(article_id=article.id, host_name=plan.page_host, url=plan.url, due_at=now, attempts=0)
        )
    apply_matched(session, article.id, plan.matched, known=known, changed=changed, now=now, due_at=due_at)


def _insert(
    session: Session, source_id: int, plans: Sequence[PlannedArticle], *, version: int, now: datetime
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
            stored_version=version,
            watch_version=_or_newest(plan.matched.version, version),
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


def _texts(article: Article) -> dict[FieldName, str]:
    return {"title": article.title, "summary": article.summary or "", "text": article.text or ""}


def _changed(before: Mapping[FieldName, str], article: Article) -> tuple[FieldName, ...]:
    return tuple(name for name, text in _texts(article).items() if text != before[name])


def _or_newest(version: int | None, newest: int) -> int:
    """A plan made without a version was matched with what is watched now."""
    return newest if version is None else version
