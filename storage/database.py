"""The database: one engine behind one address, SQLite or PostgreSQL, and the transactions on it.

This module owns SQLAlchemy's and the drivers' connection errors: an outage becomes DatabaseUnreachable,
in one sentence without a password; a programming error propagates as it is.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from marsad.errors import DatabaseUnreachable, SettingInvalid

BUSY_SECONDS = 30
"""How long a SQLite transaction waits for another one that writes."""
IDLE_SECONDS = 60
"""After so long without a word from the process whose transaction it is, PostgreSQL rolls it back."""

_SETTING = "MARSAD_DATABASE_URL"
_EXAMPLES = "sqlite:////var/lib/marsad/marsad.sqlite3 or postgresql://user:password@host/marsad"
_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")

# SQLite result codes (sqlite.org/rescode.html) that mean the surroundings, not the statement.
_OUTAGES = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)
# PostgreSQL (SQLSTATE classes): connection, authorization, catalog name, transaction rolled back (a deadlock),
# resources, lock not to be had, operator intervention. All of them pass without the statement's being changed.
_OUTAGE_CLASSES = ("08", "28", "3D", "40", "53", "55P03", "57")


class Database:
    """An engine and its transactions; safe to use from several threads, each with its own transaction.

    Made by `open_database`; nothing is connected before the first transaction.
    """

    def __init__(self, engine: Engine, *, file: Path | None) -> None:
        self.engine = engine
        self._turn: AbstractContextManager[object] = threading.Lock() if file else nullcontext()
        self.file = file
        self._writer = engine.execution_options(marsad_writes=True)
        # A reader sees one moment of the database on both: SQLite's snapshot, PostgreSQL's repeatable read.
        self._reader = engine.execution_options(
            marsad_writes=False,
            **({} if file else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}),
        )

    def __repr__(self) -> str:
        return f"Database({self.shown_url!r})"

    @property
    def is_sqlite(self) -> bool:
        return self.file is not None

    @property
    def shown_url(self) -> str:
        """The address without its password, fit for a screen or a log."""
        return _shown(self.engine.url)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that writes: committed at the end, rolled back by an exception.

        Raises DatabaseUnreachable when the database cannot be reached, is busy for longer than
        BUSY_SECONDS, or fails underneath (disk full, server gone): then nothing was stored, unless it was
        the answer to the commit that was lost.
        """
        # SQLite has one writer: threads of this process wait here, where the next is woken at once,
        # and not in SQLite's busy handler, which sleeps and looks again.
        with self._turn, self._session(self._writer) as session:
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One transaction that sees a single moment and refuses to write; raises DatabaseUnreachable."""
        with self._session(self._reader) as session:
            yield session

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        with Session(engine, expire_on_commit=False) as session:
            # A writer that meets a read-only file can do nothing about it; a reader that writes is our fault.
            starting = True
            try:
                session.connection()  # connects and begins now, so that the lock is held from here on
                starting = engine is self._writer
                yield session
            except DBAPIError as exc:
                outage = self.outage(exc, starting=starting)
                if outage is None:
                    raise
                raise outage from exc
            except PoolTimeout as exc:
                raise DatabaseUnreachable(
                    f"All connections to {self.shown_url} are in use; it is tried again later."
                ) from exc

    def outage(self, exc: DBAPIError, *, starting: bool = True) -> DatabaseUnreachable | None:
        """The sentence for an outage, or None when the statement itself was at fault."""
        if not (exc.connection_invalidated or _is_outage(exc.orig, starting=starting)):
            return None
        text = str(exc.orig).strip().partition("\n")[0].removeprefix("connection failed: ").rstrip(".")
        way_out = _way_out(exc.orig, text)
        if secret := self.engine.url.password:
            text = text.replace(str(secret), "***")
        return DatabaseUnreachable(f"The database {self.shown_url} cannot be used ({text}); {way_out}.")

    def dispose(self) -> None:
        """Close all idle connections; the object may be used again and then connects anew."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """A database for `sqlite:///path` or `postgresql://…`; creates a SQLite file's folder, connects nothing.

    Raises SettingInvalid for an address that cannot be used, DatabaseUnreachable for a folder that
    cannot be made.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The cause is dropped on purpose: these errors quote parts of the address, perhaps the password.
        raise SettingInvalid(f"{_SETTING} is no database address; write {_EXAMPLES}.") from None
    if parsed.drivername == "sqlite":
        return _open_sqlite(parsed)
    if parsed.drivername not in _POSTGRES:
        raise SettingInvalid(
            f"{_SETTING} begins with '{parsed.drivername}', which marsad does not speak; write {_EXAMPLES}."
        )
    if url.count("@") > 1:
        # The rest of the password would be taken for the host, and shown.
        raise SettingInvalid(f"{_SETTING} has more than one @; write those inside the password as %40.")
    return _open_postgres(parsed.set(drivername="postgresql+psycopg"))


