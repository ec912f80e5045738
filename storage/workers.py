"""Which processes there are, and which of them live, so that the work of a dead one is taken over at once.

Each process has a row in `worker` for people to look at. PostgreSQL: it also holds a session advisory lock
for as long as its connection lives, so whoever sees the row and no lock knows that the process is dead, and
frees what it held. SQLite: one process works at a time, held by a lock on a file beside the database;
whoever gets it clears every lease. A lease's own time limit covers processes that hang.
"""

from __future__ import annotations

import fcntl
import logging
import math
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from marsad import __version__
from marsad.errors import DatabaseError
from marsad.types import DeliveryState
from storage.database import Database, now
from storage.models import Delivery, Host, WorkerRow
from storage.results import changed_rows
from storage.upsert import insert_missing

log = logging.getLogger(__name__)

Kind = Literal["serve", "worker", "web", "poll"]
LeasedTable = Literal["host", "delivery"]

LEASE = timedelta(seconds=45)
"""How long a lease lasts unless it is renewed: what a process that hangs holds up (docs/adr/0004)."""
HEARTBEAT = LEASE / 3
"""Two heartbeats may fail before a lease runs out."""
SILENT_AFTER = LEASE
"""Of whom no heartbeat came for so long, others may have taken over the work."""

_RESTART_GRACE = HEARTBEAT + timedelta(seconds=5)
_LOOK_SECONDS = 0.5
"""The least time between two looks for dead workers."""
_LOCK_CLASS = 0x6D727364  # "mrsd": keeps our advisory locks apart from others in the same database


class Worker:
    """This process's place among the others; on SQLite there is nobody to take over from."""

    def __init__(self, name: str = "local", *, kind: Kind = "worker", pace: timedelta = timedelta()) -> None:
        self.name = name
        self.kind = kind
        self._pace = pace
        self._started: datetime | None = None

    def hold(self) -> None:
        """See to it that the place is held; called before each claim."""

    def beat(self, session: Session, *, now: datetime) -> None:
        """Say that this process lives, and free what dead ones held."""
        self._started = self._started or now
        seen = update(WorkerRow).where(WorkerRow.name == self.name).values(seen_at=now)
        if not changed_rows(session.execute(seen)):
            self._register(session, self._started, now)
        self.free_leases_of_the_dead(session, now=now)

    def free_own_leases(
        self, session: Session, table: LeasedTable, *, but: Sequence[str], now: datetime
    ) -> None:
        """Give back what this process was leased and has not in hand: every token except `but`."""
        _clear(session, self.name, paced_until=now + self._pace, tables=(table,), but=but)

    def free_leases_of_the_dead(self, session: Session, *, now: datetime) -> int:
        """Clear the leases of processes that are gone, and their rows; returns how many processes."""
        return 0

    def leave(self, session: Session, *, now: datetime) -> None:
        """Give back whatever is still leased, and take the row away."""
        _clear(session, self.name, paced_until=now + self._pace)
        session.execute(delete(WorkerRow).where(WorkerRow.name == self.name))

    def _register(self, session: Session, started: datetime, now: datetime) -> None:
        row = {
            "name": self.name,
            "kind": self.kind,
            "machine": socket.gethostname(),
            "pid": os.getpid(),
            "version": __version__,
            "started_at": started,
            "seen_at": now,
        }
        # Another thread of ours may be at it: a claim beside the heartbeat.
        insert_missing(session, WorkerRow, [row])


class PostgresWorker(Worker):
    """A place held by a session advisory lock, on a connection of its own."""

    def __init__(self, database: Database, *, kind: Kind = "worker", pace: timedelta = timedelta()) -> None:
        self._number = secrets.randbelow(2**31)
        super().__init__(f"{kind}-{self._number}", kind=kind, pace=pace)
        self._database = database
        self._connection: Connection | None = None
        self._locked = False
        self._looked_at = -math.inf
        self._turn = threading.Lock()

    def hold(self) -> None:
        """Take the lock again when its connection was lost; raises DatabaseUnreachable.

        Without it other workers would take this one for dead while it works.
        """
        with self._turn:
            try:
                if self._connection is not None:
                    self._lock(self._connection)
                    return
            except DBAPIError:
                self._forget()
            try:
                self._connection = self._connect()
                self._lock(self._connection)
            except DBAPIError as exc:
                self._forget()
                raise self._database.outage(exc, starting=True) or exc from exc

    def free_leases_of_the_dead(self, session: Session, *, now: datetime) -> int:
        if time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return 0  # busy workers claim many times a second
        self._looked_at = time.monotonic()
        rows = session.scalars(select(WorkerRow)).all()
        living = find_living(session, rows, now=now)
        dead = sorted(row.name for row in rows if row.name not in living and row.name != self.name)
        for name in dead:
            _clear(session, name, paced_until=now + self._pace)
        if dead:
            # Past those that another process is removing, so that no two wait for each other.
            gone = select(WorkerRow.name).where(WorkerRow.name.in_(dead)).with_for_update(skip_locked=True)
            names = session.scalars(gone).all()
            session.execute(delete(WorkerRow).where(WorkerRow.name.in_(names)))
            log.warning("workers are gone, their work is free", extra={"workers": ", ".join(dead)})
        if self._started is not None and all(row.name != self.name for row in rows):
            # Somebody took us for dead, while the connection was away: without a row nobody could again.
            self._register(session, self._started, now)
        return len(dead)

    def close(self) -> None:
        with self._turn:
            self._forget()

    def _connect(self) -> Connection:
        connection = self._database.engine.connect()
        connection.execution_options(isolation_level="AUTOCOMMIT")
        return connection

    def _lock(self, connection: Connection) -> None:
        if self._locked:
            connection.execute(text("SELECT 1"))
            return
        # Not waited for: while the server has not noticed that our old connection is gone, that one holds
        # the lock, and we are taken for living by it.
        parameters = {"class": _LOCK_CLASS, "number": self._number}
        self._locked = bool(
            connection.scalar(text("SELECT pg_try_advisory_lock(:class, :number)"), parameters)
        )

    def _forget(self) -> None:
        # Closed for good and not returned to the pool: the lock goes with the connection.
        self._locked = False
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None


