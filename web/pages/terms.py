"""One term: how it is looked for, and changing that. Its name stays; it says which term it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from marsad.errors import MarsadError
from marsad.types import Term
from storage.watchlists import TermRow
from web.access import CurrentUser
from web.pages.own_terms import change_own_term, find_own_term
from web.pages.term_form import ExpressionDraft, ExpressionForm, TermDraft, TermForm
from web.rendering import language_of, render
from web.sentences import status_of
from web.services import Services

router = APIRouter(include_in_schema=False)


@router.get("/watchlist/terms/{term_id}")
def show_term(request: Request, services: Services, user: CurrentUser, term_id: str) -> HTMLResponse:
    with services.database.read() as session:
        row = find_own_term(session, user.id, term_id)
    if row.term.expression is not None:
        return _page(request, row, _expression_form(request, ExpressionDraft.of(row)))
    return _page(request, row, _term_form(request, TermDraft.of(row)))


@router.post("/watchlist/terms/{term_id}")
def change_term(
    request: Request,
    services: Services,
    user: CurrentUser,
    term_id: str,
    own: Annotated[str, Form()] = "",
    exclude: Annotated[str, Form()] = "",
    spelling: Annotated[list[str] | None, Form()] = None,
    expression: Annotated[str, Form()] = "",
    sense: Annotated[str, Form()] = "",
    sense_asked: Annotated[str, Form()] = "",
) -> Response:
    """Change how a term is looked for; a wrong change is shown again beside its error."""
    with services.database.read() as session:
        row = find_own_term(session, user.id, term_id)
    counts = bool(sense) or not sense_asked
    if row.term.expression is not None:
        changed = ExpressionDraft(row.term.name, expression.strip(), row.watchlist, counts)
        term = replace(row.term, expression=changed.expression, sense=counts)
        return _save(request, services, user.id, row, term, changed)
    draft = TermDraft(row.term.name, row.watchlist, frozenset(spelling or ()), own, exclude, counts)
    try:
        term = draft.term()
    except MarsadError as exc:
        return _page(request, row, _term_form(request, draft, exc), status=status_of(exc))
    return _save(request, services, user.id, row, term, draft)


def _save(
    request: Request,
    services: Services,
    user_id: int,
    row: TermRow,
    term: Term,
    draft: TermDraft | ExpressionDraft,
) -> Response:
    try:
        change_own_term(services, user_id, row, term)
    except MarsadError as exc:
        form = (
            _term_form(request, draft, exc)
            if isinstance(draft, TermDraft)
            else _expression_form(request, draft, exc)
        )
        return _page(request, row, form, status=status_of(exc))
    return RedirectResponse(f"/watchlist?added={row.id}&done=changed", 303)


def _term_form(request: Request, draft: TermDraft, error: MarsadError | None = None) -> TermForm:
    return TermForm.of(language_of(request), draft, error)


def _expression_form(
    request: Request, draft: ExpressionDraft, error: MarsadError | None = None
) -> ExpressionForm:
    return ExpressionForm.of(language_of(request), draft, error)


def _page(
    request: Request, row: TermRow, form: TermForm | ExpressionForm, *, status: int = 200
) -> HTMLResponse:
    return render(request, "term.html", status=status, row=row, form=form)