def now(session: Session) -> datetime:
    """The database's clock, aware UTC, in milliseconds (SQLite) or microseconds (PostgreSQL).

    Moves on within a transaction. Leases of several machines are compared by this clock only.
    """
    if session.get_bind().dialect.name == "postgresql":
        moment: datetime = session.scalars(select(func.clock_timestamp())).one()
        return moment.astimezone(UTC)
    # Not unixepoch('subsec'): before SQLite 3.42 it is NULL.
    # Asked several times a poll, so not through the compiler of statements.
    written = session.connection().exec_driver_sql("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')").scalar_one()
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def _open_sqlite(url: URL) -> Database:
    if not url.database or url.database == ":memory:" or url.host or url.query:
        raise SettingInvalid(
            f"{_SETTING} names no SQLite file; write sqlite:/// and the file's path, such as "
            "sqlite:////var/lib/marsad/marsad.sqlite3."
        )
    try:
        file = Path(url.database).expanduser().absolute()
    except RuntimeError as exc:
        raise SettingInvalid(
            f"{_SETTING} names a home folder that does not exist; write the file's whole path."
        ) from exc
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise DatabaseUnreachable(
            f"The folder {file.parent} of the database cannot be made ({exc.strerror}); "
            f"choose another place in {_SETTING} or MARSAD_DATA_DIR."
        ) from exc
    engine = _engine(url.set(database=str(file)), creator=partial(_connect_sqlite, file))
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine, file=file)


def _open_postgres(url: URL) -> Database:
    import psycopg
    from psycopg.conninfo import make_conninfo

    try:
        make_conninfo(**{key: str(value) for key, value in url.query.items()})
    except psycopg.Error:
        # The cause is dropped on purpose: it may quote a secret among the options.
        raise SettingInvalid(
            f"{_SETTING} has an option after '?' that PostgreSQL does not know; "
            "keep only libpq's connection parameters, such as sslmode=require."
        ) from None
    timeout = {} if "connect_timeout" in url.query else {"connect_timeout": 10}
    engine = _engine(url, connect_args=timeout, pool_pre_ping=True)
    event.listen(engine, "connect", _limit_idling)
    return Database(engine, file=None)


def _engine(url: URL, **options: Any) -> Engine:
    return create_engine(
        url,
        json_serializer=partial(json.dumps, ensure_ascii=False, allow_nan=False),
        # Parameters hold article texts and channel secrets, and would be quoted in every error.
        hide_parameters=True,
        pool_size=5,
        max_overflow=15,
        **options,
    )


def _connect_sqlite(file: Path) -> sqlite3.Connection:
    # isolation_level=None: the driver begins nothing by itself, _begin_sqlite does.
    if not file.exists():
        # It holds the secrets of webhooks: nobody else reads it. SQLite gives -wal and -shm the same mode.
        with suppress(OSError):
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for its turn (SQLITE_BUSY at once):
    # one that will write takes the lock at its beginning.
    writes = connection.get_execution_options().get("marsad_writes", True)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _limit_idling(connection: Any, _: object) -> None:
    # A process that is frozen in the middle of a transaction would keep its row locks from all others.
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_SECONDS * 1000}")
    connection.commit()


def _is_outage(cause: BaseException | None, *, starting: bool) -> bool:
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the low byte of an extended code
        # Later on, "read-only" means that our own code wrote in a reading transaction.
        return code in _OUTAGES or (starting and code == sqlite3.SQLITE_READONLY)
    state: str | None = getattr(cause, "sqlstate", None)
    return state.startswith(_OUTAGE_CLASSES) if state else type(cause).__name__ == "OperationalError"


def _way_out(cause: BaseException | None, text: str) -> str:
    if isinstance(cause, sqlite3.Error):
        return _SQLITE_WAYS_OUT.get(cause.sqlite_errorcode & 0xFF, _SQLITE_OTHERWISE)
    for part, way_out in _POSTGRES_WAYS_OUT.items():
        if part in text:
            return way_out
    return f"see that the server runs and that {_SETTING} names it"


_SQLITE_OTHERWISE = f"see that the file and its folder can be written, or choose another in {_SETTING}"
_SQLITE_WAYS_OUT = {
    sqlite3.SQLITE_NOTADB: f"it is no SQLite database, so name another file in {_SETTING}",
    sqlite3.SQLITE_CORRUPT: "restore a backup from the folder backups beside it",
    sqlite3.SQLITE_BUSY: "another process is writing, so try again, or end that process",
    sqlite3.SQLITE_FULL: "free some space on its disk",
}
_POSTGRES_WAYS_OUT = {
    "password": f"correct the user and password in {_SETTING}",
    "database": f"create it with createdb, or correct the name in {_SETTING}",
    "role": f"create the user with createuser, or correct the name in {_SETTING}",
}


def _shown(url: URL) -> str:
    shown = url.difference_update_query([key for key in url.query if "password" in key])
    return shown.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
