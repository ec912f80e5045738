"""Browsers that are signed in: the cookie holds a random token, the database its hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.accounts import SignedIn, new_token, token_hash
from storage.models import User, WebSession

IDLE = timedelta(days=14)
"""A session that was not used for so long is over."""
LONGEST = timedelta(days=90)
"""So long a session lasts, used or not."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that counts, and when it was last written down that it was used."""

    user: SignedIn
    seen_at: datetime


def start_session(session: Session, user_id: int, *, now: datetime) -> str:
    """Sign a user in; returns the new session's token. Sessions of anyone that are over are cleared away."""
    session.execute(
        delete(WebSession).where((WebSession.expires_at <= now) | (WebSession.seen_at <= now - IDLE))
    )
    token = new_token()
    session.add(
        WebSession(
            token_hash=token_hash(token),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            expires_at=now + LONGEST,
        )
    )
    session.flush()
    return token


def find_session(session: Session, token: str, *, now: datetime) -> OpenSession | None:
    """Return the session that a token opens; None when it is unknown, over, or its user disabled."""
    row = session.execute(
        select(User, WebSession.seen_at)
        .join(WebSession, WebSession.user_id == User.id)
        .where(
            WebSession.token_hash == token_hash(token),
            WebSession.expires_at > now,
            WebSession.seen_at > now - IDLE,
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    user, seen_at = row
    return OpenSession(SignedIn(user.id, user.name, user.email, user.language, user.role), seen_at)


def touch_session(session: Session, token: str, *, now: datetime) -> None:
    """Write down that a session is in use."""
    session.execute(update(WebSession).where(WebSession.token_hash == token_hash(token)).values(seen_at=now))


def end_session(session: Session, token: str) -> None:
    """Sign out: the token opens nothing any more."""
    session.execute(delete(WebSession).where(WebSession.token_hash == token_hash(token)))
