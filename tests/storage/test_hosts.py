"""A host is claimed by one worker, every commit is fenced by its token, and nothing due is forgotten."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from marsad.errors import LeaseLost
from marsad.types import HostLease, PageWork
from storage import articles, hosts, sources
from storage.database import Database
from storage.models import Host, PageRequest, Source
from tests.storage.stored import HOST, LEASE, NOW, PACE, Desk, article, seconds


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.at(database, "Huawei")


def test_workers_that_claim_at_once_never_share_a_host(desk: Desk) -> None:
    for number in range(30):
        desk.add_source(f"s{number}", host=f"h{number}.example")

    def claim(worker: int) -> list[str]:
        names: list[str] = []
        while True:
            with desk.database.write() as session:
                found = hosts.claim_hosts(session, now=NOW, limit=3, lease=LEASE, worker=f"w{worker}")
            if not found:
                return names
            names.extend(lease.host for lease in found)

    with ThreadPoolExecutor(4) as pool:
        claimed = [name for names in pool.map(claim, range(4)) for name in names]
    assert sorted(claimed) == sorted(f"h{number}.example" for number in range(30))


def test_a_host_that_is_not_due_is_not_claimed(desk: Desk) -> None:
    desk.add_source(now=NOW + seconds(60))
    assert desk.claim_host(now=NOW + seconds(59)) is None
    assert desk.claim_host(now=NOW + seconds(60)) is not None


def test_a_lease_holds_until_its_time_and_is_taken_over_then(desk: Desk) -> None:
    desk.add_source()
    first = desk.claim_host()
    assert first is not None
    assert desk.claim_host(now=NOW + LEASE - seconds(1)) is None
    second = desk.claim_host(now=NOW + LEASE)
    assert second is not None
    assert (second.host, second.token != first.token) == (HOST, True)


def test_a_renewed_lease_holds_longer(desk: Desk) -> None:
    desk.add_source()
    lease = desk.claim_host()
    assert lease is not None
    with desk.database.write() as session:
        hosts.renew(session, lease, now=NOW + seconds(100), lease=LEASE)
    assert desk.claim_host(now=NOW + LEASE) is None


def test_a_worker_that_lost_its_lease_stores_nothing(desk: Desk) -> None:
    desk.add_source()
    slow = desk.claim_host()
    quick = desk.claim_host(now=NOW + LEASE)
    assert slow is not None
    assert quick is not None

    def store_too_late() -> None:
        with desk.database.write() as session:
            session.add(Host(name="stored-before-the-fence.example"))
            hosts.renew(session, slow, now=NOW + LEASE, lease=LEASE)

    with pytest.raises(LeaseLost, match=HOST):
        store_too_late()
    desk.release(slow, now=NOW + LEASE)
    with desk.database.read() as session:
        assert session.scalars(select(Host.name)).all() == [HOST]
        assert session.scalars(select(Host.lease_token)).one() == quick.token


def test_a_release_keeps_the_pace_and_says_when_the_next_source_is_due(desk: Desk) -> None:
    source = desk.add_source()
    lease = desk.claim_host()
    assert lease is not None
    desk.store(source)
    desk.release(lease, now=NOW + seconds(1))
    assert host_row(desk).due_at == NOW + timedelta(minutes=15)
    desk.add_source("second", now=NOW + seconds(2))
    assert desk.claim_host(now=NOW + seconds(1) + PACE - seconds(0.5)) is None
    assert desk.claim_host(now=NOW + seconds(1) + PACE) is not None


def test_a_host_with_nothing_left_is_never_due(desk: Desk) -> None:
    source = desk.add_source()
    lease = desk.claim_host()
    assert lease is not None
    with desk.database.write() as session:
        session.get_one(Source, source).paused_at = NOW
    desk.release(lease)
    assert host_row(desk).due_at is None
    assert desk.claim_host(now=NOW + timedelta(days=400)) is None


def test_a_page_that_is_added_makes_its_host_due_and_is_work(desk: Desk) -> None:
    source = desk.add_source()
    desk.store(source, article("a", page_host="pages.example"))
    with desk.database.read() as session:
        (work,) = sources.find_due_work(session, "pages.example", now=NOW, limit=10)
        assert hosts.next_due(session, "pages.example") == NOW
    assert isinstance(work, PageWork)
    assert work.request.url == f"https://{HOST}/a"


@pytest.mark.parametrize("first", ["page", "release"])
def test_a_page_added_while_its_host_is_released_is_not_lost(desk: Desk, first: str) -> None:
    """Two transactions meet on one host; whichever comes first, the page is due afterwards."""
    source = desk.add_source(host="feeds.example")
    desk.add_source("pages", host=HOST)
    leases = {lease.host: lease for lease in claim_all(desk)}
    with desk.database.write() as session:
        session.execute(select(Source)).all()
        session.scalars(select(Source).where(Source.host_name == HOST)).one().due_at = NOW + timedelta(days=1)
    begun = threading.Event()

    def add_page() -> None:
        with desk.database.write() as session:
            if first == "page":
                hosts.lock_hosts(session, {"feeds.example", HOST})
            begun.set()
            threading.Event().wait(0.3)
            hosts.lock_hosts(session, {"feeds.example", HOST})
            hosts.make_due(session, HOST, at=NOW)
            session.add(PageRequest(article_id=1, host_name=HOST, url="u", due_at=NOW, attempts=0))

    desk.store(source, article("a"))
    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(add_page)
        assert begun.wait(10)
        desk.release(leases[HOST])
        adding.result(20)
    assert host_row(desk).due_at == NOW
    assert desk.claim_host(now=NOW + PACE) is not None


def test_a_source_added_while_its_host_is_released_is_not_lost(desk: Desk) -> None:
    source = desk.add_source()
    lease = desk.claim_host()
    assert lease is not None
    with desk.database.write() as session:
        session.get_one(Source, source).due_at = NOW + timedelta(days=1)
    half = threading.Event()

    def add_slowly() -> None:
        with desk.database.write() as session:
            # What add_source does, with time between the two statements.
            hosts.make_due(session, HOST, at=NOW)
            half.set()
            threading.Event().wait(0.3)
            session.add(Source(url="u2", name="n2", host_name=HOST, created_at=NOW, due_at=NOW, failures=0))

    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(add_slowly)
        assert half.wait(10)
        desk.release(lease)
        adding.result(20)
    assert host_row(desk).due_at == NOW


def test_polling_everything_beside_a_worker_that_stores_never_ends_in_a_deadlock(desk: Desk) -> None:
    numbers = range(6)
    ids = [desk.add_source(f"s{number}", host=f"h{number}.example") for number in numbers]

    def store(worker: int) -> None:
        for turn in range(25):
            with desk.database.write() as session:
                hosts.lock_hosts(session, {f"h{(turn + worker) % 6}.example", f"h{turn % 6}.example"})
                session.get_one(Source, ids[turn % 6]).due_at = NOW + seconds(turn)
                articles.find_known(session, ids[0], ["a"])

    def poll_everything(_: int) -> None:
        for turn in range(25):
            with desk.database.write() as session:
                sources.make_all_due(session, now=NOW - seconds(turn))

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(job, number) for number, job in enumerate([store, poll_everything] * 2)]
        for each in running:
            each.result(60)


def claim_all(desk: Desk) -> list[HostLease]:
    with desk.database.write() as session:
        return hosts.claim_hosts(session, now=NOW, limit=10, lease=LEASE, worker="w")


def host_row(desk: Desk, name: str = HOST) -> Host:
    with desk.database.read() as session:
        return session.get_one(Host, name)
