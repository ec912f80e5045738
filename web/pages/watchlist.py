"""The watchlist: terms with their spellings; adding one with a look at them before; trying them on a text."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from marsad.errors import MarsadError
from marsad.types import Term
from matching.folding import is_arabic
from matching.matcher import compile_matcher
from matching.proposals import excluded_phrases, propose_spellings
from matching.terms import check_term
from pipeline.backfill import match_stored
from pipeline.starter import WATCHLIST
from storage import watchlists
from storage.watchlists import TermRow
from web.access import CurrentUser
from web.explaining import split_clitics
from web.highlight import highlight_paragraphs
from web.parameters import number, number_or_404
from web.rendering import language_of, render
from web.sentences import say_error, status_of
from web.services import Services, WebServices
from web.translation import noop

router = APIRouter(include_in_schema=False)

log = logging.getLogger(__name__)

_SHOWN = 8
_AT_ONCE = 300
"""Stored articles that are searched before the answer."""
_LONGEST_TRIAL = 20_000
_SAMPLE = (
    "أعلنت شركة ناشئة في عمّان أنها ستشغّل نماذج ديب سيك على معالجات هواوي، وقالت إن أسعار إنفيديا "
    "دفعتها إلى ذلك. وبحسب الشركة فإن شرائح H20 لا تصل إلى المنطقة إلا متأخرة."
)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A term as the form has it: kept when something is wrong with it."""

    name: str = ""
    watchlist: str = WATCHLIST
    own: str = ""
    """The user's own spellings, one a line."""
    ticked: tuple[str, ...] | None = None
    """The proposals to look for; None takes them all."""
    proposals: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    error: str = ""

    @property
    def own_spellings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.strip() for line in self.own.splitlines() if line.strip()))

    @property
    def only_latin(self) -> bool:
        """Nothing says how Arabic writes it."""
        known = (*self.proposals, *self.own_spellings)
        return bool(self.proposals) and not any(is_arabic(letter) for form in known for letter in form)

    def term(self) -> Term:
        """The term to store: one with all proposals and no more is left to what is proposed at any time."""
        everything = self.ticked is None or set(self.ticked) >= set(self.proposals)
        if everything and not self.own_spellings:
            return Term(self.name)
        chosen = self.proposals if everything else tuple(s for s in self.ticked or () if s in self.proposals)
        spellings = tuple(s for s in dict.fromkeys((*chosen, *self.own_spellings)) if s != self.name)
        return Term(self.name, spellings, self.exclude)


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
    return _page(request, services, user.id, _Draft(), added=number(added), flash=flash)


@router.post("/watchlist/terms")
def add_term(
    request: Request,
    services: Services,
    user: CurrentUser,
    name: Annotated[str, Form()] = "",
    watchlist: Annotated[str, Form()] = WATCHLIST,
    own: Annotated[str, Form()] = "",
    spelling: Annotated[list[str] | None, Form()] = None,
    previewed: Annotated[str, Form()] = "",
    step: Annotated[str, Form()] = "save",
) -> Response:
    """Add a term, or only show what would be looked for (`step=preview`)."""
    language = language_of(request)
    name = name.strip()
    # Ticks count only for the name that they were shown with.
    ticked = tuple(spelling or ()) if previewed == name else None
    draft = _Draft(name, watchlist, own, ticked)
    try:
        check_term(Term(name))
        draft = _with_proposals(draft)
        term = draft.term()
        check_term(term)
        if step != "save":
            return _page(request, services, user.id, draft, preview=True)
        term_id = _store(services, user.id, watchlist, term)
    except MarsadError as exc:
        wrong = _Draft(name, watchlist, own, ticked, draft.proposals, error=say_error(language, exc))
        preview = bool(draft.proposals) and bool(previewed)
        return _page(request, services, user.id, wrong, preview=preview, status=status_of(exc))
    # The newest articles while the user waits, the others after the answer: thousands take seconds.
    match_stored(services.database, services.clock, [term_id], at_most=_AT_ONCE)
    services.wake()
    older = BackgroundTask(_match_older, services, term_id)
    return RedirectResponse(f"/watchlist?added={term_id}", 303, background=older)


