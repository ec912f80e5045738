"""`/api/v1/status`: how the service is doing."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel

from storage.status import ServiceStatus, read_status
from web.access import CurrentUser
from web.api.problems import problems
from web.api.queries import NoQuery
from web.services import Services

router = APIRouter(prefix="/api/v1", tags=["service"])


class WorkerOut(BaseModel):
    """A registered process: what it is, and whether it is heard of."""

    name: str
    kind: str
    machine: str
    version: str
    started_at: datetime
    seen_at: datetime
    alive: bool
    silent: bool
    leases: int


class WaitingOut(BaseModel):
    """The alert that has waited longest, and for what."""

    id: str
    created_at: datetime
    seconds: float
    waits_for: str


class StatusOut(BaseModel):
    """The service at one moment; lengths of time are in seconds."""

    at: datetime
    polling: bool
    workers: list[WorkerOut]
    hosts: dict[str, int]
    sources: dict[str, int]
    deliveries: dict[str, int]
    pages_waiting: int
    oldest_due_seconds: float | None
    oldest_undelivered: WaitingOut | None
    last_success_at: datetime | None


@router.get("/status", responses=problems())
def tell_status(user: CurrentUser, services: Services, query: NoQuery) -> StatusOut:
    """Return what works, what waits, and for how long."""
    with services.database.read() as session:
        status = read_status(
            session, now=services.clock(session), mail_server=services.settings.smtp is not None
        )
    return _status(status)


def _status(status: ServiceStatus) -> StatusOut:
    hosts, sources, deliveries = status.hosts, status.sources, status.deliveries
    oldest = status.oldest_undelivered
    return StatusOut(
        at=status.at,
        polling=status.polling,
        workers=[
            WorkerOut(
                name=w.name,
                kind=w.kind,
                machine=w.machine,
                version=w.version,
                started_at=w.started_at,
                seen_at=w.seen_at,
                alive=w.alive,
                silent=w.silent,
                leases=w.leases,
            )
            for w in status.workers
        ],
        hosts={"total": hosts.total, "due": hosts.due, "leased": hosts.leased},
        sources={"total": sources.total, "active": sources.active, "failing": sources.failing},
        deliveries={
            "pending": deliveries.pending,
            "sent": deliveries.sent,
            "failed": deliveries.failed,
            "parked": deliveries.parked,
        },
        pages_waiting=status.pages_waiting,
        oldest_due_seconds=_seconds(status.oldest_due),
        oldest_undelivered=WaitingOut(
            id=oldest.id,
            created_at=oldest.created_at,
            seconds=oldest.age.total_seconds(),
            waits_for=oldest.waits_for,
        )
        if oldest is not None
        else None,
        last_success_at=status.last_success_at,
    )


def _seconds(length: timedelta | None) -> float | None:
    return length.total_seconds() if length is not None else None
