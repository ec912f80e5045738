"""What the service says of itself: who is at work, what waits, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marsad.types import ChannelKind
from storage import workers
from storage.database import Database, now
from storage.status import DeliveryCounts, HostCounts, ServiceStatus, SourceCounts, read_status
from tests.storage.stored import HOST, NOW, Desk, article, seconds, sent


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.at(database, "Huawei")


def status(desk: Desk, *, after: float = 0, mail_server: bool = True) -> ServiceStatus:
    with desk.database.read() as session:
        return read_status(session, now=NOW + seconds(after), mail_server=mail_server)


def test_a_new_installation_has_nothing_to_do_and_nobody_to_do_it(desk: Desk) -> None:
    found = status(desk)
    assert (found.workers, found.polling) == ((), False)
    assert (found.hosts, found.sources) == (HostCounts(0, 0, 0), SourceCounts(0, 0, 0))
    assert found.deliveries == DeliveryCounts(pending=0, sent=0, failed=0, parked=0)
    assert (found.oldest_due, found.oldest_undelivered, found.last_success_at) == (None, None, None)


def test_hosts_are_due_then_leased_then_left_alone(desk: Desk) -> None:
    source = desk.add_source()
    desk.add_source("other", host="other.example", now=NOW + seconds(3600))
    assert status(desk, after=7).hosts == HostCounts(total=2, due=1, leased=0)
    assert status(desk, after=7).oldest_due == timedelta(seconds=7)
    lease = desk.claim_host()
    assert lease is not None
    assert status(desk, after=7).hosts == HostCounts(total=2, due=0, leased=1)
    assert status(desk, after=7).oldest_due is None
    desk.store(source)
    desk.release(lease)
    assert status(desk, after=7).hosts == HostCounts(total=2, due=0, leased=0)
    assert status(desk).last_success_at == NOW


def test_a_host_that_its_pace_holds_back_is_not_due(desk: Desk) -> None:
    desk.add_source()
    lease = desk.claim_host()
    assert lease is not None
    desk.release(lease)
    assert status(desk, after=1).hosts == HostCounts(total=1, due=0, leased=0)
    assert status(desk, after=60).hosts.due == 1


def test_pages_are_counted_until_they_are_read(desk: Desk) -> None:
    source = desk.add_source()
    desk.store(source, article("a", page_host=HOST), article("b", page_host=HOST))
    assert status(desk).pages_waiting == 2
    desk.read_page(1, desk.matched())
    assert status(desk).pages_waiting == 1


def test_deliveries_are_counted_by_state_and_the_oldest_says_what_it_waits_for(desk: Desk) -> None:
    desk.add_channel("mail", kind=ChannelKind.EMAIL)
    desk.add_channel("hook")
    source = desk.add_source()
    desk.store(source, article("a", desk.matched("Huawei", tell=["mail"])))
    desk.store(source, article("b", desk.matched("Huawei", tell=["hook"])), now=NOW + seconds(5))
    (claimed,) = [each for each in desk.claim(now=NOW + seconds(5)) if each.target.name == "hook"]
    desk.settle(claimed, sent())
    found = status(desk, after=60, mail_server=False)
    assert found.deliveries == DeliveryCounts(pending=1, sent=1, failed=0, parked=0)
    assert found.oldest_undelivered is not None
    assert found.oldest_undelivered.age == timedelta(seconds=60)
    assert found.oldest_undelivered.waits_for == "a mail server (MARSAD_SMTP_URL)"


def test_a_delivery_says_what_it_waits_for(desk: Desk) -> None:
    desk.add_channel("mail", kind=ChannelKind.EMAIL)
    desk.add_channel("new", kind=ChannelKind.EMAIL, address="new@example.com", confirmed=False)
    desk.add_channel("hook")
    desk.store(desk.add_source(), article("a", desk.matched("Huawei", tell=["mail", "new", "hook"])))
    assert waits_for(desk, mail_server=False) == {
        "mail": "a mail server (MARSAD_SMTP_URL)",
        "new": "the address to be confirmed",
        "hook": "its turn",
    }
    assert waits_for(desk, mail_server=True)["mail"] == "its turn"


def waits_for(desk: Desk, *, mail_server: bool) -> dict[str, str | None]:
    from storage.deliveries import list_deliveries

    with desk.database.read() as session:
        rows = list_deliveries(session, desk.owner, limit=10, mail_server=mail_server)
    return {row.channel: row.waits_for for row in rows}


def test_a_worker_shows_what_it_has_in_hand(desk: Desk) -> None:
    desk.add_channel("hook")
    source = desk.add_source()
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"])))
    with workers.working(desk.database, kind="serve") as worker:
        assert desk.claim_host(worker=worker.name) is not None
        assert desk.claim(worker=worker.name) != []
        (row,) = status(desk).workers
        assert (row.kind, row.leases, row.silent) == ("serve", 2, False)
    assert status(desk).workers == ()


def test_who_is_not_heard_of_is_silent_and_nobody_polls(desk: Desk) -> None:
    with workers.working(desk.database) as worker, desk.database.write() as session:
        worker.beat(session, now=now(session))
        session.flush()
        fresh = read_status(session, now=now(session))
        late = read_status(session, now=now(session) + workers.SILENT_AFTER)
    assert [(w.alive, w.silent) for w in fresh.workers] == [(True, False)]
    assert fresh.polling
    # On SQLite there is nothing but the heartbeat to tell by.
    assert [(w.alive, w.silent) for w in late.workers] == [(not desk.database.is_sqlite,) * 2]
    assert not late.polling


def test_a_web_process_alone_polls_nothing(desk: Desk) -> None:
    with workers.attending(desk.database), desk.database.read() as session:
        found = read_status(session, now=now(session))
    assert [w.kind for w in found.workers] == ["web"]
    assert not found.polling
