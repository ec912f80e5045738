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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from storage import database as databases
from storage import deliveries, users, watchlists
from storage.database import Database, open_database
from storage.models import Article, Delivery, Host, PageRequest
from tests.faults.conftest import POLL, Installation
from tests.faults.killed_poll import Point
from tests.faults.stories import FOUND, SLUGS
from tests.servers import Reply, Request

NEW_ARTICLE = "INSERT INTO article "
PAGE_DONE = "DELETE FROM page_request"
CLAIM = "UPDATE delivery SET lease_token="
SETTLED = "INSERT INTO attempt "
POINTS = {
    "feed fetched, not stored": Point("call", "pipeline.poll:Poll._ingest"),
    "feed: articles inserted": Point("statement", NEW_ARTICLE),
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
    installation.newsroom.page_status = 500
    status = installation.program.run(installation.marsad, *POLL, point=POINTS["settle: before commit"])
    assert status == -signal.SIGKILL
    installation.newsroom.page_status = 200
    make_pages_due(installation.url)

    installation.marsad.run("poll", "--once")

    told: dict[str, set[str]] = {}
    bodies = set()
    for request in whole_requests(installation):
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
    """Run the program once more, and check everything that is promised."""
    held = read_leases(installation.url)
    assert installation.program.run(installation.marsad, "poll", "--once") == 0
    with opened(installation.url) as database:
        check_integrity(database)
        check_stored(database)
        check_leases(database, held)
        check_told(installation, delivery_ids(database), held, crashes)


def read_leases(url: str) -> Leases:
    """Look at a copy of a SQLite file: who opens one recovers it, and that is the program's part."""
    if url.startswith("sqlite:"):
        file = Path(url.removeprefix("sqlite:///"))
        copy = file.parent / "copy"
        copy.mkdir(exist_ok=True)
        for part in file.parent.glob(f"{file.name}*"):
            shutil.copy(part, copy)
        url = f"sqlite:///{copy / file.name}"
    with opened(url) as database:
        check_integrity(database)
        with database.read() as session:
            return Leases(
                {d.id: d.leased_until for d in session.scalars(select(Delivery)) if d.leased_until},
                {h.name: h.leased_until for h in session.scalars(select(Host)) if h.leased_until},
            )


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        database.dispose()


def check_integrity(database: Database) -> None:
    if database.is_sqlite:
        with database.read() as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []


def check_stored(database: Database) -> None:
    """Every match is there once, every delivery is sent, no page is left to read."""
    with database.write() as session:
        owner = users.owner_id(session, now=databases.now(session))
        matches = watchlists.list_matches(session, owner, limit=100)
        told = deliveries.list_deliveries(session, owner, limit=100)
        assert session.scalar(select(func.count()).select_from(Article)) == len(SLUGS)
        assert session.scalar(select(func.count()).select_from(PageRequest)) == 0
    assert Counter((SLUGS[m.title], m.term) for m in matches) == Counter(
        (slug, term) for slug, terms in FOUND.items() for term in terms
    )
    assert Counter((SLUGS[d.title], d.channel, d.state) for d in told) == Counter(
        (slug, channel, "sent") for slug in FOUND for channel in ("mail", "hook")
    )


def check_leases(database: Database, held: Leases) -> None:
    """What the dead process held was taken over before its leases ran out, and nothing is held now."""
    with database.read() as session:
        now = databases.now(session)
        assert all(now < until for until in (*held.deliveries.values(), *held.hosts.values()))
        assert session.scalars(select(Delivery.id).where(Delivery.leased_by.is_not(None))).all() == []
        assert session.scalars(select(Host.name).where(Host.leased_by.is_not(None))).all() == []


def delivery_ids(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Delivery.id)))


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as its receiver got it."""

    id: str
    channel: str
    slug: str
    content: bytes


def check_told(installation: Installation, ids: set[str], held: Leases, crashes: int) -> None:
    """Each (article, channel) under its one id; repeats are equal, bounded, and of what was held."""
    received = [*read_webhooks(installation), *read_mails(installation)]
    assert {told.id for told in received} == ids
    pairs = {(told.channel, told.slug, told.id, told.content) for told in received}
    assert Counter(pair[:2] for pair in pairs) == Counter(
        (channel, slug) for channel in ("mail", "hook") for slug in FOUND
    )
    times = Counter(told.id for told in received)
    assert {delivery for delivery, n in times.items() if n > 1} <= held.deliveries.keys()
    assert max(times.values()) <= 1 + crashes


def read_webhooks(installation: Installation) -> list[Told]:
    told = []
    for request in whole_requests(installation):
        content = json.loads(request.body)["data"]
        slug = SLUGS[content["article"]["title"]]
        assert {match["term"] for match in content["matches"]} == FOUND[slug]
        told.append(Told(request.headers["webhook-id"], "hook", slug, request.body))
    return told


def whole_requests(installation: Installation) -> list[Request]:
    """Without those that the kill cut off in their bodies: no receiver takes them."""
    requests = installation.receiver.requests
    return [r for r in requests if len(r.body) == int(r.headers["content-length"])]


def read_mails(installation: Installation) -> list[Told]:
    told = []
    for mail in installation.mailbox.mails:
        plain = mail.part("plain")
        (slug,) = [slug for title, slug in SLUGS.items() if title in plain]
        assert all(term in plain for term in FOUND[slug])
        delivery = mail.message["Message-ID"].strip("<>").partition("@")[0]
        told.append(Told(delivery, "mail", slug, plain.encode()))
    return told


# ---------------------------------------------------------------- time and waiting


def make_pages_due(url: str) -> None:
    """Let the pause pass after which article pages are asked for again."""
    with opened(url) as database, database.write() as session:
        past = databases.now(session) - timedelta(minutes=1)
        session.execute(update(PageRequest).values(due_at=past))
        session.execute(update(Host).values(due_at=past, paced_until=None))


def wait_until(reached: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it did not come to it"
        time.sleep(0.01)
