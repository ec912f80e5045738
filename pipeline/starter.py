"""The starter watchlist: what a new installation watches until its user says otherwise."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from marsad.types import Term
from storage import watchlists

NAMES = ("Nvidia", "Huawei", "H20", "DeepSeek")
WATCHLIST = "main"


def ensure_starter(session: Session, user_id: int, *, now: datetime) -> bool:
    """Give a user without any watchlist the starter one; returns whether it was made.

    A watchlist that a user emptied stays empty.
    """
    if watchlists.has_watchlist(session, user_id):
        return False
    made = watchlists.ensure_watchlist(session, user_id, WATCHLIST, now=now)
    for name in NAMES:
        watchlists.add_term(session, made, Term(name), now=now)
    return True
