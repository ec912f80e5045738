"""Why not? What one term finds in a pasted text and what not, why, and the smallest edit that would change it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from marsad.errors import MarsadError, TermInvalid
from marsad.types import Term
from matching.explain import Edit, apply_edit
from matching.terms import check_term
from storage import watchlists
from storage.watchlists import TermRow
from web.access import CurrentUser
from web.explained import LONGEST, Answer, answer
from web.pages.own_terms import CHANGED, change_own_term, find_own_term
from web.parameters import number
from web.rendering import language_of, render
from web.sentences import say_error, status_of
from web.services import Services, WebServices
from web.translation import noop

router = APIRouter(include_in_schema=False)


@router.get("/watchlist/why")
def show_why(
    request: Request, services: Services, user: CurrentUser, term: str | None = None
) -> HTMLResponse:
    return _page(request, services, user.id, chosen=number(term))


@router.post("/watchlist/why")
def explain_text(
    request: Request,
    services: Services,
    user: CurrentUser,
    text: Annotated[str, Form()] = "",
    term: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Explain what one of the user's terms, or a name that was typed, finds in a text; nothing is stored."""
    return _page(
        request, services, user.id, text=text[:LONGEST], chosen=number(term), name=name.strip(), asked=True
    )


@router.post("/watchlist/why/edit")
def make_edit(
    request: Request,
    services: Services,
    user: CurrentUser,
    term: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    value: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Make one edit of a term of the user's, and explain the text again."""
    with services.database.read() as session:
        row = find_own_term(session, user.id, term)
    edit = _edit(kind, value.strip())
    if edit is None or row.term.expression is not None:
        raise HTTPException(404)
    text = text[:LONGEST]
    try:
        change_own_term(services, user.id, row, apply_edit(row.term, edit))
    except MarsadError as exc:
        said = say_error(language_of(request), exc)
        return _page(
            request,
            services,
            user.id,
            text=text,
            chosen=row.id,
            asked=True,
            flash=said,
            flash_kind="bad",
            status=status_of(exc),
        )
    flash = language_of(request).gettext(CHANGED)
    return _page(request, services, user.id, text=text, chosen=row.id, asked=True, flash=flash)


def _edit(kind: str, value: str) -> Edit | None:
    """Return the edit that a form asks for; None when it is none."""
    match kind:
        case "add_spelling" | "tick_spelling" | "exclude" | "allow" if value:
            return Edit(kind, value)
        case "ignore_sense":
            return Edit(kind)
        case _:
            return None


_NOTHING_CHOSEN = noop("Choose a term, or type a name.")
_NO_TEXT = noop("Paste the text in which the name should be found, or should not.")


def _page(
    request: Request,
    services: WebServices,
    user_id: int,
    *,
    text: str = "",
    chosen: int | None = None,
    name: str = "",
    asked: bool = False,
    flash: str = "",
    flash_kind: str = "good",
    status: int = 200,
) -> HTMLResponse:
    with services.database.read() as session:
        rows = watchlists.list_terms(session, user_id)
    row = _find(rows, chosen, name)
    wrong: dict[str, Markup] = {}
    found: Answer | None = None
    if asked:
        found, wrong = _answer(request, row, name, text)
    return render(
        request,
        "why.html",
        status=422 if wrong else status,
        rows=rows,
        row=row,
        typed="" if row else name,
        text=text,
        longest=LONGEST,
        answer=found,
        text_error=wrong.get("text", ""),
        name_error=wrong.get("name", ""),
        flash=flash,
        flash_kind=flash_kind,
    )


def _find(rows: list[TermRow], chosen: int | None, name: str) -> TermRow | None:
    """Return the user's term that is meant: the one that was typed, if it is one, else the one that was chosen."""
    if name:
        return next((row for row in rows if row.term.name.casefold() == name.casefold()), None)
    return next((row for row in rows if row.id == chosen), None)


def _answer(
    request: Request, row: TermRow | None, name: str, text: str
) -> tuple[Answer | None, dict[str, Markup]]:
    """Return the answer, or for each wrong field what is wrong with it."""
    language = language_of(request)
    wrong: dict[str, Markup] = {}
    if not text.strip():
        wrong["text"] = language.gettext(_NO_TEXT)
    if row is None and not name:
        wrong["name"] = language.gettext(_NOTHING_CHOSEN)
    if wrong:
        return None, wrong
    term = row.term if row else Term(name)
    try:
        check_term(term)
        return answer(language, text, term), {}
    except TermInvalid as exc:
        return None, {"name": say_error(language, exc)}
