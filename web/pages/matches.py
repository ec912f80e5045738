"""The inbox: what was found, and each match with its whole text and the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from markupsafe import Markup

from pipeline.source_state import source_state
from storage import inbox, sources, watchlists
from storage.inbox import InboxArticle
from storage.sources import SourceRow
from web.access import CurrentUser
from web.delivery_states import say_delivery
from web.explaining import explain_hits
from web.highlight import highlight, highlight_paragraphs, highlight_snippet
from web.parameters import number, number_or_404
from web.rendering import language_of, render
from web.services import Services
from web.web_address import web_address

router = APIRouter(include_in_schema=False)

_ON_A_PAGE = 30


@dataclass(frozen=True, slots=True)
class _Filter:
    """Which matches are asked for, as the address says."""

    term: int | None
    source: int | None

    def address(self, **more: int | None) -> str:
        wanted = {"term": self.term, "source": self.source, **more}
        query = urlencode({name: value for name, value in wanted.items() if value is not None})
        return f"/matches?{query}" if query else "/matches"


@dataclass(frozen=True, slots=True)
class _Row:
    """An article as the list shows it."""

    article: InboxArticle
    headline: Markup
    snippet: Markup | None
    at: datetime


@router.get("/")
def home(user: CurrentUser) -> RedirectResponse:
    return RedirectResponse("/matches", 303)


@router.get("/matches")
def show_matches(
    request: Request,
    services: Services,
    user: CurrentUser,
    term: str | None = None,
    source: str | None = None,
    before: str | None = None,
) -> HTMLResponse:
    wanted = _Filter(number(term), number(source))
    with services.database.read() as session:
        now = services.clock(session)
        found = inbox.list_inbox(
            session,
            user.id,
            limit=_ON_A_PAGE + 1,
            term_id=wanted.term,
            source_id=wanted.source,
            before=number(before),
        )
        terms = watchlists.list_terms(session, user.id)
        matched_sources = inbox.list_matched_sources(session, user.id)
        waiting = sources.list_sources(session) if not found else []
    shown = found[:_ON_A_PAGE]
    return render(
        request,
        "matches.html",
        now=now,
        rows=[_row(article) for article in shown],
        wanted=wanted,
        terms=terms,
        sources=matched_sources,
        older=wanted.address(before=shown[-1].newest_match) if len(found) > _ON_A_PAGE else None,
        first_page=number(before) is None,
        newest=shown[0].newest_match if shown else None,
        outlook=_outlook(waiting, now, watching=bool(terms)) if not found else None,
        sources_waiting=[state for state in waiting if state.last_at is None and not state.paused][:8],
        next_look=min((state.due_at for state in waiting if not state.paused), default=None),
        articles=sum(state.articles for state in waiting),
    )


@router.get("/matches/news")
def tell_news(
    request: Request,
    services: Services,
    user: CurrentUser,
    after: str | None = None,
    term: str | None = None,
    source: str | None = None,
) -> JSONResponse:
    """How many articles came since a match was the newest, for the page that shows it."""
    with services.database.read() as session:
        count = inbox.count_newer(
            session, user.id, number(after) or 0, term_id=number(term), source_id=number(source)
        )
    said = language_of(request).ngettext("%(n)s new article: show it", "%(n)s new articles: show them", count)
    return JSONResponse({"count": count, "text": str(said.unescape())})


@router.get("/matches/{match_id}")
def show_match(request: Request, services: Services, user: CurrentUser, match_id: str) -> HTMLResponse:
    with services.database.read() as session:
        now = services.clock(session)
        article = inbox.find_in_inbox(session, user.id, number_or_404(match_id))
        if article is None:
            raise HTTPException(404)
        mail_server = services.settings.smtp is not None
        deliveries = inbox.list_deliveries_of(session, user.id, article.article_id, mail_server=mail_server)
    language = language_of(request)
    return render(
        request,
        "match.html",
        now=now,
        article=article,
        headline=highlight(article.title, article.hits_in("title")),
        summary=_summary(article),
        paragraphs=highlight_paragraphs(article.text or "", article.hits_in("text")),
        reasons=[(match, explain_hits(language, match.hits)) for match in article.matches],
        original=web_address(article.url),
        deliveries=[(delivery, say_delivery(language, delivery)) for delivery in deliveries],
    )


def _row(article: InboxArticle) -> _Row:
    return _Row(
        article=article,
        headline=highlight(article.title, article.hits_in("title")),
        snippet=_snippet(article),
        at=min(article.published or article.first_seen, article.first_seen),
    )


def _snippet(article: InboxArticle) -> Markup | None:
    """The first hit below the headline in its sentence, else how the article begins."""
    for name in ("summary", "text"):
        if hits := article.hits_in(name):
            return highlight_snippet(article.field(name), hits)
    beginning = (article.summary or article.text or "").strip()
    return highlight(beginning[:220] + ("…" if len(beginning) > 220 else ""), ()) if beginning else None


def _summary(article: InboxArticle) -> list[Markup]:
    """The feed's summary, unless the article's text begins with it."""
    summary, text = (article.summary or "").strip(), article.text or ""
    if not summary or (text and summary[:80] in text[:400] and not article.hits_in("summary")):
        return []
    return highlight_paragraphs(article.summary or "", article.hits_in("summary"))


def _outlook(rows: list[SourceRow], now: datetime, *, watching: bool) -> str:
    """What is to be said while there is nothing to show."""
    polled = [source_state(row, now=now) for row in rows if not row.paused]
    if not watching:
        return "no-term"
    if not polled:
        return "no-source"
    if any(row.articles for row in rows):
        return "nothing-matched"
    tried = [state for state in polled if state.at is not None]
    return "unreachable" if tried and not any(state.good for state in tried) else "fetching"
