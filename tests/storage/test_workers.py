"""The work of a dead process is taken over at once, that of a living one is not."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from marsad.errors import DatabaseError
from storage import hosts, workers
from storage.database import Database, now, open_database
from storage.models import Host
from tests.conftest import ROOT
from tests.storage.stored import LEASE, Desk

WORKS_UNTIL_IT_IS_KILLED = """
import sys
from datetime import timedelta
from storage import hosts, workers
from storage.database import now, open_database

database = open_database(sys.argv[1])
with workers.working(database) as worker:
    with database.write() as session:
        claimed = hosts.claim_hosts(
            session, now=now(session), limit=1, lease=timedelta(minutes=2), worker=worker.name
        )
    print(claimed[0].host if claimed else "none", flush=True)
    sys.stdin.read()
"""


@contextmanager
def process_at_work(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lease of the first due host; killed at the end at the latest."""
    with subprocess.Popen(
        [sys.executable, "-c", WORKS_UNTIL_IT_IS_KILLED, url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "a.example"
            yield process
        finally:
            process.kill()


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = Desk.at(database)
    with database.read() as session:
        moment = now(session)
    desk.add_source("a", host="a.example", now=moment)
    return desk


def claim(database: Database, worker: workers.Worker) -> list[str]:
    worker.hold()
    with database.write() as session:
        at = now(session)
        worker.free_leases_of_the_dead(session, now=at)
        found = hosts.claim_hosts(session, now=at, limit=5, lease=LEASE, worker=worker.name)
    return [lease.host for lease in found]


def claim_soon(database: Database, worker: workers.Worker) -> list[str]:
    """Claim as a running worker does, again and again.

    It takes about half a second; the rest is for a machine that is busy with other tests.
    """
    until = time.monotonic() + 5
    while not (found := claim(database, worker)) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def holder(database: Database) -> str | None:
    with database.read() as session:
        return session.scalars(select(Host.leased_by)).one()


def test_the_lease_of_a_killed_process_is_free_at_once(desk: Desk, database_url: str) -> None:
    with process_at_work(database_url) as process:
        assert claim(desk.database, workers.Worker("worker-0")) == []  # it cannot tell who is dead
        process.kill()
        process.wait(10)
        with workers.working(desk.database) as worker:
            assert claim_soon(desk.database, worker) == ["a.example"]


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_worker_that_runs_takes_over_from_a_killed_one_in_seconds(desk: Desk, database_url: str) -> None:
    with workers.working(desk.database) as worker, process_at_work(database_url) as process:
        assert claim(desk.database, worker) == []
        process.kill()
        assert claim_soon(desk.database, worker) == ["a.example"]


@pytest.mark.postgres
def test_postgresql_leaves_the_leases_of_the_living(postgres_url: str, tmp_path: Path) -> None:
    from storage.schema import upgrade

    database = open_database(postgres_url)
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    with database.read() as session:
        moment = now(session)
    Desk.at(database).add_source("a", host="a.example", now=moment)
    with workers.working(database) as first, workers.working(database) as second:
        assert claim(database, first) == ["a.example"]
        assert claim(database, second) == []
        assert holder(database) == first.name
    with workers.working(database) as third:
        assert claim(database, third) == ["a.example"]
    database.dispose()


@pytest.mark.postgres
def test_a_worker_whose_connection_is_gone_ends_without_a_fault(postgres_url: str, tmp_path: Path) -> None:
    from storage.schema import upgrade

    database = open_database(postgres_url)
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    with workers.working(database) as worker, database.write() as session:
        assert worker.name.startswith("worker-")
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        session.execute(text(f"{others} AND datname = current_database()"))
    database.dispose()


@pytest.mark.postgres
def test_a_worker_that_lost_its_connection_takes_its_place_again(postgres_url: str, tmp_path: Path) -> None:
    from storage.schema import upgrade

    database = open_database(postgres_url)
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    with database.read() as session:
        moment = now(session)
    Desk.at(database).add_source("a", host="a.example", now=moment)
    with workers.working(database) as first, workers.working(database) as second:
        assert claim(database, first) == ["a.example"]
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        with database.write() as session:
            session.execute(text(f"{others} AND datname = current_database()"))
        assert claim(database, first) == []  # its own lease is no dead worker's
        assert claim(database, second) == []
        assert holder(database) == first.name
    database.dispose()


def test_sqlite_is_worked_on_by_one_process_at_a_time(tmp_path: Path) -> None:
    from storage.schema import upgrade

    url = f"sqlite:///{tmp_path}/marsad.sqlite3"
    database = open_database(url)
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    Desk.at(database).add_source("a", host="a.example")
    with (
        process_at_work(url),
        pytest.raises(DatabaseError, match="stop it first, or use PostgreSQL"),
        workers.working(database),
    ):
        pass
    with workers.working(database) as worker:
        assert worker.name == "local"
    database.dispose()


def test_two_threads_that_find_their_process_forgotten_register_it_once(database: Database) -> None:
    worker, beaten = workers.Worker("worker-7"), []

    def beat() -> None:
        with database.write() as session:
            worker.beat(session, now=now(session))
        beaten.append(True)

    other = threading.Thread(target=beat)
    with database.write() as session:
        worker.beat(session, now=now(session))
        session.flush()
        other.start()
        other.join(1)  # it waits for this transaction
    other.join(10)
    assert beaten
