"""The newest articles of each source, by their headlines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Article


@dataclass(frozen=True, slots=True)
class Headline:
    """One of a source's newest articles."""

    title: str
    url: str | None
    published: datetime | None


def newest_headlines(session: Session, source_id: int, *, limit: int) -> list[Headline]:
    """Return a source's newest articles first."""
    rows = session.execute(
        select(Article.title, Article.url, Article.published_at)
        .where(Article.source_id == source_id)
        .order_by(Article.id.desc())
        .limit(limit)
    )
    return [Headline(title, url, published) for title, url, published in rows]
