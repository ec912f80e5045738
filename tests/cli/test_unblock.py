"""`marsad unblock` is the way out, at the console, for people whom too many failed attempts hold up."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from storage import throttle
from storage.database import now, open_database
from storage.models import AuditEvent
from storage.throttle import Counter
from tests.command import Marsad


def test_it_lets_everyone_try_again_and_is_written_down(tmp_path: Path) -> None:
    marsad = Marsad.at(tmp_path)
    assert marsad.run("unblock").stdout == "No attempt to sign in had failed.\n"
    counters = [Counter("account:x", 1), Counter("device:y", 1), Counter("address:203.0.113.7", 1)]
    database = open_database(f"sqlite:///{tmp_path / 'marsad.sqlite3'}")
    with database.write() as session:
        throttle.begin_attempt(session, counters, now=now(session))
    with database.read() as session:
        assert throttle.find_wait(session, counters, now=now(session))
    assert marsad.run("unblock").stdout == "Everyone can try to sign in again now.\n"
    with database.read() as session:
        assert not throttle.find_wait(session, counters, now=now(session))
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "user.unblocked"))
        assert (event.subject, event.detail) == ("sign-in", {"counts": 3})
    database.dispose()
