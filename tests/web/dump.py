"""Everything that a database holds, to compare before and after."""

from __future__ import annotations

from sqlalchemy import select

from storage.database import Database
from storage.models import Base


def dump(database: Database) -> dict[str, list[str]]:
    """Return every row of every table as text."""
    with database.read() as session:
        return {
            table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }
