"""How often signing in may be tried: counted by account, device and address, and kept over a restart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.models import LoginFailure
from storage.results import changed_rows
from storage.upsert import insert_missing

FORGOTTEN_AFTER = timedelta(hours=24)
"""So long after the last attempt the count begins anew."""
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Counter:
    """What attempts are counted for, and how many of them may fail before the next has to wait.

    One that does not hold back counts the attempt, for others to wait, and never stops it.
    """

    key: str
    free: int
    holds_back: bool = True


def wait_after(failures: int, free: int) -> timedelta:
    """Return how long the next attempt waits: not at all, then 30 s, doubling up to 15 minutes."""
    if failures < free:
        return timedelta(0)
    doubled: int = 2 ** min(failures - free, 10)
    return min(_FIRST_WAIT * doubled, _LONGEST_WAIT)


def find_wait(session: Session, counters: Sequence[Counter], *, now: datetime) -> timedelta:
    """Return how long an attempt has to wait as things stand, zero for not at all; changes nothing.

    Asked first, a stranger who goes on and on stores nothing and holds up nobody who writes.
    """
    blocked = session.scalars(
        select(LoginFailure.blocked_until).where(LoginFailure.key.in_(_holding_back(counters)))
    )
    return _longest(blocked, now)


def begin_attempt(session: Session, counters: Sequence[Counter], *, now: datetime) -> timedelta:
    """Count an attempt as failed before it is made, so that many at once gain nothing.

    Returns zero, or how long to wait: then the attempt is not to be made, and was not counted.
    """
    insert_missing(
        session,
        LoginFailure,
        [{"key": counter.key, "failures": 0, "last_at": now, "blocked_until": None} for counter in counters],
    )
    free = {counter.key: counter.free for counter in counters}
    rows = session.scalars(
        # In one order for everyone, so that two attempts never wait for each other.
        select(LoginFailure).where(LoginFailure.key.in_(free)).order_by(LoginFailure.key).with_for_update()
    ).all()
    holding = _holding_back(counters)
    if wait := _longest((row.blocked_until for row in rows if row.key in holding), now):
        return wait
    for row in rows:
        row.failures = 1 + (row.failures if now - row.last_at < FORGOTTEN_AFTER else 0)
        row.last_at = now
        row.blocked_until = now + wait_after(row.failures, free[row.key])
    return timedelta(0)


def forgive_attempt(session: Session, target: Counter, address: Counter, *, now: datetime) -> None:
    """Undo the count of an attempt that succeeded.

    The account, or the device, begins anew. The address does not: signing in to one's own account between
    guesses at others must not help. What is old is cleared away.
    """
    session.execute(
        delete(LoginFailure).where(
            (LoginFailure.key == target.key) | (LoginFailure.last_at <= now - FORGOTTEN_AFTER)
        )
    )
    row = session.scalar(select(LoginFailure).where(LoginFailure.key == address.key).with_for_update())
    if row is not None:
        row.failures -= 1
        row.blocked_until = row.last_at + wait_after(row.failures, address.free)


def forget_attempts(session: Session) -> int:
    """Let everyone try again at once; returns how many counts there were."""
    return changed_rows(session.execute(delete(LoginFailure)))


def _holding_back(counters: Iterable[Counter]) -> set[str]:
    return {counter.key for counter in counters if counter.holds_back}


def _longest(blocked: Iterable[datetime | None], now: datetime) -> timedelta:
    waits = [until - now for until in blocked if until is not None]
    # One that is further ahead was written before the clock was set back.
    return max((wait for wait in waits if timedelta(0) < wait <= _LONGEST_WAIT), default=timedelta(0))
