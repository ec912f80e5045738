"""The lease port: what is in hand is kept by the heartbeat, what was lost is begun and stored no more."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from marsad.errors import DatabaseUnreachable, LeaseLost
from marsad.types import ChannelKind, ClaimedDelivery, HostLease
from pipeline.heartbeat import Heartbeat
from pipeline.leases import DeliveryLeases, Held, HostLeases
from storage import deliveries
from storage.database import Database, now
from storage.models import Delivery, Host
from storage.workers import Worker
from tests.storage.stored import HOST, Desk, article, sent

LIMIT = timedelta(seconds=1)
OVER = LIMIT.total_seconds() + 0.2


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = Desk.at(database, "Huawei")
    desk.add_channel("hook")
    source = desk.add_source()
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"])))
    with database.write() as session:
        session.get_one(Host, HOST).due_at = now(session)
    return desk


class Party:
    """One worker's leases and heartbeat; it tells nobody that it is there, so only time frees its leases."""

    def __init__(self, database: Database, name: str, *, limit: timedelta = LIMIT) -> None:
        worker = Worker(name)
        self.hosts = HostLeases(database, worker=worker, clock=now, time_limit=limit)
        self.outbox = DeliveryLeases(
            database, worker=worker, clock=now, kinds=tuple(ChannelKind), time_limit=limit
        )
        self.heartbeat = Heartbeat(
            database, worker=worker, clock=now, leases=(self.hosts, self.outbox), every=LIMIT / 4
        )

    def claim(self) -> tuple[Held[HostLease], Held[ClaimedDelivery]]:
        (host,) = self.hosts.claim(9)
        (delivery,) = self.outbox.claim(9)
        return host, delivery

    def finds_nothing(self) -> bool:
        return self.hosts.claim(9) == [] and self.outbox.claim(9) == []


@pytest.fixture
def first(desk: Desk) -> Party:
    return Party(desk.database, "worker-1")


@pytest.fixture
def second(desk: Desk) -> Party:
    return Party(desk.database, "worker-2")


async def test_a_heartbeat_keeps_the_lease_of_what_takes_longer(first: Party, second: Party) -> None:
    host, delivery = first.claim()
    with first.hosts.in_hand(host), first.outbox.in_hand(delivery):
        async with first.heartbeat.beating():
            for _ in range(4):
                await asyncio.sleep(LIMIT.total_seconds() / 2)
                assert second.finds_nothing()
        host.check()
        delivery.check()
        with first.hosts.finish(host):
            pass
        with first.outbox.finish(delivery):
            pass


async def test_a_heartbeat_keeps_nothing_that_nobody_works_on(first: Party, second: Party) -> None:
    host, delivery = first.claim()
    with first.hosts.in_hand(host), first.outbox.in_hand(delivery):
        pass
    async with first.heartbeat.beating():
        await asyncio.sleep(OVER)
        second.claim()


async def test_who_slept_through_its_lease_begins_and_stores_nothing_more(
    desk: Desk, first: Party, second: Party
) -> None:
    host, delivery = first.claim()
    await asyncio.sleep(OVER)
    theirs = second.claim()
    with first.hosts.in_hand(host), first.outbox.in_hand(delivery):
        assert_lost(desk, first, host, delivery)
        await first.heartbeat.run()
        assert_lost(desk, first, host, delivery)
    first.hosts.release(host, pace=timedelta(0))
    first.outbox.release(delivery)
    for held in theirs:
        held.check()
    with second.outbox.finish(theirs[1]) as (session, at):
        deliveries.settle(session, theirs[1].lease, sent(), started=at, now=at)
    second.hosts.release(theirs[0], pace=timedelta(0))


