"""A user's own terms, for the pages that change them."""

from __future__ import annotations

from fastapi import HTTPException
from sqlalchemy.orm import Session

from marsad.errors import TermInvalid
from marsad.types import Term
from matching.terms import check_term
from pipeline.backfill import match_stored
from storage import watchlists
from storage.watchlists import TermRow
from web.parameters import number_or_404
from web.services import WebServices
from web.translation import noop

_AT_ONCE = 300
"""Stored articles that are searched before the answer; the workers catch up with the others."""

CHANGED = noop("The term was changed. New articles are matched like this, and stored ones without alerts.")


def find_own_term(session: Session, user_id: int, term_id: str) -> TermRow:
    """Return a term that the user watches; raises HTTPException 404 for any other."""
    wanted = number_or_404(term_id)
    row = next((row for row in watchlists.list_terms(session, user_id) if row.id == wanted), None)
    if row is None:
        raise HTTPException(404)
    return row


def change_own_term(services: WebServices, user_id: int, row: TermRow, term: Term) -> None:
    """Look for a term of the user's otherwise; raises TermInvalid, and NameUnknown if it was removed meanwhile."""
    check_term(term)
    with services.database.write() as session:
        watchlist_id = watchlists.find_watchlist(session, user_id, row.watchlist)
        watchlists.change_term(session, watchlist_id, term, now=services.clock(session))
    match_at_once(services, row.id)


def match_at_once(services: WebServices, term_id: int) -> None:
    """Match the newest stored articles with a term, for a person who waits; the workers do the others."""
    match_stored(services.database, services.clock, [term_id], at_most=_AT_ONCE)
    services.wake()


def can_be_looked_for(term: Term) -> bool:
    """Return whether a stored term passes the check of today, which may be stricter than when it was stored."""
    try:
        check_term(term)
    except TermInvalid:
        return False
    return True
