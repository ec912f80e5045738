"""The texts of stored articles that terms are looked for in, and which of them are still to be searched."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from marsad.types import ArticleTexts
from storage.models import Article, Source, WatchTerm

_AT_ONCE = 1000
"""Values in one IN list: far below what either database refuses."""


def read_texts(session: Session, article_ids: Collection[int]) -> dict[int, ArticleTexts]:
    """Return the texts of these articles by id."""
    return _by_ids(session, _query(), article_ids)


def lock_texts(
    session: Session, article_ids: Collection[int], *, skip_locked: bool = False
) -> dict[int, ArticleTexts]:
    """Return the texts of these articles as they are until the transaction ends.

    Locked by number, as all do; with `skip_locked` those that another transaction has in hand are left out.
    """
    return _by_ids(session, _query().with_for_update(of=Article, skip_locked=skip_locked), article_ids)


def read_texts_after(session: Session, after: int, *, limit: int) -> list[ArticleTexts]:
    """Return the texts of the next articles by id."""
    return _texts(session, _query().where(Article.id > after).limit(limit))


def find_start_of_newest(session: Session, count: int) -> int:
    """Return the id before the newest `count` articles; numbers rise with time."""
    newest = select(Article.id).order_by(Article.id.desc()).limit(count).subquery()
    return (session.scalar(select(func.min(newest.c.id))) or 1) - 1


def read_behind(session: Session, *, version: int, after: int, limit: int) -> list[ArticleTexts]:
    """Return the next articles that were stored after a change of what is watched, and matched without it.

    Those that a matcher of `version` brings further. There is an index of exactly these.
    """
    behind = (Article.watch_version < Article.stored_version, Article.watch_version < version)
    return _texts(session, _query().where(Article.id > after, *behind).limit(limit))


def read_back_list(session: Session, *, version: int, after: int, limit: int) -> list[ArticleTexts]:
    """Return the next articles that were not matched with the watch set's `version`."""
    behind = Article.watch_version < version
    return _texts(session, _query().where(Article.id > after, behind).limit(limit))


def newest_term_version(session: Session, *, at_most: int) -> int:
    """Return the version of the last change of a term that is watched, of those up to `at_most`."""
    newest = select(func.max(WatchTerm.version)).where(
        WatchTerm.removed_at.is_(None), WatchTerm.version <= at_most
    )
    return session.scalar(newest) or 0


_Query = Select[int, str, str | None, str | None, str, bool, int, int]


def _query() -> _Query:
    return (
        select(
            Article.id,
            Article.title,
            Article.summary,
            Article.text,
            Source.name,
            Article.quiet,
            Article.stored_version,
            Article.watch_version,
        )
        .join(Source, Source.id == Article.source_id)
        .order_by(Article.id)
    )


def _texts(session: Session, query: _Query) -> list[ArticleTexts]:
    return [
        ArticleTexts(
            article_id,
            {"title": title, "summary": summary or "", "text": text or ""},
            source,
            quiet,
            stored_version,
            watch_version,
        )
        for article_id, title, summary, text, source, quiet, stored_version, watch_version in session.execute(
            query
        )
    ]


def _by_ids(session: Session, query: _Query, article_ids: Collection[int]) -> dict[int, ArticleTexts]:
    ordered = sorted(article_ids)
    return {
        texts.article_id: texts
        for start in range(0, len(ordered), _AT_ONCE)
        for texts in _texts(session, query.where(Article.id.in_(ordered[start : start + _AT_ONCE])))
    }
