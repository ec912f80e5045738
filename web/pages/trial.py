"""Trying the user's terms on a text: what they find in it, and why; nothing is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from marsad.types import FieldHit, FieldName, StoredHit
from matching.matcher import compile_matcher
from storage import watchlists
from web.access import CurrentUser
from web.explaining import explain_hits
from web.highlight import highlight, highlight_paragraphs
from web.pages.own_terms import can_be_looked_for
from web.rendering import language_of, render
from web.services import Services, WebServices

router = APIRouter(include_in_schema=False)

_LONGEST_HEADLINE = 1_000
_LONGEST = 20_000
_SAMPLE = (
    "أعلنت شركة ناشئة في عمّان أنها ستشغّل نماذج ديب سيك على معالجات هواوي، وقالت إن أسعار إنفيديا "
    "دفعتها إلى ذلك. وبحسب الشركة فإن شرائح H20 لا تصل إلى المنطقة إلا متأخرة."
)


@router.get("/watchlist/try")
def show_trial(request: Request, services: Services, user: CurrentUser) -> HTMLResponse:
    return _page(request, services, user.id, "", _SAMPLE)


@router.post("/watchlist/try")
def try_text(
    request: Request,
    services: Services,
    user: CurrentUser,
    headline: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Show what the user's terms find in a text, with its headline if it has one."""
    return _page(request, services, user.id, headline[:_LONGEST_HEADLINE], text[:_LONGEST])


def _page(request: Request, services: WebServices, user_id: int, headline: str, text: str) -> HTMLResponse:
    with services.database.read() as session:
        terms = [row.term for row in watchlists.list_terms(session, user_id)]
    terms = [term for term in terms if can_be_looked_for(term)]
    fields: Mapping[FieldName, str] = {"title": headline, "text": text}
    found = compile_matcher(terms).find_in(fields) if terms else ()
    by_term: defaultdict[str, list[StoredHit]] = defaultdict(list)
    for each in found:
        by_term[each.hit.term.name].append(_as_stored(each))
    language = language_of(request)
    return render(
        request,
        "trial.html",
        headline=headline,
        text=text,
        has_terms=bool(terms),
        shown_headline=highlight(headline, _in(found, "title")) if headline.strip() else None,
        paragraphs=highlight_paragraphs(text, _in(found, "text")),
        reasons=[(name, explain_hits(language, hits)) for name, hits in by_term.items()],
    )


def _as_stored(found: FieldHit) -> StoredHit:
    _, start, end, spelling, clitics, why = found.hit
    return StoredHit(found.field, start, end, spelling, clitics, why)


def _in(found: tuple[FieldHit, ...], field: FieldName) -> list[StoredHit]:
    return [_as_stored(each) for each in found if each.field == field]
