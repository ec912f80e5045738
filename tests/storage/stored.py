"""A small installation in a database: an owner, a source, terms, channels, and articles that match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from marsad.types import (
    ChannelKind,
    ClaimedDelivery,
    DeliveryState,
    ExtractedPage,
    FeedOutcome,
    FieldHit,
    FieldName,
    Hit,
    HostLease,
    Matched,
    PageOutcome,
    PlannedArticle,
    PlannedDelivery,
    PlannedMatch,
    Settlement,
    Term,
)
from storage import articles, channels, deliveries, hosts, sources, users, watchlists
from storage import database as databases
from storage.database import Database
from storage.models import WorkerRow

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
"""In the past by every clock: for the real program, what is stored here is due."""
LEASE = timedelta(minutes=2)
PACE = timedelta(seconds=5)
HOST = "news.example"
KINDS = (ChannelKind.EMAIL, ChannelKind.WEBHOOK)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@dataclass(slots=True)
class Desk:
    """What tests set up by the storage's own functions; ids are those of the rows."""

    database: Database
    owner: int = 0
    watchlist: int = 0
    terms: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)

    @classmethod
    def at(cls, database: Database, *terms: str) -> Desk:
        desk = cls(database)
        with database.write() as session:
            desk.owner = users.owner_id(session, now=NOW)
            desk.watchlist = watchlists.ensure_watchlist(session, desk.owner, "main", now=NOW)
            for name in terms:
                desk.terms[name] = watchlists.add_term(session, desk.watchlist, Term(name), now=NOW)
        return desk

    def add_source(self, name: str = "newsroom", *, host: str = HOST, now: datetime = NOW) -> int:
        with self.database.write() as session:
            url = f"https://{host}/{name}"
            return sources.add_source(session, url=url, name=name, host=host, now=now)

    def add_channel(
        self,
        name: str = "hook",
        *,
        kind: ChannelKind = ChannelKind.WEBHOOK,
        address: str = "https://hook.example/",
        confirmed: bool = True,
    ) -> int:
        with self.database.write() as session:
            self.channels[name] = channels.add_channel(
                session,
                self.owner,
                kind=kind,
                name=name,
                address=address,
                secret=None,
                confirmed=confirmed,
                now=NOW,
            )
        return self.channels[name]

    def add_worker(
        self, name: str = "worker-1", *, kind: str = "worker", seen_at: datetime | None = None
    ) -> None:
        """A registered process that holds no lock, heard of just now: on PostgreSQL a dead one."""
        with self.database.write() as session:
            at = seen_at or databases.now(session)
            row = {"kind": kind, "machine": "desk", "pid": 1, "version": "0.1.0"}
            session.add(WorkerRow(name=name, started_at=at, seen_at=at, **row))

    def store(self, source: int, *planned: PlannedArticle, now: datetime = NOW) -> None:
        outcome = FeedOutcome(
            source,
            "fetched",
            200,
            f"{len(planned)} items.",
            now + timedelta(minutes=15),
            0,
            succeeded=True,
            complete=True,
            articles=planned,
        )
        with self.database.write() as session:
            articles.apply_feed(session, outcome, now=now, page_patience=timedelta(minutes=15))

    def read_page(self, article_id: int, matched: Matched, *, now: datetime = NOW) -> None:
        page = ExtractedPage(None, "نصّ الصفحة عن هواوي")
        with self.database.write() as session:
            articles.apply_page(session, PageOutcome(article_id, None, 1, page, matched), now=now)

    def claim_host(self, *, now: datetime = NOW, worker: str = "w") -> HostLease | None:
        with self.database.write() as session:
            found = hosts.claim_hosts(session, now=now, limit=5, lease=LEASE, worker=worker)
        return found[0] if found else None

    def release(self, lease: HostLease, *, now: datetime = NOW) -> None:
        with self.database.write() as session:
            hosts.release(session, lease, now=now, pace=PACE)

    def claim(
        self,
        *,
        now: datetime = NOW,
        kinds: Sequence[ChannelKind] = KINDS,
        worker: str = "w",
        per_channel: int = 1000,
    ) -> list[ClaimedDelivery]:
        with self.database.write() as session:
            return deliveries.claim_deliveries(
                session, now=now, limit=10, lease=LEASE, worker=worker, kinds=kinds, per_channel=per_channel
            )

    def settle(self, claimed: ClaimedDelivery, settlement: Settlement, *, now: datetime = NOW) -> None:
        with self.database.write() as session:
            deliveries.settle(session, claimed, settlement, started=now, now=now)

    def listed(self) -> list[deliveries.DeliveryRow]:
        with self.database.read() as session:
            return deliveries.list_deliveries(session, self.owner, limit=100)

    def matched(self, *names: str, tell: Sequence[str] = (), where: FieldName = "title") -> Matched:
        """Matches of these terms in one field, told to these channels."""
        ids = tuple(self.terms[name] for name in names)
        hit = Hit(Term("x"), 0, 5, "هواوي", "", "the name as typed")
        told = tuple(PlannedDelivery(self.channels[channel], ids) for channel in tell)
        return Matched((where,), tuple(PlannedMatch(each, (FieldHit(where, hit),)) for each in ids), told)


_NOTHING = Matched()


def article(
    identity: str,
    matched: Matched = _NOTHING,
    *,
    article_id: int | None = None,
    page_host: str | None = None,
    quiet: bool = False,
) -> PlannedArticle:
    return PlannedArticle(
        identities=(identity,),
        article_id=article_id,
        url=f"https://{HOST}/{identity}",
        title="هواوي تعرض معالجها",
        summary=None,
        text=None,
        author=None,
        published=None,
        content_hash="h",
        quiet=quiet,
        page_host=page_host,
        matched=matched,
    )


def sent(now: datetime = NOW) -> Settlement:
    return Settlement(DeliveryState.SENT, "HTTP 204", now, None)


def later(due_at: datetime) -> Settlement:
    return Settlement(DeliveryState.PENDING, "HTTP 503", due_at, NOW)
