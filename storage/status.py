"""How the service is doing: its workers, what waits, and for how long. Reads only.

Counts of tables that grow for ever stop at COUNT_LIMIT, so that asking stays cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from marsad.types import DeliveryState
from storage.deliveries import waits_for
from storage.models import Channel, Delivery, Host, PageRequest, Source, WorkerRow
from storage.workers import SILENT_AFTER, find_living

COUNT_LIMIT = 100_000
"""A count that reaches it means "so many or more"."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """A registered process; `kind` is "serve", "worker", "web" or "poll".

    `alive`: the process exists, as far as the database can tell. `silent`: it exists, and no heartbeat came for
    longer than a lease lasts, so others may have taken over its work (stopped, hung, or cut off).
    """

    name: str
    kind: str
    machine: str
    pid: int
    version: str
    started_at: datetime
    seen_at: datetime
    alive: bool
    silent: bool
    leases: int
    """Hosts and deliveries that it has in hand."""


@dataclass(frozen=True, slots=True)
class HostCounts:
    """`due` may be claimed now; `leased` are being polled."""

    total: int
    due: int
    leased: int


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """`active` are not paused; `failing` are active ones whose last poll failed."""

    total: int
    active: int
    failing: int


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """Deliveries by state, each up to COUNT_LIMIT."""

    pending: int
    sent: int
    failed: int
    parked: int


@dataclass(frozen=True, slots=True)
class WaitingDelivery:
    """The alert that has waited longest, and in plain words for what."""

    id: str
    created_at: datetime
    age: timedelta
    waits_for: str


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """The service at one moment, by the database's clock; ages count from when something was due or made."""

    at: datetime
    workers: tuple[WorkerStatus, ...]
    hosts: HostCounts
    sources: SourceCounts
    pages_waiting: int
    """Article pages that are still to be read, up to COUNT_LIMIT."""
    deliveries: DeliveryCounts
    oldest_due: timedelta | None
    """How long the host that waits longest for a poll has been due; None when none is."""
    oldest_undelivered: WaitingDelivery | None
    last_success_at: datetime | None

    @property
    def polling(self) -> bool:
        """Some process that polls and delivers is alive and is heard of."""
        return any(w.alive and not w.silent and w.kind != "web" for w in self.workers)


def read_status(session: Session, *, now: datetime, mail_server: bool = True) -> ServiceStatus:
    """Return how the service is doing; `mail_server` says whether one is set, without which mails wait."""
    return ServiceStatus(
        at=now,
        workers=_workers(session, now),
        hosts=_hosts(session, now),
        sources=_sources(session),
        pages_waiting=_count_up_to_limit(session, select(PageRequest.article_id)),
        deliveries=DeliveryCounts(
            **{
                state.value: _count_up_to_limit(session, select(Delivery.id).where(Delivery.state == state))
                for state in DeliveryState
            }
        ),
        oldest_due=_oldest_due(session, now),
        oldest_undelivered=_oldest_undelivered(session, now, mail_server=mail_server),
        last_success_at=session.scalar(select(func.max(Source.last_success_at))),
    )


def _workers(session: Session, now: datetime) -> tuple[WorkerStatus, ...]:
    rows = session.scalars(select(WorkerRow).order_by(WorkerRow.started_at, WorkerRow.name)).all()
    living = find_living(session, rows, now=now)
    leases = _leases(session, now)
    silent_since = now - SILENT_AFTER
    return tuple(
        WorkerStatus(
            name=row.name,
            kind=row.kind,
            machine=row.machine,
            pid=row.pid,
            version=row.version,
            started_at=row.started_at,
            seen_at=row.seen_at,
            alive=row.name in living,
            silent=row.name in living and row.seen_at <= silent_since,
            leases=leases.get(row.name, 0),
        )
        for row in rows
    )


def _leases(session: Session, now: datetime) -> dict[str, int]:
    # Only what is due or pending is ever leased: the indexes on these lead to it.
    found: dict[str, int] = {}
    for by, leased in (
        (Host.leased_by, and_(Host.due_at <= now, Host.leased_until > now)),
        (Delivery.leased_by, and_(Delivery.state == DeliveryState.PENDING, Delivery.leased_until > now)),
    ):
        for name, number in session.execute(select(by, func.count()).where(leased).group_by(by)):
            if name is not None:
                found[name] = found.get(name, 0) + number
    return found


def _hosts(session: Session, now: datetime) -> HostCounts:
    leased = Host.leased_until > now
    due, in_hand = session.execute(
        select(
            func.count(case((_free(now), 1))),
            func.count(case((leased, 1))),
        ).where(Host.due_at <= now)
    ).one()
    total = session.scalars(select(func.count()).select_from(Host)).one()
    return HostCounts(total=total, due=due, leased=in_hand)


def _sources(session: Session) -> SourceCounts:
    active = Source.paused_at.is_(None)
    total, on, failing = session.execute(
        select(
            func.count(),
            func.count(case((active, 1))),
            func.count(case((and_(active, Source.failures > 0), 1))),
        ).select_from(Source)
    ).one()
    return SourceCounts(total=total, active=on, failing=failing)


def _oldest_due(session: Session, now: datetime) -> timedelta | None:
    since: datetime | None = session.scalar(
        select(func.min(Host.due_at)).where(Host.due_at <= now, _free(now))
    )
    return now - since if since is not None else None


def _free(now: datetime) -> ColumnElement[bool]:
    return and_(
        or_(Host.paced_until.is_(None), Host.paced_until <= now),
        or_(Host.leased_until.is_(None), Host.leased_until <= now),
    )


def _oldest_undelivered(session: Session, now: datetime, *, mail_server: bool) -> WaitingDelivery | None:
    found = session.execute(
        select(Delivery, Channel)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.state == DeliveryState.PENDING)
        .order_by(Delivery.created_at, Delivery.id)
        .limit(1)
    ).first()
    if found is None:
        return None
    delivery, channel = found
    reason = waits_for(delivery, channel, mail_server=mail_server) or ""
    return WaitingDelivery(delivery.id, delivery.created_at, now - delivery.created_at, reason)


def _count_up_to_limit(session: Session, rows: Select[int] | Select[str]) -> int:
    counted = select(func.count()).select_from(rows.limit(COUNT_LIMIT).subquery())
    return session.scalars(counted).one()
