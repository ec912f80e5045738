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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from marsad.errors import DatabaseError
from storage.database import Database
from storage.models import Delivery, Host

_LOCK_CLASS = 0x6D727364  # "mrsd": keeps our advisory locks apart from others in the same database


@contextmanager
def working(database: Database) -> Iterator[str]:
    """Hold this process's place among the workers; gives its name for leases.

    Raises DatabaseError when another process works on the same SQLite file.
    """
    if database.file is not None:
        with _file_lock(database.file.with_name(database.file.name + ".worker-lock")):
            with database.write() as session:
                _clear(session, None)
            yield "local"
        return
    number = secrets.randbelow(2**31)
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(
            text("SELECT pg_advisory_lock(:class, :number)"), {"class": _LOCK_CLASS, "number": number}
        )
        try:
            yield f"worker-{number}"
        finally:
            # A connection that is gone has given the lock back already.
            with suppress(DBAPIError):
                connection.execute(
                    text("SELECT pg_advisory_unlock(:class, :number)"),
                    {"class": _LOCK_CLASS, "number": number},
                )


def free_leases_of_the_dead(session: Session) -> int:
    """Clear the leases of workers that are gone (PostgreSQL); returns how many workers that were."""
    names = set(session.scalars(select(Host.leased_by).where(Host.leased_by.is_not(None)).distinct()))
    names |= set(
        session.scalars(select(Delivery.leased_by).where(Delivery.leased_by.is_not(None)).distinct())
    )
    dead = 0
    for name in sorted(name for name in names if name):
        number = int(name.rpartition("-")[2])
        free = session.scalar(
            text("SELECT pg_try_advisory_xact_lock(:class, :number)"),
            {"class": _LOCK_CLASS, "number": number},
        )
        if free:
            _clear(session, name)
            dead += 1
    return dead


def _clear(session: Session, worker: str | None) -> None:
    hosts = update(Host).values(lease_token=None, leased_until=None, leased_by=None)
    # A delivery keeps its token, the mark that it may have been sent: no later match may join it.
    deliveries = update(Delivery).values(leased_until=None, leased_by=None)
    for table, freed in ((Host, hosts), (Delivery, deliveries)):
        held = table.leased_by.is_not(None) if worker is None else table.leased_by == worker
        session.execute(freed.where(held))


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise DatabaseError(
                f"Another marsad process is at work on {path.parent}; stop it first,"
                " or use PostgreSQL, where many may work."
            ) from exc
        yield
    finally:
        os.close(descriptor)
