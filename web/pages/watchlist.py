"""The watchlist: names and expressions that are watched; adding one, with a look at it before; removing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from marsad.errors import MarsadError
from marsad.types import Term
from matching.proposals import excluded_phrases, used_spellings
from matching.terms import check_term
from pipeline.starter import WATCHLIST
from storage import watchlists
from storage.watchlists import TermRow
from web.access import CurrentUser
from web.pages.own_terms import CHANGED, find_own_term, match_at_once
from web.pages.term_form import ExpressionDraft, ExpressionForm, TermDraft, TermForm
from web.parameters import number
from web.rendering import language_of, render
from web.sentences import status_of
from web.services import Services, WebServices
from web.translation import noop

router = APIRouter(include_in_schema=False)

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class _Watched:
    """A term as the list shows it."""

    row: TermRow
    first: tuple[str, ...]
    more: tuple[str, ...]
    exclude: tuple[str, ...]


@router.get("/watchlist")
def show_watchlist(
    request: Request,
    services: Services,
    user: CurrentUser,
    added: str | None = None,
    done: str | None = None,
) -> HTMLResponse:
    flash = language_of(request).gettext(_DONE[done]) if done in _DONE else ""
    return _page(request, services, user.id, added=number(added), flash=flash)


@router.post("/watchlist/terms")
def add_term(
    request: Request,
    services: Services,
    user: CurrentUser,
    name: Annotated[str, Form()] = "",
    watchlist: Annotated[str, Form()] = WATCHLIST,
    own: Annotated[str, Form()] = "",
    exclude: Annotated[str, Form()] = "",
    spelling: Annotated[list[str] | None, Form()] = None,
    previewed: Annotated[str, Form()] = "",
    sense: Annotated[str, Form()] = "",
    sense_asked: Annotated[str, Form()] = "",
    step: Annotated[str, Form()] = "save",
) -> Response:
    """Add a name, or only show what would be looked for (`step=preview`)."""
    language, name = language_of(request), name.strip()
    # Ticks count only for the name that they were shown with.
    ticked = frozenset(spelling or ()) if previewed == name else None
    draft = TermDraft(name, watchlist, ticked, own, exclude, bool(sense) or not sense_asked)
    named = False
    try:
        check_term(Term(name))
        named = True
        term = draft.term()
        check_term(term)
        if step != "save":
            form = TermForm.of(language, draft)
            return _page(request, services, user.id, form=form, preview=True)
        term_id = _store(services, user.id, watchlist, term)
    except MarsadError as exc:
        form = TermForm.of(language, draft, exc)
        preview = named and bool(previewed or form.wrong != "name")
        return _page(request, services, user.id, form=form, preview=preview, status=status_of(exc))
    match_at_once(services, term_id)
    return RedirectResponse(f"/watchlist?added={term_id}", 303)


@router.post("/watchlist/expressions")
def add_expression(
    request: Request,
    services: Services,
    user: CurrentUser,
    label: Annotated[str, Form()] = "",
    expression: Annotated[str, Form()] = "",
    watchlist: Annotated[str, Form()] = WATCHLIST,
    sense: Annotated[str, Form()] = "",
) -> Response:
    """Add an expression under a label."""
    draft = ExpressionDraft(label.strip(), expression.strip(), watchlist, bool(sense))
    try:
        term = draft.term()
        check_term(term)
        term_id = _store(services, user.id, watchlist, term)
    except MarsadError as exc:
        wrong = ExpressionForm.of(language_of(request), draft, exc)
        return _page(request, services, user.id, expression=wrong, status=status_of(exc))
    match_at_once(services, term_id)
    return RedirectResponse(f"/watchlist?added={term_id}", 303)


@router.post("/watchlist/terms/{term_id}/remove")
def remove_term(services: Services, user: CurrentUser, term_id: str) -> RedirectResponse:
    """Stop watching a term; its matches stay."""
    with services.database.write() as session:
        row = find_own_term(session, user.id, term_id)
        watchlist_id = watchlists.find_watchlist(session, user.id, row.watchlist)
        watchlists.remove_term(session, watchlist_id, row.term.name, now=services.clock(session))
    return RedirectResponse("/watchlist?done=removed", 303)


_DONE = {
    "removed": noop("The term is no longer watched; its matches stay."),
    "changed": CHANGED,
}


def _page(
    request: Request,
    services: WebServices,
    user_id: int,
    *,
    form: TermForm | None = None,
    expression: ExpressionForm | None = None,
    preview: bool = False,
    added: int | None = None,
    flash: str = "",
    status: int = 200,
) -> HTMLResponse:
    with services.database.read() as session:
        terms = [_watched(row) for row in watchlists.list_terms(session, user_id)]
        names = watchlists.list_watchlists(session, user_id) or [WATCHLIST]
    return render(
        request,
        "watchlist.html",
        status=status,
        terms=terms,
        watchlists=names,
        form=form or TermForm(TermDraft()),
        preview=preview,
        expression=expression or ExpressionForm(ExpressionDraft()),
        added=next((shown for shown in terms if shown.row.id == added), None),
        flash=flash,
    )


def _store(services: WebServices, user_id: int, watchlist: str, term: Term) -> int:
    with services.database.write() as session:
        now = services.clock(session)
        if watchlist == WATCHLIST:
            watchlist_id = watchlists.ensure_watchlist(session, user_id, watchlist, now=now)
        else:
            watchlist_id = watchlists.find_watchlist(session, user_id, watchlist)
        return watchlists.add_term(session, watchlist_id, term, now=now)


def _watched(row: TermRow) -> _Watched:
    term = row.term
    if term.expression is not None:
        return _Watched(row, (), (), term.exclude)
    if term.spellings is None:
        spellings = tuple(proposal.spelling for proposal in used_spellings(term.name))
        exclude = (*excluded_phrases(term.name), *term.exclude)
    else:
        spellings, exclude = (term.name, *term.spellings), term.exclude
    return _Watched(row, spellings[:_SHOWN], spellings[_SHOWN:], tuple(dict.fromkeys(exclude)))
