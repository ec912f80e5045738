"""What operators ask: is the process alive, can it serve, and its figures."""

from __future__ import annotations

import shutil
import threading
from datetime import timedelta
from time import monotonic

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from marsad.errors import DatabaseError
from storage.health import check_writable
from storage.revision import HEAD, current_revision
from storage.status import ServiceStatus, read_status
from web.metrics import CONTENT_TYPE, write_metrics
from web.services import Services, WebServices
from web.transport import Transport, is_loopback

router = APIRouter(include_in_schema=False)

LEAST_FREE = 4 * 2**20
"""With less room than this (bytes) on SQLite's disk, a write may fail at any moment."""
_KEPT = timedelta(seconds=1)
"""Everybody may ask whether we are ready, and asking writes: so often at most."""
_PATIENCE = timedelta(seconds=0.2)
"""So long a question waits for the answer to another one: a thread each, and there are few of them."""


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def tell_health() -> JSONResponse:
    """The process answers; nothing else was looked at.

    In the event loop: while a database hangs, every thread of the pool may wait for it.
    """
    return JSONResponse({"status": "alive"})


@router.api_route("/readyz", methods=["GET", "HEAD"])
def tell_readiness(request: Request, services: Services) -> JSONResponse:
    """Whether requests can be served and work is done; 503 when not, with the reasons for operators' peers.

    Reasons name the database's address and the disk: who may not read the figures reads the status alone.
    """
    readiness: Readiness = request.app.state.readiness
    reasons = readiness.reasons(services)
    told: dict[str, object] = {"status": "not ready" if reasons else "ready"}
    if _is_operators(request, services):
        told["reasons"] = reasons
    return JSONResponse(told, 503, {"Retry-After": "5"}) if reasons else JSONResponse(told)


@router.get("/metrics")
def tell_metrics(request: Request, services: Services) -> Response:
    """Figures for Prometheus, for this machine and MARSAD_METRICS_ALLOW only."""
    if not _is_operators(request, services):
        return PlainTextResponse("Not for this address: see MARSAD_METRICS_ALLOW.\n", 403)
    try:
        status = _read_status(services)
    except DatabaseError:
        status = None
    return Response(write_metrics(request.app.state.metrics, status), media_type=CONTENT_TYPE)


def _is_operators(request: Request, services: WebServices) -> bool:
    """Return whether a request comes from this machine or from MARSAD_METRICS_ALLOW."""
    transport: Transport = request.state.transport
    peer = transport.peer
    allowed = is_loopback(peer) or (peer is not None and services.settings.metrics_allow.covers(peer))
    # A proxy that we do not trust hides who asks, be it on this very machine.
    return allowed and transport.vouched


class Readiness:
    """Finds out what is in the way of serving, and keeps the answer for a moment."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._known: list[str] = []
        self._until = 0.0

    def reasons(self, services: WebServices) -> list[str]:
        """Return a sentence for each obstacle; none when ready."""
        if not self._turn.acquire(timeout=_PATIENCE.total_seconds()):
            return ["The database takes long to answer."]
        try:
            if monotonic() >= self._until:
                self._known = find_obstacles(services)
                self._until = monotonic() + _KEPT.total_seconds()
            return self._known
        finally:
            self._turn.release()


def find_obstacles(services: WebServices) -> list[str]:
    """Return what is in the way: the database, its schema, room to write, workers that are gone."""
    database = services.database
    try:
        revision = current_revision(database)
        if revision != HEAD:
            return [f"The schema is at {revision or 'nothing'}, and this marsad needs {HEAD}."]
        check_writable(database)
        status = _read_status(services)
    except DatabaseError as exc:
        return [str(exc)]
    obstacles = []
    if database.file is not None and shutil.disk_usage(database.file.parent).free < LEAST_FREE:
        obstacles.append(f"The disk of {database.shown_url} is full; free some space on it.")
    if not status.polling:
        obstacles.append("No process polls and delivers: start marsad serve or marsad worker.")
    return obstacles


def _read_status(services: WebServices) -> ServiceStatus:
    with services.database.read() as session:
        return read_status(
            session, now=services.clock(session), mail_server=services.settings.smtp is not None
        )
