"""Due hosts and their leases: claim, renew, release.

One worker at a time talks to a host. A lease is a token and a time limit by the database's clock;
every commit about the host is fenced by the token, so a worker that slept through its lease stores nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.orm import Session

from marsad.errors import LeaseLost
from marsad.types import HostLease
from storage.models import Host, PageRequest, Source
from storage.results import changed_rows
from storage.upsert import insert_missing


def claim_hosts(
    session: Session, *, now: datetime, limit: int, lease: timedelta, worker: str
) -> list[HostLease]:
    """Take up to `limit` due, unleased hosts, longest due first; rows being claimed are skipped."""
    due = (
        select(Host.name)
        .where(
            Host.due_at <= now,
            or_(Host.paced_until.is_(None), Host.paced_until <= now),
            or_(Host.leased_until.is_(None), Host.leased_until <= now),
        )
        .order_by(Host.due_at, Host.name)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    leases = [HostLease(name, secrets.token_hex(16)) for name in session.scalars(due)]
    for claimed in leases:
        session.execute(
            update(Host)
            .where(Host.name == claimed.host)
            .values(lease_token=claimed.token, leased_until=now + lease, leased_by=worker)
        )
    return leases


def renew(session: Session, held: HostLease, *, now: datetime, lease: timedelta) -> None:
    """Prolong a lease, and fence what the transaction does next; raises LeaseLost when it is not ours."""
    renewed = session.execute(
        update(Host)
        .where(Host.name == held.host, Host.lease_token == held.token)
        .values(leased_until=now + lease)
    )
    if changed_rows(renewed) != 1:
        raise LeaseLost(f"Another process took over {held.host}; what it stores counts.")


def release(session: Session, held: HostLease, *, now: datetime, pace: timedelta) -> None:
    """Give a host back: due when its next source or page is, not before its pace allows."""
    # Locked first: a page that another transaction is adding right now is seen, or sees what we set.
    session.execute(select(Host.name).where(Host.name == held.host).with_for_update())
    due = next_due(session, held.host)
    session.execute(
        update(Host)
        .where(Host.name == held.host, Host.lease_token == held.token)
        .values(due_at=due, paced_until=now + pace, lease_token=None, leased_until=None, leased_by=None)
    )


def next_due(session: Session, host: str) -> datetime | None:
    """Return when the host's next source or page is due, or None when it has none."""
    source = session.scalar(
        select(func.min(Source.due_at)).where(Source.host_name == host, Source.paused_at.is_(None))
    )
    page = session.scalar(select(func.min(PageRequest.due_at)).where(PageRequest.host_name == host))
    return min((due for due in (source, page) if due is not None), default=None)


def lock_hosts(session: Session, names: Collection[str]) -> None:
    """Lock the rows of these hosts, making those that are missing; in one order, so none waits in a ring."""
    ordered = sorted(names)
    insert_missing(session, Host, [{"name": name} for name in ordered])
    session.execute(select(Host.name).where(Host.name.in_(ordered)).order_by(Host.name).with_for_update())


def make_due(session: Session, host: str, *, at: datetime) -> None:
    """See to it that the host is known and due no later than `at`."""
    # Locked even where nothing changes: a worker that gives the host back sees what is added with it.
    lock_hosts(session, {host})
    session.execute(
        update(Host).where(Host.name == host, or_(Host.due_at.is_(None), Host.due_at > at)).values(due_at=at)
    )


def next_free(session: Session, *, now: datetime) -> datetime | None:
    """Return when the next unleased host may be claimed, or None when none waits."""
    free_at = case((Host.paced_until > Host.due_at, Host.paced_until), else_=Host.due_at)
    found: datetime | None = session.scalar(
        select(func.min(free_at)).where(or_(Host.leased_until.is_(None), Host.leased_until <= now))
    )
    return found