def find_living(
    session: Session, rows: Sequence[WorkerRow], *, now: datetime, restart_grace: timedelta = _RESTART_GRACE
) -> set[str]:
    """Return the names of those processes that live, as far as the database can tell.

    On SQLite these are the ones that were heard of lately. A PostgreSQL server that was started less than
    `restart_grace` ago has forgotten every lock: whoever was registered before is spared until then,
    because those that live take their locks again with the next heartbeat.
    """
    if session.get_bind().dialect.name != "postgresql":
        return {row.name for row in rows if row.seen_at > now - SILENT_AFTER}
    held = text(
        "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = :class"
        " AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    numbers = set(session.scalars(held, {"class": _LOCK_CLASS}))
    server_started, server_age = session.execute(
        text("SELECT pg_postmaster_start_time(), clock_timestamp() - pg_postmaster_start_time()")
    ).one()
    spared = server_age < restart_grace
    return {
        row.name
        for row in rows
        if int(row.name.rpartition("-")[2]) in numbers or (spared and row.seen_at < server_started)
    }


@contextmanager
def working(
    database: Database,
    *,
    kind: Kind = "worker",
    pace: timedelta = timedelta(),
    clock: Callable[[Session], datetime] = now,
) -> Iterator[Worker]:
    """Hold this process's place among those that poll and deliver.

    A host that is taken over from a dead process is left alone for `pace` first: nobody knows when it
    was asked last. Raises DatabaseError when another process works on the same SQLite file.
    """
    if database.file is None:
        with _present(PostgresWorker(database, kind=kind, pace=pace), database, clock) as worker:
            yield worker
        return
    with _file_lock(database.file.with_name(database.file.name + ".worker-lock")):
        with database.write() as session:
            at = clock(session)
            _clear(session, None, paced_until=at + pace)
            silent = WorkerRow.seen_at <= at - SILENT_AFTER
            session.execute(delete(WorkerRow).where((WorkerRow.kind != "web") | silent))
        with _present(Worker(kind=kind, pace=pace), database, clock) as worker:
            yield worker


@contextmanager
def attending(
    database: Database, *, kind: Kind = "web", clock: Callable[[Session], datetime] = now
) -> Iterator[Worker]:
    """Hold the place of a process that claims nothing."""
    worker = (
        PostgresWorker(database, kind=kind)
        if database.file is None
        else Worker(f"{kind}-{secrets.randbelow(2**31)}", kind=kind)
    )
    with _present(worker, database, clock):
        yield worker


@contextmanager
def _present(worker: Worker, database: Database, clock: Callable[[Session], datetime]) -> Iterator[Worker]:
    try:
        worker.hold()
        with database.write() as session:
            worker.beat(session, now=clock(session))
        try:
            yield worker
        finally:
            # A database that is away now frees what we held by itself, when it is back.
            with suppress(DatabaseError), database.write() as session:
                worker.leave(session, now=clock(session))
    finally:
        if isinstance(worker, PostgresWorker):
            worker.close()


def _clear(
    session: Session,
    worker: str | None,
    *,
    paced_until: datetime,
    tables: Collection[LeasedTable] = ("host", "delivery"),
    but: Sequence[str] = (),
) -> None:
    hosts = update(Host).values(paced_until=paced_until, lease_token=None, leased_until=None, leased_by=None)
    # A delivery keeps its token, the mark that it may have been sent: no later match may join it.
    deliveries = update(Delivery).values(leased_until=None, leased_by=None)
    # Only what is pending is ever leased: the index on it leads there.
    pending = Delivery.state == DeliveryState.PENDING
    for table, key, model, freed, where in (
        ("host", Host.name, Host, hosts, ()),
        ("delivery", Delivery.id, Delivery, deliveries, (pending,)),
    ):
        if table not in tables:
            continue
        held = model.leased_by.is_not(None) if worker is None else model.leased_by == worker
        # In the order in which others lock them, and past those that another transaction has in hand.
        rows = (
            select(key)
            .where(held, model.lease_token.not_in(but), *where)
            .order_by(key)
            .with_for_update(skip_locked=True)
        )
        session.execute(freed.where(key.in_(session.scalars(rows).all())))


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise DatabaseError(
                f"Another marsad process is at work on {path.parent} and polls by itself; stop it first,"
                " or use PostgreSQL, where many may work."
            ) from exc
        yield
    finally:
        os.close(descriptor)
