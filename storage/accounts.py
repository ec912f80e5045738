"""Accounts that can sign in, and the one-time link by which the first of them is made."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from marsad.errors import LinkInvalid
from storage.models import OneTimeLink, User, WebSession
from storage.results import changed_rows
from storage.users import owner_id

LINK_LIFE = timedelta(hours=24)
"""How long a set-up link can be used."""

_SET_UP = "set-up"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The user behind a request; `language` is None as long as none was chosen."""

    id: int
    name: str
    email: str | None
    language: str | None
    role: str


@dataclass(frozen=True, slots=True)
class Account:
    """What signing in is checked against."""

    user_id: int
    password_hash: str


def new_token() -> str:
    """Return 256 random bits, fit for a cookie or an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of a token, hex SHA-256: a reader of the database can sign in with none of them."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find_account(session: Session, email: str) -> Account | None:
    """Return whom an e-mail address, already normalised, signs in; None for the unknown and the disabled."""
    row = session.execute(
        select(User.id, User.password_hash).where(User.email == email, User.disabled_at.is_(None))
    ).one_or_none()
    return Account(row[0], row[1]) if row is not None and row[1] is not None else None


def set_language(session: Session, user_id: int, language: str) -> None:
    """Answer a user in this language from now on."""
    session.execute(update(User).where(User.id == user_id).values(language=language))


def disable_user(session: Session, user_id: int, *, now: datetime) -> None:
    """Let a user sign in no more; open sessions end."""
    session.execute(update(User).where(User.id == user_id).values(disabled_at=now))
    session.execute(delete(WebSession).where(WebSession.user_id == user_id))


def set_password(session: Session, user_id: int, password_hash: str) -> None:
    """Sign a user in with another password from now on; open sessions end."""
    session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))
    session.execute(delete(WebSession).where(WebSession.user_id == user_id))


# ---------------------------------------------------------------- the first set-up


def set_up_needed(session: Session) -> bool:
    """Return whether nobody can sign in yet."""
    return session.scalar(select(User.id).where(User.password_hash.is_not(None)).limit(1)) is None


def new_set_up_link(session: Session, *, now: datetime) -> str:
    """Return the token of a new set-up link; the older ones work until their own end.

    Of several web processes each prints one, and nobody can tell which was printed last.
    """
    session.execute(delete(OneTimeLink).where(OneTimeLink.purpose == _SET_UP, OneTimeLink.expires_at <= now))
    token = new_token()
    session.add(
        OneTimeLink(token_hash=token_hash(token), purpose=_SET_UP, created_at=now, expires_at=now + LINK_LIFE)
    )
    session.flush()
    return token


def set_up_link_works(session: Session, token: str, *, now: datetime) -> bool:
    """Return whether a token would set up this installation now; changes nothing."""
    return session.scalar(select(OneTimeLink.token_hash).where(*_usable(token, now))) is not None


def complete_set_up(
    session: Session, token: str, *, name: str, email: str, password_hash: str, language: str, now: datetime
) -> int:
    """Use a set-up link: the owner, who may have watchlists already, becomes the first who can sign in.

    Returns the user's id. Raises LinkInvalid for a link that is wrong, used, too old or superseded.
    """
    used = session.execute(update(OneTimeLink).where(*_usable(token, now)).values(used_at=now))
    if changed_rows(used) != 1 or not set_up_needed(session):
        raise LinkInvalid("This set-up link was used, or has expired.")
    # Whoever holds another link at this moment waits for these rows, and then finds them gone.
    session.execute(delete(OneTimeLink).where(OneTimeLink.purpose == _SET_UP, OneTimeLink.used_at.is_(None)))
    owner = session.get_one(User, owner_id(session, now=now))
    owner.name, owner.email, owner.language = name, email, language
    owner.password_hash, owner.role, owner.disabled_at = password_hash, "admin", None
    session.flush()
    return owner.id


def _usable(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeLink.token_hash == token_hash(token),
        OneTimeLink.purpose == _SET_UP,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now,
    )
