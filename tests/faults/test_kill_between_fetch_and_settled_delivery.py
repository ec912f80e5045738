"""Kill -9 anywhere between fetch and settled delivery: nothing is lost, and a repeat has the same id.

Each case kills a poll at its point, then runs the program once more. What holds then: every match is stored
once; every (article, channel) was told under one id; only what was leased when the process died was told
again, once and with the same content; nothing waits and nothing is leased.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from storage import database as databases
from storage import deliveries, users, watchlists
from storage.database import Database, open_database
from storage.models import Delivery, Host, PageRequest
from tests.faults.conftest import POLL, Installation
from tests.faults.killed_poll import Point
from tests.faults.stories import FOUND, SLUGS
from tests.servers import Reply

NEW_ARTICLE = "INSERT INTO article "
PAGE_DONE = "DELETE FROM page_request"
CLAIM = "UPDATE delivery SET lease_token="
SETTLED = "INSERT INTO attempt "
POINTS = {
    "feed fetched, not stored": Point("call", "pipeline.poll:Poll._ingest"),
    "feed: second article inserted": Point("statement", NEW_ARTICLE, 2),
    "feed: matches inserted": Point("statement", 'INSERT INTO "?match"? '),
    "feed: delivery inserted": Point("statement", "INSERT INTO delivery "),
    "feed: source settled": Point("statement", "INSERT INTO fetch_event "),
    "feed: before commit": Point("before commit", NEW_ARTICLE),
    "feed: after commit": Point("after commit", NEW_ARTICLE),
    "page fetched, not stored": Point("call", "pipeline.poll:Poll._ingest", 2),
    "page: text stored": Point("statement", "UPDATE article SET "),
    "page: before commit": Point("before commit", PAGE_DONE),
    "page: after commit of the second": Point("after commit", PAGE_DONE, 2),
    "all fetched, host still leased": Point("call", "storage.hosts:release"),
    "claim: before commit": Point("before commit", CLAIM),
    "claim: after commit": Point("after commit", CLAIM),
    "webhook: not posted": Point("call", "notifiers.http:GuardedClient._post_to"),
    "webhook: answered, answer not read": Point("call", "httpx._models:Response.aclose"),
    "mail: recipient accepted, not sent": Point("call", "aiosmtplib.smtp:SMTP.data"),
    "mail: accepted": Point("call", "aiosmtplib.smtp:SMTP.quit"),
    "settle: before commit": Point("before commit", SETTLED),
    "settle: after commit": Point("after commit", SETTLED),
    "settle: before commit of the fourth": Point("before commit", SETTLED, 4),
}


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS.keys())
def test_nothing_is_lost_and_repeats_have_equal_ids(installation: Installation, point: Point) -> None:
    status = installation.program.run(installation.marsad, *POLL, point=point)
    assert status == -signal.SIGKILL, "the point was not reached"
    recover(installation)


def test_a_receiver_that_has_it_and_has_not_answered_gets_the_same_id_again(
    installation: Installation,
) -> None:
    installation.receiver.answer(Reply(hang=True))
    process = installation.program.start(installation.marsad, *POLL)
    wait_until(lambda: len(installation.receiver.requests) == len(FOUND))
    os.kill(process, signal.SIGKILL)
    assert installation.program.wait() == -signal.SIGKILL
    installation.receiver.answer(Reply())
    recover(installation)
    ids = Counter(request.headers["webhook-id"] for request in installation.receiver.requests)
    assert list(ids.values()) == [2] * len(FOUND)


def test_each_crash_repeats_a_delivery_at_most_once(installation: Installation) -> None:
    for _ in range(2):
        status = installation.program.run(installation.marsad, *POLL, point=POINTS["settle: before commit"])
        assert status == -signal.SIGKILL
    recover(installation, crashes=2)


def test_what_a_page_adds_after_the_crash_is_told_under_an_id_of_its_own(
    installation: Installation,
) -> None:
    """A receiver drops a repeated id, so a match that joined a delivery already sent would be lost."""
    installation.newsroom.page_status = 503
    status = installation.program.run(installation.marsad, *POLL, point=POINTS["settle: before commit"])
    assert status == -signal.SIGKILL
    installation.newsroom.page_status = 200
    make_pages_due(installation.url)

    installation.marsad.run("poll", "--once")

    told: dict[str, set[str]] = {}
    bodies = set()
    for request in installation.receiver.requests:
        content = json.loads(request.body)["data"]
        terms = {match["term"] for match in content["matches"]}
        told.setdefault(SLUGS[content["article"]["title"]], set()).update(terms)
        bodies.add((request.headers["webhook-id"], request.body))
    assert told == FOUND
    assert len({identity for identity, _ in bodies}) == len(bodies)
    by_id: dict[str, set[str]] = {}
    for mail in installation.mailbox.mails:
        by_id.setdefault(mail.message["Message-ID"], set()).add(mail.part("plain"))
    assert all(len(texts) == 1 for texts in by_id.values())


# ---------------------------------------------------------------- what holds after a crash


@dataclass(frozen=True, slots=True)
class Leases:
    """What the killed process held, with the leases' ends."""

    deliveries: dict[str, datetime]
    hosts: dict[str, datetime]


def recover(installation: Installation, *, crashes: int = 1) -> None:
    """Run the program once more and check everything that is promised."""
    held = read_leases(installation.url)
    installation.marsad.run("poll", "--once")
    check_stored(installation.url, held)
    check_told(installation, held, crashes)


def read_leases(url: str) -> Leases:
    """Look at a copy: who opens a SQLite file recovers it, and that is the program's part."""
    path = url.removeprefix("sqlite:///")
    if path != url:
        copy = Path(path).parent / "copy"
        copy.mkdir(exist_ok=True)
        for file in Path(path).parent.glob("marsad.sqlite3*"):
            shutil.copy(file, copy)
        url = f"sqlite:///{copy}/marsad.sqlite3"
    database = open_database(url)
    check_integrity(database)
    with database.read() as session:
        leases = Leases(
            dict(leased(session.execute(select(Delivery.id, Delivery.leased_until)).all())),
            dict(leased(session.execute(select(Host.name, Host.leased_until)).all())),
        )
    database.dispose()
    return leases
