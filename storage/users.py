"""Users and the audit of what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import AuditEvent, User


def find_owner(session: Session) -> int | None:
    """Return the first user's id, as whom the command line acts; None in an empty database."""
    return session.scalar(select(User.id).order_by(User.id).limit(1))


def owner_id(session: Session, *, now: datetime) -> int:
    """Return the first user's id; an empty database gets one."""
    found = find_owner(session)
    if found is not None:
        return found
    owner = User(name="owner", created_at=now)
    session.add(owner)
    session.flush()
    return owner.id


def audit(session: Session, *, now: datetime, user_id: int, action: str, subject: str, **detail: Any) -> None:
    """Record who did what; the detail holds no secret."""
    session.add(AuditEvent(at=now, user_id=user_id, action=action, subject=subject, detail=detail))