async def test_a_heartbeat_finds_out_what_was_taken_before_its_time(desk: Desk, second: Party) -> None:
    first = Party(desk.database, "worker-1", limit=timedelta(minutes=1))
    host, delivery = first.claim()
    take_away(desk)
    second.claim()
    with first.hosts.in_hand(host), first.outbox.in_hand(delivery):
        host.check()
        delivery.check()
        await first.heartbeat.run()
        assert_lost(desk, first, host, delivery)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_heartbeat_waits_for_no_row_that_another_transaction_holds(desk: Desk, first: Party) -> None:
    host, delivery = first.claim()
    with first.hosts.in_hand(host), first.outbox.in_hand(delivery):
        with desk.database.write() as session:
            session.scalars(select(Host).with_for_update()).all()
            async with asyncio.timeout(10):
                await first.heartbeat.run()
        before = delivery.until
        async with asyncio.timeout(10):
            await first.heartbeat.run()
        assert delivery.until > before
        host.check()


async def test_what_was_given_back_is_free_at_once_and_under_its_id(
    desk: Desk, first: Party, second: Party
) -> None:
    host, delivery = first.claim()
    first.hosts.release(host, pace=timedelta(0))
    first.outbox.release(delivery)
    (again,) = second.outbox.claim(9)
    assert again.lease.id == delivery.lease.id


def take_away(desk: Desk) -> None:
    """What a third worker does that takes the first one for dead."""
    with desk.database.write() as session:
        for row in (*session.scalars(select(Host)), *session.scalars(select(Delivery))):
            row.leased_until = None


def assert_lost(desk: Desk, party: Party, host: Held[HostLease], delivery: Held[ClaimedDelivery]) -> None:
    for held in (host, delivery):
        with pytest.raises(LeaseLost):
            held.check()
    with pytest.raises(LeaseLost, match=HOST), party.hosts.finish(host) as (session, _):
        session.add(Host(name="stored-by-the-loser.example"))
    with pytest.raises(LeaseLost, match=delivery.lease.id), party.outbox.finish(delivery) as (session, _):
        session.add(Host(name="stored-by-the-loser.example"))
    with desk.database.read() as session:
        assert session.scalars(select(Host.name)).all() == [HOST]


async def test_a_heartbeat_waits_for_no_other_work_of_its_process(first: Party, second: Party) -> None:
    host, _ = first.claim()
    loop = asyncio.get_running_loop()
    with first.hosts.in_hand(host):
        async with first.heartbeat.beating():
            # As many threads as there are, each with a document that takes long to store.
            stored = [loop.run_in_executor(None, time.sleep, OVER) for _ in range(40)]
            for _ in range(2):
                await asyncio.sleep(OVER)
                # Not in a thread of theirs, which are all busy.
                assert second.hosts.claim(9) == []
            for each in stored:
                each.cancel()
            await asyncio.gather(*stored, return_exceptions=True)


def test_what_an_outage_kept_from_being_given_back_is_claimed_again_at_once(desk: Desk) -> None:
    patient = Party(desk.database, "worker-1", limit=timedelta(minutes=5))
    host, delivery = patient.claim()
    with pytest.raises(DatabaseUnreachable), patient.hosts.in_hand(host):
        raise DatabaseUnreachable("The database is away.")
    with pytest.raises(DatabaseUnreachable), patient.outbox.in_hand(delivery):
        raise DatabaseUnreachable("The database is away.")
    again_host, again_delivery = patient.claim()
    assert again_host.lease.token != host.lease.token
    # The same delivery under the same id: it may have been sent.
    assert again_delivery.lease.id == delivery.lease.id


def test_what_is_in_hand_stays_so_while_something_else_is_claimed_after_an_outage(
    desk: Desk, second: Party
) -> None:
    patient = Party(desk.database, "worker-1", limit=timedelta(minutes=5))
    host, delivery = patient.claim()
    with patient.hosts.in_hand(host), patient.outbox.in_hand(delivery):
        with pytest.raises(DatabaseUnreachable), patient.hosts.in_hand(Held(host.lease, 0)):
            raise DatabaseUnreachable("The database is away.")
        assert patient.finds_nothing()
        assert second.finds_nothing()
