"""The database around a run of faults: set up before, and looked into at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from marsad.types import ChannelKind, Term
from storage import channels, sources, users, watchlists
from storage.database import Database, now, open_database
from storage.models import (
    Article,
    Channel,
    Delivery,
    DeliveryMatch,
    Host,
    Match,
    PageRequest,
    Source,
    WatchTerm,
)
from storage.schema import upgrade
from tests.faults.news import Item
from tests.faults.stories import TERMS

Counted = TypeVar("Counted")


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A channel that every match goes to; `existing` also sends what the first poll finds."""

    kind: ChannelKind
    name: str
    address: str
    secret: str | None = None
    confirmed: bool = True
    existing: bool = False


def set_up(url: str, folder: Path, feeds: Mapping[str, str], told: Iterable[NewChannel]) -> None:
    """Make the database, its sources by host and address, the watched terms, and the channels."""
    with opened(url) as database:
        upgrade(database, data_dir=folder, report=lambda _: None)
        with database.write() as session:
            moment = now(session)
            owner = users.owner_id(session, now=moment)
            for host, feed in feeds.items():
                sources.add_source(session, url=feed, name=host, host=host, now=moment)
            main = watchlists.ensure_watchlist(session, owner, "main", now=moment)
            for name in TERMS:
                watchlists.add_term(session, main, Term(name), now=moment)
            for new in told:
                channel = channels.add_channel(
                    session,
                    owner,
                    kind=new.kind,
                    name=new.name,
                    address=new.address,
                    secret=new.secret,
                    confirmed=new.confirmed,
                    now=moment,
                )
                watchlists.subscribe(session, main, channel, include_existing=new.existing, now=moment)


def confirm_channels(url: str) -> None:
    """Confirm every channel: what waited for it is due."""
    with opened(url) as database, database.write() as session:
        moment = now(session)
        owner = users.owner_id(session, now=moment)
        for row in channels.list_channels(session, owner):
            channels.confirm(session, owner, row.name, now=moment)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        database.dispose()


@dataclass(frozen=True, slots=True)
class StillToDo:
    """What the service has not finished."""

    never_polled: int
    deliveries: int
    pages: int

    @property
    def nothing(self) -> bool:
        return not (self.never_polled or self.deliveries or self.pages)


def still_to_do(url: str) -> StillToDo:
    """Count what is not finished; reading waits for nobody."""
    with opened(url) as database, database.read() as session:
        return StillToDo(
            _count(session, Source.id, Source.first_polled_at.is_(None)),
            _count(session, Delivery.id, Delivery.settled_at.is_(None)),
            _count(session, PageRequest.article_id),
        )


def count_articles(url: str) -> int:
    """Count what was read."""
    with opened(url) as database, database.read() as session:
        return _count(session, Article.id)


def check_stored(url: str, items: Sequence[Item]) -> tuple[str, ...]:
    """Compare what is stored with what was published; returns a sentence for each difference.

    Every item is one article; every term that it mentions is one match; every match is in a settled
    delivery of every channel; nothing waits, and nothing is leased.
    """
    with opened(url) as database, database.read() as session:
        titles = Counter(session.scalars(select(Article.title)))
        rows = session.execute(
            select(Article.title, WatchTerm.name)
            .join(Match, Match.article_id == Article.id)
            .join(WatchTerm, WatchTerm.id == Match.watch_term_id)
        )
        pairs = Counter((title, term) for title, term in rows)
        wrong = {
            "articles that differ from what was published": _differences(
                titles, Counter(item.title for item in items)
            ),
            "matches that differ from what was published": _differences(
                pairs, Counter((item.title, term) for item in items for term in item.terms)
            ),
            "matches without a delivery to each channel": _matches_without_delivery(session),
            "deliveries not sent": _count(session, Delivery.id, Delivery.state != "sent"),
            "pages still to be read": _count(session, PageRequest.article_id),
            "deliveries still leased": _count(session, Delivery.id, Delivery.leased_by.is_not(None)),
            "hosts still leased": _count(session, Host.name, Host.leased_by.is_not(None)),
        }
        wrong |= _integrity(session) if database.is_sqlite else {}
    return tuple(f"{count} {what}" for what, count in wrong.items() if count)


def _differences(stored: Counter[Counted], wanted: Counter[Counted]) -> int:
    return ((stored - wanted) + (wanted - stored)).total()


def _matches_without_delivery(session: Session) -> int:
    told = (
        select(func.count(func.distinct(Delivery.channel_id)))
        .join(DeliveryMatch, DeliveryMatch.delivery_id == Delivery.id)
        .where(DeliveryMatch.match_id == Match.id)
        .scalar_subquery()
    )
    every_channel = select(func.count()).select_from(Channel).scalar_subquery()
    return _count(session, Match.id, told != every_channel)


def _integrity(session: Session) -> dict[str, int]:
    said = session.scalar(text("PRAGMA integrity_check"))
    broken_keys = session.execute(text("PRAGMA foreign_key_check")).all()
    return {f"integrity check said: {said}": int(said != "ok"), "broken foreign keys": len(broken_keys)}


def _count(session: Session, column: Any, *conditions: Any) -> int:
    return session.scalar(select(func.count(column)).where(*conditions)) or 0
