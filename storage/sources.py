"""Sources: what is polled, what is due, and the history of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from marsad.errors import NameTaken, NameUnknown
from marsad.types import FeedWork, FetchRequest, PageWork, Shape, Validators, Work
from storage.hosts import make_due
from storage.models import Article, FetchEvent, Host, PageRequest, Source

_EVENTS_KEPT = 30


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as people see it, with the last outcome of its history."""

    id: int
    name: str
    url: str
    title: str | None
    articles: int
    due_at: datetime
    paused: bool
    last_success_at: datetime | None
    failures: int
    last_outcome: str | None
    last_detail: str | None
    last_at: datetime | None
    last_status: int | None
    last_new: int
    """New articles of the last poll."""
    newest_at: datetime | None
    """When its newest article came."""
    shape: Shape
    catalogue_id: str | None


@dataclass(frozen=True, slots=True)
class FoundSource:
    id: int
    name: str


def add_source(
    session: Session,
    *,
    url: str,
    name: str,
    host: str,
    now: datetime,
    shape: Shape = "feed",
    catalogue_id: str | None = None,
) -> int:
    """Store a source that is due at once; raises NameTaken for an address or a name that exists."""
    taken = session.execute(
        select(Source.name, Source.url).where(or_(Source.url == url, Source.name == name)).limit(1)
    ).first()
    if taken is not None:
        what = (
            f"The address {url} is already watched as '{taken.name}'."
            if taken.url == url
            else f"A source named '{name}' exists; choose another with --name."
        )
        raise NameTaken(what)
    make_due(session, host, at=now)
    source = Source(
        url=url,
        name=name,
        host_name=host,
        shape=shape,
        catalogue_id=catalogue_id,
        created_at=now,
        due_at=now,
        failures=0,
    )
    session.add(source)
    session.flush()
    return source.id


def read_otherwise(session: Session, *, url: str, shape: Shape, now: datetime) -> FoundSource | None:
    """Read a source in another shape from now on; None when no source of this address has another one.

    What was read of it in the old shape vouches for nothing: it begins with a first poll. What is on its
    way in that shape does not count: whoever has the host loses it, and it is free when that lease ends.
    """
    source = session.scalar(select(Source).where(Source.url == url, Source.shape != shape))
    if source is None:
        return None
    make_due(session, source.host_name, at=now)
    session.execute(update(Host).where(Host.name == source.host_name).values(lease_token=None))
    source.shape = shape
    source.due_at = now
    source.paused_at = source.first_polled_at = None
    source.etag = source.last_modified = source.body_hash = source.kind = None
    return FoundSource(source.id, source.name)


def has_source(session: Session, url: str) -> bool:
    """Return whether this address is watched."""
    return session.scalar(select(Source.id).where(Source.url == url)) is not None


def list_sources(session: Session) -> list[SourceRow]:
    """Return all sources by name."""
    last = select(FetchEvent.source_id, func.max(FetchEvent.id).label("id")).group_by(FetchEvent.source_id)
    newest = last.subquery()
    counts = (
        select(Article.source_id, func.count().label("n"), func.max(Article.first_seen_at).label("newest_at"))
        .group_by(Article.source_id)
        .subquery("counts")
    )
    rows = session.execute(
        select(Source, FetchEvent, counts.c.n, counts.c.newest_at)
        .outerjoin(newest, newest.c.source_id == Source.id)
        .outerjoin(FetchEvent, FetchEvent.id == newest.c.id)
        .outerjoin(counts, counts.c.source_id == Source.id)
        .order_by(Source.name)
    )
    return [
        SourceRow(
            id=source.id,
            name=source.name,
            url=source.url,
            title=source.title,
            articles=articles or 0,
            due_at=source.due_at,
            paused=source.paused_at is not None,
            last_success_at=source.last_success_at,
            failures=source.failures,
            last_outcome=event.outcome if event else None,
            last_detail=event.detail if event else None,
            last_at=event.at if event else None,
            last_status=event.status if event else None,
            last_new=event.new_articles if event else 0,
            newest_at=newest_at,
            shape=_shape(source),
            catalogue_id=source.catalogue_id,
        )
        for source, event, articles, newest_at in rows
    ]


