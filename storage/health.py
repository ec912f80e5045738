"""Whether the database takes writes, found out without changing what it says."""

from __future__ import annotations

from sqlalchemy import column, func, select, table, update

from marsad.errors import DatabaseUnreachable
from storage.database import Database

_VERSION = table("alembic_version", column("version_num"))


def check_writable(database: Database) -> None:
    """Raise DatabaseUnreachable for a database that takes no writes: read-only, full, a standby, locked for long.

    A full disk is noticed on SQLite only: a PostgreSQL server's disk is its own.
    """
    if database.is_sqlite:
        with database.write() as session:
            # Only a commit that writes finds a full disk; this one writes what stands there already.
            session.execute(update(_VERSION).values(version_num=_VERSION.c.version_num))
        return
    with database.read() as session:
        if session.scalar(select(func.pg_is_in_recovery())):
            raise DatabaseUnreachable(
                f"The database {database.shown_url} is a standby and takes no writes; "
                "name the primary server in MARSAD_DATABASE_URL."
            )
