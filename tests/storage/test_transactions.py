"""A transaction is all or nothing, waits for its turn, and a reading one cannot write."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from marsad.errors import DatabaseUnreachable
from storage.database import Database, now, open_database
from storage.models import AuditEvent, Source, User

MOMENT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def test_what_is_written_is_read_again(database: Database) -> None:
    with database.write() as session:
        session.add(User(name="مُشْرِف", created_at=MOMENT))
    with database.read() as session:
        user = session.scalars(select(User)).one()
    assert (user.name, user.created_at) == ("مُشْرِف", MOMENT)


def test_an_exception_rolls_everything_back(database: Database) -> None:
    def write_half() -> None:
        with database.write() as session:
            session.add(User(name="half", created_at=MOMENT))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert users(database) == []


def test_a_reading_transaction_refuses_to_write(database: Database) -> None:
    def write_while_reading() -> None:
        with database.read() as session:
            session.add(User(name="no", created_at=MOMENT))
            session.flush()

    with pytest.raises(DBAPIError):
        write_while_reading()
    add_user(database, "yes")
    assert users(database) == ["yes"]


def test_a_reading_transaction_sees_one_moment(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 0
        add_user(database, "later")
        assert session.scalar(select(func.count()).select_from(User)) == 0
    assert users(database) == ["later"]


def test_a_broken_reference_is_refused_as_it_is(database: Database) -> None:
    source = Source(host_name="nowhere", url="u", name="n", created_at=MOMENT, due_at=MOMENT)
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(source)


def test_a_naive_datetime_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"), database.write() as session:
        session.add(User(name="naive", created_at=datetime(2026, 3, 1)))  # noqa: DTZ001


def test_other_time_zones_come_back_as_utc(database: Database) -> None:
    riyadh = MOMENT.astimezone(timezone(timedelta(hours=3)))
    with database.write() as session:
        session.add(User(name="x", created_at=riyadh))
    with database.read() as session:
        stored = session.scalars(select(User.created_at)).one()
    assert stored == MOMENT
    assert stored.utcoffset() == timedelta(0)


def test_the_databases_clock_is_aware_and_moves_within_a_transaction(database: Database) -> None:
    with database.read() as session:
        first = now(session)
        threading.Event().wait(0.01)
        second = now(session)
    assert first.utcoffset() == timedelta(0)
    assert timedelta(milliseconds=5) <= second - first < timedelta(seconds=5)
    assert abs(datetime.now(UTC) - second) < timedelta(seconds=5)


def test_arabic_is_kept_as_it_is_in_json(database: Database) -> None:
    detail = {"spelling": "إنڤيديا", "clitics": "وَ", "mark": "\u200f"}
    with database.write() as session:
        session.add(AuditEvent(at=MOMENT, action="a", subject="s", detail=detail))
    with database.read() as session:
        assert session.scalars(select(AuditEvent.detail)).one() == detail
        assert "إنڤيديا" in str(session.scalar(text("SELECT CAST(detail AS text) FROM audit_event")))


def test_threads_that_read_and_then_write_lose_no_update(database: Database) -> None:
    with database.write() as session:
        session.add(User(id=1, name="0", created_at=MOMENT))

    def count_up(_: int) -> None:
        with database.write() as session:
            user = session.scalars(select(User).where(User.id == 1).with_for_update()).one()
            user.name = str(int(user.name) + 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(80)))
    assert users(database) == ["80"]


def test_errors_do_not_quote_what_was_to_be_stored(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.write() as session:
        session.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "kanarya-7361"})
    assert "kanarya-7361" not in str(caught.value)


def test_sqlite_is_durable_and_checks_references(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/marsad.sqlite3")
    for transaction in (database.write, database.read):
        with transaction() as session:
            values = {
                pragma: session.scalar(text(f"PRAGMA {pragma}"))
                for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    database.dispose()


def test_sqlite_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/marsad.sqlite3")
    with database.write() as writer:
        writer.execute(text("CREATE TABLE t (x)"))
        with database.read() as reader:
            assert reader.scalar(text("SELECT count(*) FROM sqlite_master")) == 0
    database.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_transaction_of_a_process_that_froze_is_rolled_back_by_the_server(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"

    def freeze() -> None:
        with database.write() as session:
            session.add(User(name="nobody", created_at=MOMENT))
            session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 100"))
            time.sleep(0.5)
            session.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnreachable, match="idle-in-transaction"):
        freeze()
    assert users(database) == []


@pytest.mark.postgres
def test_a_backend_that_is_ended_is_an_outage_and_the_next_transaction_works(
    postgres_url: str, postgres_server: str
) -> None:
    database, other = open_database(postgres_url), open_database(postgres_server)

    def lose_the_backend() -> None:
        with database.write() as session:
            pid = session.scalar(text("SELECT pg_backend_pid()"))
            with other.write() as admin:
                admin.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            session.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnreachable):
        lose_the_backend()
    with database.write() as session:
        assert session.scalar(text("SELECT 1")) == 1
    database.dispose()
    other.dispose()


def add_user(database: Database, name: str) -> None:
    with database.write() as session:
        session.add(User(name=name, created_at=MOMENT))


def users(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(User.name).order_by(User.id)))
