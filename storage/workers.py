"""Which processes are alive, so that the work of a dead one is taken over at once.

PostgreSQL: each worker holds a session advisory lock for as long as its connection lives, so a lease
whose worker's lock is free belongs to a dead process. SQLite: one process works at a time, held by a
lock on a file beside the database; whoever gets it clears every lease. The lease's own time limit
covers processes that hang.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from marsad.errors import DatabaseError
from storage.database import Database
from storage.models import Delivery, Host

_LOCK_CLASS = 0x6D727364  # "mrsd": keeps our advisory locks apart from others in the same database


class Worker:
    """This process's place among the workers; on SQLite there is one, and nobody to take over from."""

    name = "local"

    def hold(self) -> None:
        """See to it that the place is held; called before each claim."""

    def free_leases_of_the_dead(self, session: Session) -> int:
        """Clear the leases of workers that are gone; returns how many workers that were."""
        return 0


class PostgresWorker(Worker):
    """A place held by a session advisory lock, on a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._number = secrets.randbelow(2**31)
        self.name = f"worker-{self._number}"
        self._connection: Connection | None = None
        self._turn = threading.Lock()

    def hold(self) -> None:
        """Take the lock again when its connection was lost; raises DatabaseUnreachable.

        Without it other workers would take this one for dead while it works.
        """
        with self._turn:
            try:
                if self._connection is not None:
                    self._connection.execute(text("SELECT 1"))
                    return
            except DBAPIError:
                self._forget()
            try:
                self._connection = self._lock()
            except DBAPIError as exc:
                raise self._database.outage(exc, starting=True) or exc from exc

    def free_leases_of_the_dead(self, session: Session) -> int:
        held = (table.leased_by for table in (Host, Delivery))
        names = {name for by in held for name in session.scalars(select(by).distinct()) if name}
        dead = [name for name in sorted(names - {self.name}) if self._is_dead(session, name)]
        for name in dead:
            _clear(session, name)
        return len(dead)

    def close(self) -> None:
        with self._turn:
            self._forget()

    def _lock(self) -> Connection:
        connection = self._database.engine.connect()
        connection.execution_options(isolation_level="AUTOCOMMIT")
        # Not waited for: while the server has not noticed that our old connection is gone, it holds the lock.
        connection.execute(
            text("SELECT pg_try_advisory_lock(:class, :number)"),
            {"class": _LOCK_CLASS, "number": self._number},
        )
        return connection

    def _forget(self) -> None:
        # Closed for good and not returned to the pool: the lock goes with the connection.
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None

    def _is_dead(self, session: Session, name: str) -> bool:
        parameters = {"class": _LOCK_CLASS, "number": int(name.rpartition("-")[2])}
        return bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:class, :number)"), parameters))


@contextmanager
def working(database: Database) -> Iterator[Worker]:
    """Hold this process's place among the workers.

    Raises DatabaseError when another process works on the same SQLite file.
    """
    if database.file is not None:
        with _file_lock(database.file.with_name(database.file.name + ".worker-lock")):
            with database.write() as session:
                _clear(session, None)
            yield Worker()
        return
    worker = PostgresWorker(database)
    worker.hold()
    try:
        yield worker
    finally:
        worker.close()


def _clear(session: Session, worker: str | None) -> None:
    hosts = update(Host).values(lease_token=None, leased_until=None, leased_by=None)
    # A delivery keeps its token, the mark that it may have been sent: no later match may join it.
    deliveries = update(Delivery).values(leased_until=None, leased_by=None)
    for key, by, freed in ((Host.name, Host.leased_by, hosts), (Delivery.id, Delivery.leased_by, deliveries)):
        held = by.is_not(None) if worker is None else by == worker
        # In the order in which others lock them, and past those that another transaction has in hand.
        keys = session.scalars(select(key).where(held).order_by(key).with_for_update(skip_locked=True)).all()
        session.execute(freed.where(key.in_(keys)))


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
