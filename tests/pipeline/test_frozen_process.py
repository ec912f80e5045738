"""A process that is stopped (SIGSTOP) for longer than its lease, and continued, has lost what it held."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from marsad.types import ChannelKind
from pipeline.leases import DeliveryLeases, HostLeases
from storage.database import Database, now
from storage.models import Host
from storage.workers import Worker
from tests.conftest import ROOT
from tests.storage.stored import HOST, Desk, article

LIMIT = 1.0

# Beats until it is told to go on, then tries to use what it held; it says what came of it.
HOLDS_AND_BEATS = """
import asyncio, sys, threading
from datetime import timedelta
from marsad.errors import LeaseLost
from marsad.types import ChannelKind
from pipeline.heartbeat import Heartbeat
from pipeline.leases import DeliveryLeases, HostLeases
from storage.database import now, open_database
from storage.workers import working

async def main(database, worker, limit):
    parts = {"worker": worker, "clock": now, "time_limit": limit}
    hosts = HostLeases(database, **parts)
    outbox = DeliveryLeases(database, kinds=tuple(ChannelKind), **parts)
    heartbeat = Heartbeat(database, worker=worker, clock=now, leases=(hosts, outbox))
    (host,), (delivery,) = hosts.claim(1), outbox.claim(1)
    go_on = threading.Thread(target=sys.stdin.readline, daemon=True)
    go_on.start()
    with hosts.in_hand(host), outbox.in_hand(delivery):
        while go_on.is_alive():
            await heartbeat.run()
            print("beat", flush=True)
            await asyncio.sleep(limit.total_seconds() / 4)
        for use in (host.check, delivery.check, hosts.finish(host).__enter__, outbox.finish(delivery).__enter__):
            try:
                use()
                print("done", flush=True)
            except LeaseLost:
                print("lost", flush=True)

database = open_database(sys.argv[1])
with working(database) as worker:
    asyncio.run(main(database, worker, timedelta(seconds=float(sys.argv[2]))))
"""


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = Desk.at(database, "Huawei")
    desk.add_channel("hook")
    desk.store(desk.add_source(), article("a", desk.matched("Huawei", tell=["hook"])))
    with database.write() as session:
        session.get_one(Host, HOST).due_at = now(session)
    return desk


@contextmanager
def process_that_holds(url: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_AND_BEATS, url, str(LIMIT)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_what_a_frozen_process_held_is_taken_over_and_lost_to_it(desk: Desk, database_url: str) -> None:
    with process_that_holds(database_url) as process:
        wait_for_beat(process)
        begun = time.monotonic()
        while time.monotonic() < begun + 1.5 * LIMIT:
            assert claim(desk.database) == (0, 0)
            time.sleep(0.1)
        wait_for_beat(process)  # it is in no transaction now
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(1.5 * LIMIT)
        assert claim(desk.database) == (1, 1)
        os.kill(process.pid, signal.SIGCONT)
        answers = process.communicate("\n", timeout=60)[0].split()
    assert [answer for answer in answers if answer != "beat"] == ["lost"] * 4


def wait_for_beat(process: subprocess.Popen[str]) -> None:
    """Wait for a beat that is not older than this call."""
    assert process.stdout is not None
    begun = time.monotonic()
    while time.monotonic() < begun + LIMIT / 4:
        assert process.stdout.readline() == "beat\n"


def claim(database: Database) -> tuple[int, int]:
    """Claim as a second worker, which cannot tell who is dead; returns how many of each it got."""
    worker, limit = Worker("onlooker"), timedelta(minutes=1)
    hosts = HostLeases(database, worker=worker, clock=now, time_limit=limit)
    outbox = DeliveryLeases(database, worker=worker, clock=now, kinds=tuple(ChannelKind), time_limit=limit)
    return len(hosts.claim(1)), len(outbox.claim(1))