def _match_older(services: WebServices, term_id: int) -> None:
    try:
        match_stored(services.database, services.clock, [term_id], stopping=services.stopping)
    except MarsadError as exc:
        log.warning("stored articles not searched", extra={"term": term_id, "detail": str(exc)})


@router.post("/watchlist/terms/{term_id}/remove")
def remove_term(services: Services, user: CurrentUser, term_id: str) -> RedirectResponse:
    """Stop watching a term; its matches stay."""
    wanted = number_or_404(term_id)
    with services.database.write() as session:
        row = next((row for row in watchlists.list_terms(session, user.id) if row.id == wanted), None)
        if row is None:
            raise HTTPException(404)
        watchlist_id = watchlists.find_watchlist(session, user.id, row.watchlist)
        watchlists.remove_term(session, watchlist_id, row.term.name, now=services.clock(session))
    return RedirectResponse("/watchlist?done=removed", 303)


@router.get("/watchlist/try")
def show_trial(request: Request, services: Services, user: CurrentUser) -> HTMLResponse:
    return _trial(request, services, user.id, _SAMPLE)


@router.post("/watchlist/try")
def try_text(
    request: Request, services: Services, user: CurrentUser, text: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Show what the user's terms find in a text; nothing is stored."""
    return _trial(request, services, user.id, text[:_LONGEST_TRIAL])


_DONE = {"removed": noop("The term is no longer watched; its matches stay.")}


def _page(
    request: Request,
    services: WebServices,
    user_id: int,
    draft: _Draft,
    *,
    preview: bool = False,
    status: int = 200,
    **context: object,
) -> HTMLResponse:
    with services.database.read() as session:
        terms = [_watched(row) for row in watchlists.list_terms(session, user_id)]
        names = watchlists.list_watchlists(session, user_id) or [WATCHLIST]
    added = next((shown for shown in terms if shown.row.id == context.get("added")), None)
    return render(
        request,
        "watchlist.html",
        status=status,
        terms=terms,
        watchlists=names,
        draft=draft,
        preview=preview,
        **{"flash": "", **context, "added": added},
    )


def _store(services: WebServices, user_id: int, watchlist: str, term: Term) -> int:
    with services.database.write() as session:
        now = services.clock(session)
        if watchlist == WATCHLIST:
            watchlist_id = watchlists.ensure_watchlist(session, user_id, watchlist, now=now)
        else:
            watchlist_id = watchlists.find_watchlist(session, user_id, watchlist)
        return watchlists.add_term(session, watchlist_id, term, now=now)


def _with_proposals(draft: _Draft) -> _Draft:
    proposals = tuple(proposal.spelling for proposal in propose_spellings(draft.name))
    exclude = excluded_phrases(draft.name)
    return _Draft(draft.name, draft.watchlist, draft.own, draft.ticked, proposals, exclude)


def _watched(row: TermRow) -> _Watched:
    term = row.term
    if term.spellings is None:
        spellings = tuple(proposal.spelling for proposal in propose_spellings(term.name))
        exclude = (*excluded_phrases(term.name), *term.exclude)
    else:
        spellings, exclude = (term.name, *term.spellings), term.exclude
    return _Watched(row, spellings[:_SHOWN], spellings[_SHOWN:], tuple(dict.fromkeys(exclude)))


def _trial(request: Request, services: WebServices, user_id: int, text: str) -> HTMLResponse:
    with services.database.read() as session:
        terms = [row.term for row in watchlists.list_terms(session, user_id)]
    hits = compile_matcher(terms).find(text) if terms else ()
    return render(
        request,
        "trial.html",
        text=text,
        has_terms=bool(terms),
        paragraphs=highlight_paragraphs(text, hits),
        hits=[(hit.term.name, split_clitics(hit.clitics), hit.spelling) for hit in hits],
    )
