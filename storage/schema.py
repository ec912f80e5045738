"""The schema at start-up: brought up to date once, by one process, or refused.

SQLite is copied first (the last copies are kept) and put back should a migration leave something behind.
PostgreSQL migrates in one transaction under an advisory lock; its backups are its operator's.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.exc import DBAPIError

from marsad.errors import DatabaseError, MarsadError, MigrationFailed, SchemaTooNew
from storage.database import Database
from storage.revision import current_revision, revision_of

MIGRATIONS = Path(__file__).parent / "migrations"
KEPT_BACKUPS = 3
_ADVISORY_LOCK = 0x6D6172736164  # "marsad"

Report = Callable[[str], None]
"""Takes one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class UpgradeResult:
    """The revisions before (None: an empty database) and after, and the copy made in between."""

    before: str | None
    after: str | None
    backup: Path | None = None


def upgrade(
    database: Database, *, data_dir: Path, report: Report, migrations: Path = MIGRATIONS
) -> UpgradeResult:
    """Bring the schema up to date; safe at every start, and from several processes at once.

    Copies of SQLite go to `data_dir`/backups. Raises SchemaTooNew when a newer marsad wrote the schema,
    MigrationFailed when a step failed and the old schema stands, DatabaseUnreachable.
    """
    plan = _Plan(database, ScriptDirectory(str(migrations)), data_dir / "backups", report)
    before = current_revision(database)
    if before == plan.head:
        return UpgradeResult(before, before)
    plan.refuse_unknown(before)
    plan.refuse_foreign(before)
    if database.file is None:
        return _upgrade_postgres(plan)
    with _file_lock(Path(f"{database.file}.lock"), report):
        return _upgrade_sqlite(plan, database.file)


def downgrade(database: Database, revision: str, *, migrations: Path = MIGRATIONS) -> None:
    """Go back to a revision, or to nothing with "base": what later steps added is lost. For developers."""
    with _migration(database, report=lambda _: None) as connection:
        command.downgrade(configuration(connection, migrations), revision)


def head_revision(migrations: Path = MIGRATIONS) -> str | None:
    """The newest revision that this code knows."""
    return ScriptDirectory(str(migrations)).get_current_head()


