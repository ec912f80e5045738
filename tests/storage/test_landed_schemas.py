"""From every schema that ever landed, a database with rows in it comes to the newest one with nothing lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from storage import channels, sources, users, watchlists
from storage.database import Database, open_database
from storage.models import Base
from storage.revision import HEAD, current_revision
from storage.schema import upgrade
from tests.storage.landed_schemas import FOLDER, rows_of

LANDED = sorted({path.name.partition(".")[0] for path in FOLDER.glob("*.sql")})


def test_every_version_has_its_dumps() -> None:
    versions = {path.name[:4] for path in Path("storage/migrations/versions").glob("0*.py")}
    assert versions == set(LANDED), "python -m tests.storage.landed_schemas writes the newest one"
    assert max(LANDED) == HEAD


@pytest.fixture(params=LANDED)
def landed(request: pytest.FixtureRequest, database_url: str) -> Database:
    """A database as an older marsad left it."""
    database = open_database(database_url)
    if database.file is not None:
        with closing(sqlite3.connect(database.file)) as connection:
            connection.executescript((FOLDER / f"{request.param}.sqlite.sql").read_text(encoding="utf-8"))
    else:
        dump = (FOLDER / f"{request.param}.postgres.sql").read_text(encoding="utf-8")
        with database.engine.begin() as connection:
            connection.exec_driver_sql(dump.replace("%", "%%"))
    assert current_revision(database) == request.param
    return database


def test_it_comes_to_the_newest_schema_and_keeps_every_value(landed: Database, tmp_path: Path) -> None:
    with landed.engine.connect() as connection:
        before = rows_of(connection)
    assert all(len(rows) == 2 for rows in before.values())
    upgrade(landed, data_dir=tmp_path, report=lambda _: None)
    with landed.engine.connect() as connection:
        after = rows_of(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    for table, rows in before.items():
        kept = [{column: row[column] for column in rows[0]} for row in after[table]]
        assert kept == rows, table
    with landed.read() as session:
        owner = users.find_owner(session)
        assert owner == 1
        assert [row.name for row in sources.list_sources(session)] == ["name نصّ 1", "name نصّ 2"]
        assert len(channels.list_channels(session, owner)) == 1
        assert [match.term for match in watchlists.list_matches(session, owner, limit=9)] == ["name نصّ 1"]
    landed.dispose()
