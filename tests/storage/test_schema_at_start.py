"""At start-up the schema is brought up to date once; what was there survives a failing step."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from marsad.errors import DatabaseError, MigrationFailed, SchemaTooNew
from storage.database import Database, now, open_database
from storage.models import User
from storage.revision import HEAD, current_revision
from storage.schema import MIGRATIONS, head_revision, upgrade

NEXT = f"{int(HEAD) + 1:04d}"
"""The revision of a step that is made up here."""

ROOT = Path(__file__).resolve().parent.parent.parent
ADDS_A_TABLE = 'op.create_table("extra", sa.Column("id", sa.Integer, primary_key=True))'
FAILS = f'{ADDS_A_TABLE}\n    op.execute("DELETE FROM user_account")\n    op.execute("SELECT * FROM nowhere")'
COMMITS_AND_FAILS = FAILS.replace("\n", '\n    op.execute("COMMIT")\n', 1)


def test_a_fresh_database_is_made_and_not_copied(database_url: str, tmp_path: Path) -> None:
    database = open_database(database_url)
    said: list[str] = []
    result = upgrade(database, data_dir=tmp_path, report=said.append)
    assert (result.before, result.after, result.backup) == (None, head_revision(), None)
    assert current_revision(database) == head_revision()
    assert not (tmp_path / "backups").exists()
    assert said == []
    database.dispose()


def test_a_schema_that_is_up_to_date_is_left_alone(database: Database, tmp_path: Path) -> None:
    said: list[str] = []
    result = upgrade(database, data_dir=tmp_path, report=said.append)
    assert result.before == result.after == head_revision()
    assert result.backup is None
    assert said == []


def test_a_schema_of_a_newer_marsad_is_refused(database: Database, tmp_path: Path) -> None:
    newer = with_step(tmp_path, NEXT, ADDS_A_TABLE)
    upgrade(database, data_dir=tmp_path, report=lambda _: None, migrations=newer)
    with pytest.raises(SchemaTooNew, match=rf"{NEXT}.*newer marsad.*backup.*\.$"):
        upgrade(database, data_dir=tmp_path, report=lambda _: None)
    assert current_revision(database) == NEXT


def test_a_step_keeps_what_is_stored_and_says_what_it_does(database: Database, tmp_path: Path) -> None:
    add_owner(database)
    said: list[str] = []
    result = upgrade(
        database, data_dir=tmp_path, report=said.append, migrations=with_step(tmp_path, NEXT, ADDS_A_TABLE)
    )
    assert (result.before, result.after) == (head_revision(), NEXT)
    assert owners(database) == ["المالك"]
    assert len(said) == 1
    if database.is_sqlite:
        assert result.backup is not None
        assert str(result.backup) in said[0]
        assert owners_in(result.backup) == ["المالك"]
        assert [path.name for path in result.backup.parent.iterdir()] == [result.backup.name]
    else:
        assert result.backup is None
        assert "not copied" in said[0]


def test_only_the_last_three_copies_are_kept(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/marsad.sqlite3")
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    made = []
    for number in range(int(HEAD) + 1, int(HEAD) + 6):
        step = ADDS_A_TABLE.replace("extra", f"extra{number}")
        migrations = with_step(tmp_path, f"{number:04d}", step)
        made.append(upgrade(database, data_dir=tmp_path, report=lambda _: None, migrations=migrations).backup)
    assert sorted((tmp_path / "backups").iterdir()) == made[-3:]
    database.dispose()


@pytest.mark.parametrize("step", [FAILS, COMMITS_AND_FAILS], ids=["fails", "commits and fails"])
def test_a_failing_step_leaves_the_old_schema_and_all_rows(tmp_path: Path, step: str) -> None:
    database = open_database(f"sqlite:///{tmp_path}/marsad.sqlite3")
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    assert_failing_step_changes_nothing(database, tmp_path, step)


@pytest.mark.postgres
def test_a_failing_step_on_postgresql_is_rolled_back(postgres_url: str, tmp_path: Path) -> None:
    database = open_database(postgres_url)
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    assert_failing_step_changes_nothing(database, tmp_path, FAILS)


def assert_failing_step_changes_nothing(database: Database, tmp_path: Path, step: str) -> None:
    add_owner(database)
    with pytest.raises(MigrationFailed, match=r"nowhere.*stands.*\.$"):
        upgrade(
            database, data_dir=tmp_path, report=lambda _: None, migrations=with_step(tmp_path, NEXT, step)
        )
    assert owners(database) == ["المالك"]
    assert "extra" not in inspect(database.engine).get_table_names()
    assert upgrade(database, data_dir=tmp_path, report=lambda _: None).after == head_revision()
    add_owner(database)
    database.dispose()


def test_a_first_step_that_commits_and_fails_leaves_an_empty_file(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/marsad.sqlite3")
    migrations = with_step(tmp_path, NEXT, COMMITS_AND_FAILS)
    with pytest.raises(MigrationFailed, match="an empty database"):
        upgrade(database, data_dir=tmp_path, report=lambda _: None, migrations=migrations)
    assert inspect(database.engine).get_table_names() == []
    database.dispose()


def test_a_step_that_makes_a_table_anew_keeps_the_rows_that_refer_to_it(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/marsad.sqlite3")
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    add_owner(database)
    with database.write() as session:
        session.execute(text("INSERT INTO watchlist VALUES (1, 1, 'قائمة', '2026-01-01 00:00:00.000000')"))
    step = 'with op.batch_alter_table("user_account") as batch:\n        batch.drop_column("email")'
    upgrade(database, data_dir=tmp_path, report=lambda _: None, migrations=with_step(tmp_path, NEXT, step))
    with database.read() as session:
        assert session.scalar(text("SELECT name FROM watchlist")) == "قائمة"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
    database.dispose()


def test_a_step_that_orphans_rows_is_refused(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/marsad.sqlite3")
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    add_owner(database)
    with database.write() as session:
        session.execute(text("INSERT INTO watchlist VALUES (1, 1, 'قائمة', '2026-01-01 00:00:00.000000')"))
    migrations = with_step(tmp_path, NEXT, 'op.execute("DELETE FROM user_account")')
    with pytest.raises(MigrationFailed, match="watchlist"):
        upgrade(database, data_dir=tmp_path, report=lambda _: None, migrations=migrations)
    assert owners(database) == ["المالك"]
    database.dispose()


def test_processes_that_start_at_once_make_one_schema(database_url: str, tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from storage.database import open_database\nfrom storage.schema import upgrade\n"
        "database = open_database(sys.argv[1])\nsys.stdin.read(1)\n"
        "print(upgrade(database, data_dir=Path(sys.argv[2]), report=lambda _: None).before)\n"
        "database.dispose()\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, database_url, str(tmp_path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("g")
        process.stdin.flush()
    results = [process.communicate(timeout=60) for process in processes]
    assert [errors for _, errors in results] == [""] * 4
    assert sorted(out.strip() for out, _ in results) == [*[head_revision()] * 3, "None"]
    database = open_database(database_url)
    assert current_revision(database) == head_revision()
    database.dispose()


def with_step(folder: Path, revision: str, upgrade_body: str) -> Path:
    """The migrations as they are, and those added in this folder before, followed by one more step."""
    target = folder / "migrations"
    if not target.exists():
        shutil.copytree(MIGRATIONS, target, ignore=shutil.ignore_patterns("__pycache__"))
    head = head_revision(target)
    (target / "versions" / f"{revision}_step.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\n\n"
        f'revision = "{revision}"\ndown_revision = "{head}"\n\n\n'
        f"def upgrade() -> None:\n    {upgrade_body}\n\n\ndef downgrade() -> None:\n    pass\n",
        encoding="utf-8",
    )
    return target


def add_owner(database: Database) -> None:
    with database.write() as session:
        session.add(User(name="المالك", created_at=now(session)))


def owners(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(User.name).distinct()))


def owners_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM user_account")]


def test_a_database_of_another_program_is_left_alone(database_url: str, tmp_path: Path) -> None:
    database = open_database(database_url)
    with database.write() as session:
        session.execute(text("CREATE TABLE theirs (a INTEGER)"))
    with pytest.raises(DatabaseError, match="belongs to another program"):
        upgrade(database, data_dir=tmp_path, report=lambda _: None)
    assert inspect(database.engine).get_table_names() == ["theirs"]
    database.dispose()
