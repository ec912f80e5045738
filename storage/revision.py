"""At which revision a database's schema is: asked at every start, without loading Alembic."""

from __future__ import annotations

from sqlalchemy import Connection, column, inspect, select, table

from storage.database import Database

HEAD = "0003"
"""The newest revision in `storage/migrations/versions`; a test holds it to that folder."""


def current_revision(database: Database) -> str | None:
    """The revision that the database is at; None before the first migration."""
    with database.read() as session:
        return revision_of(session.connection())


def revision_of(connection: Connection) -> str | None:
    """The revision that `alembic_version` names; None where that table is missing or empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(
        select(column("version_num")).select_from(table("alembic_version"))
    )
    return version