def configuration(connection: Connection, migrations: Path = MIGRATIONS) -> Config:
    """What alembic.ini would hold, whatever the working directory."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


@dataclass(frozen=True, slots=True)
class _Plan:
    database: Database
    scripts: ScriptDirectory
    backups: Path
    report: Report

    @property
    def head(self) -> str | None:
        return self.scripts.get_current_head()

    def refuse_unknown(self, revision: str | None) -> None:
        if revision is None or revision in {script.revision for script in self.scripts.walk_revisions()}:
            return
        backup = f"one of the backups in {self.backups}" if self.database.is_sqlite else "a backup"
        raise SchemaTooNew(
            f"The database {self.database.shown_url} has schema {revision}, written by a newer marsad than "
            f"this one, which knows up to {self.head}; run the newer marsad, or restore {backup}."
        )

    def refuse_foreign(self, revision: str | None) -> None:
        """Raises DatabaseError for a database that another program made."""
        if revision is not None:
            return
        with self.database.read() as session:
            connection = session.connection()
            # Looked at in one transaction: another process may just have made the schema.
            tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
            found = sorted(tables) if revision_of(connection) is None else []
        if found:
            raise DatabaseError(
                f"The database {self.database.shown_url} belongs to another program (it has a table "
                f"'{found[0]}' and no schema of marsad); name another in MARSAD_DATABASE_URL."
            )

    def migrate(self, connection: Connection) -> None:
        command.upgrade(configuration(connection, Path(self.scripts.dir)), "head")

    def failed(self, before: str | None, cause: Exception) -> DatabaseError:
        """What to tell: an outage (busy, disk full, server gone) has its own way out."""
        if isinstance(cause, DBAPIError) and (outage := self.database.outage(cause)):
            return outage
        text = str(cause.orig if isinstance(cause, DBAPIError) else cause).strip().partition("\n")[0]
        return MigrationFailed(
            f"The schema of {self.database.shown_url} could not be brought to {self.head} ({text}); "
            f"the old one ({before or 'an empty database'}) stands, so go on with the marsad that made it."
        )


# ---------------------------------------------------------------- PostgreSQL


def _upgrade_postgres(plan: _Plan) -> UpgradeResult:
    before: str | None = None
    try:
        with _migration(plan.database, plan.report) as connection:
            before = revision_of(connection)
            plan.refuse_unknown(before)
            if before is not None and before != plan.head:
                plan.report(
                    f"Migrating {plan.database.shown_url} from schema {before} to {plan.head}; "
                    "PostgreSQL is not copied first: its backups (pg_dump) are yours to make."
                )
            plan.migrate(connection)
    except MarsadError:
        raise
    except Exception as exc:
        raise plan.failed(before, exc) from exc
    return UpgradeResult(before, plan.head)


# ---------------------------------------------------------------- SQLite


def _upgrade_sqlite(plan: _Plan, file: Path) -> UpgradeResult:
    before: str | None = None
    backup: Path | None = None
    with closing(sqlite3.connect(file, isolation_level=None)) as witness:
        version = _data_version(witness)
        try:
            with _migration(plan.database, plan.report) as connection:
                before = revision_of(connection)
                plan.refuse_unknown(before)
                if before == plan.head:
                    return UpgradeResult(before, before)
                # The write lock is held: what is copied now is what the migration finds.
                version = _data_version(witness)
                backup = _back_up(witness, plan.backups, before)
                if backup:
                    plan.report(
                        f"Migrating the database from schema {before} to {plan.head}; copied to {backup}."
                    )
                plan.migrate(connection)
                _check_references(connection)
        except MarsadError:
            raise
        except Exception as exc:
            # Rolled back, unless the step committed something by itself: another connection sees that.
            if _data_version(witness) != version:
                _restore(backup, file)
            raise plan.failed(before, exc) from exc
    _drop_old(plan.backups)
    return UpgradeResult(before, plan.head, backup)


def _data_version(witness: sqlite3.Connection) -> int:
    """A number that changes when another connection has committed (sqlite.org/pragma.html)."""
    version: int = witness.execute("PRAGMA data_version").fetchone()[0]
    return version


def _back_up(source: sqlite3.Connection, folder: Path, revision: str | None) -> Path | None:
    """Copy the database through SQLite's online backup; None when it holds nothing."""
    if source.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = source.execute("SELECT strftime('%Y%m%dT%H%M%fZ', 'now')").fetchone()[0]
    path = folder / f"marsad-{stamp}-{revision or 'unversioned'}.sqlite3"
    unfinished = path.with_suffix(".unfinished")
    with closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
        # A single file, without a -wal beside it.
        target.execute("PRAGMA journal_mode=DELETE")
    return unfinished.rename(path)


def _restore(backup: Path | None, file: Path) -> None:
    """Put the copy back, or nothing where there was nothing; other connections see it happen at once."""
    with closing(sqlite3.connect(backup or ":memory:")) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)


def _drop_old(folder: Path) -> None:
    for path in sorted(folder.glob("marsad-*.sqlite3"))[:-KEPT_BACKUPS]:
        path.unlink(missing_ok=True)


def _check_references(connection: Connection) -> None:
    """With foreign keys off during the migration, nobody else noticed a row that lost its parent."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise ValueError(f"a row of {broken[0]} would refer to a missing row of {broken[2]}")


# ---------------------------------------------------------------- one process at a time


@contextmanager
def _migration(database: Database, report: Report) -> Iterator[Connection]:
    """One transaction on one connection, alone: committed at the end, rolled back by an exception."""
    try:
        connection = database.engine.connect()
    except DBAPIError as exc:
        raise database.outage(exc) or exc from exc
    with connection:
        if database.is_sqlite:
            with _without_foreign_keys(connection), connection.begin():
                yield connection
        else:
            with connection.begin():
                _advisory_lock(connection, report)
                yield connection


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Altering a table in SQLite drops it, which would delete the rows that refer to it."""
    cursor = connection.connection.cursor()  # beneath SQLAlchemy: no transaction may have begun
    cursor.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()


def _advisory_lock(connection: Connection, report: Report) -> None:
    # Held to the transaction's end, so that no crash and no pooled connection can keep it.
    if not connection.scalar(select(func.pg_try_advisory_xact_lock(_ADVISORY_LOCK))):
        report("Another process is migrating the database; waiting for it.")
        connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))


@contextmanager
def _file_lock(path: Path, report: Report) -> Iterator[None]:
    with path.open("a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("Another process is migrating the database; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
