"""The version files make exactly the tables of the models, up and down, on both databases."""

from __future__ import annotations

import re
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from marsad.types import Term
from storage import users, watchlists
from storage.database import Database, open_database
from storage.models import Base
from storage.revision import HEAD, current_revision
from storage.schema import MIGRATIONS, downgrade, head_revision, upgrade
from tests.storage.stored import NOW


def test_the_schema_goes_up_and_down_and_up(database_url: str, tmp_path: Path) -> None:
    database = open_database(database_url)
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    first = described(database)
    downgrade(database, "base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    assert current_revision(database) is None
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    assert described(database) == first
    assert current_revision(database) == head_revision()
    database.dispose()


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_constraint_has_a_name(database: Database) -> None:
    inspector = inspect(database.engine)
    for table in Base.metadata.tables:
        named = [
            inspector.get_pk_constraint(table),
            *inspector.get_foreign_keys(table),
            *inspector.get_unique_constraints(table),
        ]
        assert all(re.match(r"(pk|fk|uq)_", str(constraint["name"])) for constraint in named), table


def test_a_version_file_does_not_depend_on_the_models() -> None:
    for path in (MIGRATIONS / "versions").glob("*.py"):
        assert not re.search(r"^\s*(from|import) (storage|marsad)", path.read_text("utf-8"), re.MULTILINE)


def described(database: Database) -> list[object]:
    inspector = inspect(database.engine)
    return [
        (
            table,
            [
                (column["name"], str(column["type"]), column["nullable"])
                for column in inspector.get_columns(table)
            ],
            sorted(str(index["name"]) for index in inspector.get_indexes(table)),
        )
        for table in sorted(inspector.get_table_names())
    ]


def test_the_revision_asked_at_every_start_is_the_newest_version_file() -> None:
    assert head_revision() == HEAD


def test_an_older_marsad_does_not_take_the_label_of_an_expression_for_a_name(database: Database) -> None:
    with database.write() as session:
        owner = users.owner_id(session, now=NOW)
        watchlist = watchlists.ensure_watchlist(session, owner, "main", now=NOW)
        for term in (Term("chips", expression="Huawei AND Nvidia"), Term("Huawei")):
            watchlists.add_term(session, watchlist, term, now=NOW)
    downgrade(database, "0002")
    with database.read() as session:
        rows = session.execute(
            text("SELECT name, removed_at = changed_at FROM watch_term ORDER BY name")
        ).all()
    assert [(name, bool(removed)) for name, removed in rows] == [("Huawei", False), ("chips", True)]
