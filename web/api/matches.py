"""`/api/v1/matches`: what was found."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from storage import watchlists
from storage.watchlists import MatchRow
from web.access import CurrentUser
from web.api.problems import problems
from web.api.queries import Strict
from web.services import Services

router = APIRouter(prefix="/api/v1", tags=["matches"])


class MatchQuery(Strict):
    """Which matches; `before` is the `next` of the page before."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    before: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None
    term: Annotated[str | None, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")] = None


class HitOut(BaseModel):
    """One mention; `start` and `end` count code points of the field's text, end exclusive."""

    field: Literal["title", "summary", "text"]
    start: int
    end: int
    spelling: str
    clitics: str
    why: str


class ArticleOut(BaseModel):
    id: int
    title: str
    url: str | None
    source: str
    published: datetime | None
    summary: str | None
    text: str | None


class MatchOut(BaseModel):
    """An article that mentions a watch term, with every place and why."""

    id: int
    matched_at: datetime
    term: str
    watchlist: str
    state: str
    article: ArticleOut
    hits: list[HitOut]


class MatchPage(BaseModel):
    """Matches, newest first; `next` is None on the last page."""

    matches: list[MatchOut]
    next: int | None


@router.get("/matches", responses=problems())
def list_matches(user: CurrentUser, services: Services, query: Annotated[MatchQuery, Query()]) -> MatchPage:
    """Return the signed-in user's matches, newest first, a page at a time."""
    with services.database.read() as session:
        rows = watchlists.list_matches(
            session, user.id, limit=query.limit + 1, term=query.term, before=query.before
        )
    shown = rows[: query.limit]
    return MatchPage(
        matches=[_match(row) for row in shown], next=shown[-1].id if len(rows) > query.limit else None
    )


def _match(row: MatchRow) -> MatchOut:
    return MatchOut(
        id=row.id,
        matched_at=row.matched_at,
        term=row.term,
        watchlist=row.watchlist,
        state=row.state,
        article=ArticleOut(
            id=row.article_id,
            title=row.title,
            url=row.url,
            source=row.source,
            published=row.published,
            summary=row.texts["summary"] or None,
            text=row.texts["text"] or None,
        ),
        hits=[HitOut(**asdict(hit)) for hit in row.hits],
    )
