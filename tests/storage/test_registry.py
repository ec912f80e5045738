"""Every process is registered while it is there; the row of a dead one goes when somebody notices."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Literal

import pytest
from sqlalchemy import select, text

from marsad import __version__
from storage import workers
from storage.database import Database, now
from storage.models import WorkerRow
from tests.conftest import ROOT
from tests.storage.stored import Desk

REGISTERED_UNTIL_KILLED = """
import sys
from storage import workers
from storage.database import open_database

with workers.working(open_database(sys.argv[1])) as worker:
    print(worker.name, flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(url: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A registered process and its name; killed at the end at the latest."""
    with subprocess.Popen(
        [sys.executable, "-c", REGISTERED_UNTIL_KILLED, url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def rows(database: Database) -> list[WorkerRow]:
    with database.read() as session:
        return list(session.scalars(select(WorkerRow).order_by(WorkerRow.started_at)))


@pytest.mark.parametrize("kind", ["serve", "worker", "poll"])
def test_a_process_is_registered_for_as_long_as_it_works(
    database: Database, kind: Literal["serve", "worker", "poll"]
) -> None:
    with workers.working(database, kind=kind) as worker:
        (row,) = rows(database)
        assert (row.name, row.kind, row.pid) == (worker.name, kind, os.getpid())
        assert (row.machine, row.version) == (socket.gethostname(), __version__)
        assert row.started_at == row.seen_at
    assert rows(database) == []


def test_a_process_that_fails_is_registered_no_more(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), workers.working(database):
        raise ZeroDivisionError
    assert rows(database) == []


def test_a_heartbeat_says_when_a_process_was_heard_of_last(database: Database) -> None:
    with workers.working(database) as worker:
        (before,) = rows(database)
        with database.write() as session:
            later = now(session) + timedelta(seconds=15)
            worker.beat(session, now=later)
        (after,) = rows(database)
    assert (after.started_at, after.seen_at) == (before.started_at, later)


def test_web_processes_are_registered_beside_a_worker(database: Database) -> None:
    with workers.working(database), workers.attending(database), workers.attending(database):
        assert sorted(row.kind for row in rows(database)) == ["web", "web", "worker"]
    assert rows(database) == []


def test_a_worker_that_starts_leaves_living_web_processes_registered(database: Database) -> None:
    with workers.attending(database) as web:
        with workers.working(database):
            pass
        assert [row.name for row in rows(database)] == [web.name]


@pytest.mark.parametrize("noticed_by", ["working", "attending"])
def test_the_row_of_a_killed_process_goes_when_another_begins(
    database: Database, database_url: str, noticed_by: str
) -> None:
    with another_process(database_url) as (name, process):
        assert [row.name for row in rows(database)] == [name]
        process.kill()
        process.wait(10)
    begin = workers.working if noticed_by == "working" else workers.attending
    for _ in range(50):  # the server takes a moment to see that the connection is gone
        with begin(database):
            left = {row.name for row in rows(database) if row.kind == "worker" and row.pid == process.pid}
        if not left or (database.is_sqlite and noticed_by == "attending"):
            break
        time.sleep(0.1)
    # On SQLite only who works itself knows that nobody else does.
    assert left == ({name} if database.is_sqlite and noticed_by == "attending" else set())


def test_a_process_that_was_taken_for_dead_registers_again(database: Database) -> None:
    with workers.working(database) as worker:
        with database.write() as session:
            session.execute(text("DELETE FROM worker"))
        with database.write() as session:
            worker.beat(session, now=now(session))
        assert [row.name for row in rows(database)] == [worker.name]


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_after_a_restart_of_the_server_nobody_is_taken_for_dead_before_its_next_heartbeat(
    database: Database,
) -> None:
    """The restarted server has forgotten all locks; here only the row looks as if it were from before."""
    with database.read() as session:
        started = session.scalars(text("SELECT pg_postmaster_start_time()")).one()
    desk = Desk.at(database)
    desk.add_worker("worker-1", seen_at=started - timedelta(seconds=1))
    desk.add_worker("worker-2", seen_at=started + timedelta(microseconds=1))
    assert living(database, restart_grace=timedelta(days=1)) == {"worker-1"}
    assert living(database, restart_grace=timedelta(0)) == set()


def living(database: Database, *, restart_grace: timedelta) -> set[str]:
    with database.read() as session:
        return workers.find_living(session, rows(database), now=now(session), restart_grace=restart_grace)