def find_source(session: Session, name_or_url: str) -> FeedWork:
    """Return a source by name, address or catalogue id, as work to do; raises NameUnknown."""
    source = session.scalar(
        select(Source).where(or_(Source.name == name_or_url, Source.url == name_or_url))
    ) or session.scalar(select(Source).where(Source.catalogue_id == name_or_url).order_by(Source.id).limit(1))
    if source is None:
        raise NameUnknown(f"No source is named '{name_or_url}'; 'marsad source list' shows all.")
    return _feed_work(source)


def find_due_work(session: Session, host: str, *, now: datetime, limit: int) -> list[Work]:
    """Return the host's due sources, then its due article pages, each longest due first."""
    sources = session.scalars(
        select(Source)
        .where(Source.host_name == host, Source.due_at <= now, Source.paused_at.is_(None))
        .order_by(Source.due_at, Source.id)
        .limit(limit)
    )
    work: list[Work] = [_feed_work(source) for source in sources]
    pages = session.execute(
        select(PageRequest, Article.source_id, Article.quiet)
        .join(Article, Article.id == PageRequest.article_id)
        .where(PageRequest.host_name == host, PageRequest.due_at <= now)
        # News before what belongs to a back-list.
        .order_by(Article.quiet, PageRequest.due_at, PageRequest.article_id)
        .limit(limit - len(work))
    )
    work.extend(
        PageWork(page.article_id, source_id, FetchRequest(page.url, "page"), quiet, page.attempts)
        for page, source_id, quiet in pages
    )
    return work


def make_all_due(session: Session, *, now: datetime) -> None:
    """Make every source that is not paused due now, whatever its interval."""
    # Hosts before sources and in one order, as every poll locks them; else two could wait for each other.
    polled = select(Source.host_name).where(Source.paused_at.is_(None))
    session.execute(select(Host.name).where(Host.name.in_(polled)).order_by(Host.name).with_for_update())
    session.execute(update(Source).where(Source.paused_at.is_(None), Source.due_at > now).values(due_at=now))
    late = or_(Host.due_at.is_(None), Host.due_at > now)
    session.execute(update(Host).where(Host.name.in_(polled), late).values(due_at=now))


def enable_source(session: Session, name_or_url: str, *, now: datetime) -> str:
    """Poll a source again from now on, one that is gone as well; returns its name. Raises NameUnknown."""
    source = session.get_one(Source, find_source(session, name_or_url).source_id)
    make_due(session, source.host_name, at=now)
    source.paused_at = None
    source.due_at = now
    return source.name


def pause_source(session: Session, name_or_url: str, *, now: datetime) -> str:
    """Poll a source no more until it is enabled; returns its name. Raises NameUnknown."""
    source = session.get_one(Source, find_source(session, name_or_url).source_id)
    source.paused_at = source.paused_at or now
    return source.name


def add_event(
    session: Session,
    *,
    source_id: int,
    now: datetime,
    outcome: str,
    status: int | None,
    detail: str,
    new_articles: int,
) -> None:
    """Add to a source's history, which keeps its newest outcomes only."""
    session.add(
        FetchEvent(
            source_id=source_id,
            at=now,
            outcome=outcome,
            status=status,
            detail=detail,
            new_articles=new_articles,
        )
    )
    session.flush()
    old = session.scalars(
        select(FetchEvent)
        .where(FetchEvent.source_id == source_id)
        .order_by(FetchEvent.id.desc())
        .offset(_EVENTS_KEPT)
    )
    for event in old:
        session.delete(event)


def source_names(session: Session) -> Sequence[str]:
    """Return the names that are taken."""
    return session.scalars(select(Source.name).order_by(Source.name)).all()


def _feed_work(source: Source) -> FeedWork:
    validators = Validators(etag=source.etag, last_modified=source.last_modified)
    return FeedWork(
        source_id=source.id,
        request=FetchRequest(source.url, _shape(source), validators, source.body_hash),
        first=source.first_polled_at is None,
        failures=source.failures,
        source=source.name,
        since=source.first_polled_at,
    )


def _shape(source: Source) -> Shape:
    return "listing" if source.shape == "listing" else "feed"
