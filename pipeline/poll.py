"""Poll: claim due hosts, fetch what is due on them, and store what came."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from marsad.errors import LeaseLost, MarsadError
from marsad.types import (
    ActiveSubscription,
    ArticleTexts,
    FeedOutcome,
    FeedWork,
    FetchedFeed,
    FetchedPage,
    FetchFailure,
    FetchRequest,
    FetchResult,
    Grade,
    HostLease,
    IngestPlan,
    KnownArticle,
    PageOutcome,
    PageWork,
    Work,
)
from pipeline.budget import work_off
from pipeline.clock import Clock
from pipeline.connectivity import Connectivity, blame, plan_notice
from pipeline.identity import find_identities
from pipeline.ingest import NO_TEXTS, find_edited, plan_feed, plan_page, storable
from pipeline.leases import Held, HostLeases
from pipeline.matches import Watching
from pipeline.retry import POLL_INTERVAL
from pipeline.watching import LiveWatchSet
from storage import articles, hosts, matched, sources, texts, watchlists
from storage.database import Database

log = logging.getLogger(__name__)

NOTHING_WATCHED = Watching(lambda fields, source: (), {})


class Fetch(Protocol):
    """Makes one request and returns exactly one result, whatever happens."""

    async def fetch(self, request: FetchRequest) -> FetchResult: ...


@dataclass(slots=True)
class PollSummary:
    """What a run of Poll came to."""

    polled: int = 0
    unchanged: int = 0
    failed: int = 0
    pages: int = 0
    pages_failed: int = 0
    new_articles: int = 0
    matches: int = 0
    problems: list[str] = field(default_factory=list)
    """A plain sentence for every source that failed, naming its address."""
    offline: int = 0
    """Fetches that failed because this machine has no network."""

    def since(self, earlier: PollSummary) -> PollSummary:
        """Return what was added to `earlier`, a copy of this summary made before."""
        names = [each.name for each in fields(self) if each.name != "problems"]
        added = {name: getattr(self, name) - getattr(earlier, name) for name in names}
        return PollSummary(**added, problems=self.problems[len(earlier.problems) :])


@dataclass(frozen=True, slots=True)
class PollOptions:
    """Limits of one worker's polling."""

    hosts_at_once: int = 32
    works_per_claim: int = 50
    host_delay: timedelta = timedelta(seconds=1)
    interval: timedelta = POLL_INTERVAL
    page_patience: timedelta = timedelta(minutes=15)
    """How long an alert waits for its article's page."""


class Poll:
    """Polls due hosts within a budget; each host by one worker at a time, at its own pace."""

    def __init__(
        self,
        database: Database,
        fetcher: Fetch,
        *,
        leases: HostLeases,
        watches: LiveWatchSet,
        clock: Clock,
        options: PollOptions,
        on_progress: Callable[[PollSummary], None] = lambda summary: None,
        on_notice: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._leases = leases
        self._watches = watches
        self._clock = clock
        self._options = options
        self._on_progress = on_progress
        self._on_notice = on_notice
        self._connectivity = Connectivity()
        self._stopping = False
        self._failed = False

    def stop(self) -> None:
        """Claim nothing more; what runs comes to its end."""
        self._stopping = True

    async def run(self, *, everything: bool = False) -> PollSummary:
        """Poll until no host is due now; `everything` makes all sources due first."""
        summary, self._failed = PollSummary(), False
        # The first time this compiles what is watched: no host that is claimed is kept waiting for that.
        await self._watches.ready()
        if everything:
            await asyncio.to_thread(self._make_all_due)

        async def work(held: Held[HostLease]) -> None:
            with self._leases.in_hand(held), self._noting_failure():
                await self._work_host(held, summary)

        def claim(limit: int) -> list[Held[HostLease]]:
            with self._noting_failure():
                return self._leases.claim(limit)

        await work_off(
            claim,
            work,
            at_once=self._options.hosts_at_once,
            pause=self._pause,
            stopping=lambda: self._stopping,
        )
        return summary

    @contextmanager
    def _noting_failure(self) -> Iterator[None]:
        """After a failure nothing more is claimed: a host with much to do must not keep all others waiting."""
        try:
            yield
        except Exception:
            self._failed = True
            raise

    async def _work_host(self, held: Held[HostLease], summary: PollSummary) -> None:
        try:
            pace = await self._work_off_host(held, summary)
        except LeaseLost as exc:
            log.warning("lease lost", extra={"host": held.lease.host, "detail": str(exc)})
            return
        await asyncio.to_thread(self._leases.release, held, pace=pace)

    async def _work_off_host(self, held: Held[HostLease], summary: PollSummary) -> timedelta:
        """Do what is due on a host, at its pace; returns how long it is to be left alone then."""
        host = held.lease.host
        more = True
        while more and (works := await asyncio.to_thread(self._due_work, host)):
            more = len(works) == self._options.works_per_claim
            for work in works:
                held.check()
                result = await self._fetcher.fetch(work.request)
                result = self._judge_network(host, result, summary)
                plan = await self._store(held, work, result)
                _count(summary, work, plan)
                self._on_progress(summary)
                rest = _wanted_rest(result)
                if rest is not None or self._stopping or self._failed:
                    # Who asks for rest gets it: what else is due on the host is not even tried.
                    return max(rest or timedelta(), self._options.host_delay)
                more = more or host in _page_hosts(plan)
                if more or work is not works[-1]:
                    await asyncio.sleep(self._options.host_delay.total_seconds())
        return self._options.host_delay

    def _judge_network(self, host: str, result: FetchResult, summary: PollSummary) -> FetchResult:
        """The same result, or, where others are reached, one that is the host's own failure."""
        self._connectivity, notice = plan_notice(self._connectivity, host, result)
        if notice is not None:
            self._on_notice(notice)
        result = blame(self._connectivity, result)
        summary.offline += isinstance(result, FetchFailure) and result.offline
        return result

    async def _store(self, held: Held[HostLease], work: Work, result: FetchResult) -> IngestPlan:
        try:
            return await asyncio.to_thread(self._ingest, held, work, result)
        except MarsadError:
            raise
        except Exception:
            # One document that breaks our own code must not hold up all others, now and at every poll.
            log.exception("ingest broke", extra={"host": held.lease.host})
            return await asyncio.to_thread(self._ingest, held, work, _broken(work))

    def _ingest(self, held: Held[HostLease], work: Work, result: FetchResult) -> IngestPlan:
        # Only what brings text is matched.
        matching = isinstance(result, FetchedFeed | FetchedPage)
        watching = self._watches.current() if matching else NOTHING_WATCHED
        with self._database.read() as session:
            seen = self._look(session, work, result)
        plan = self._plan(seen, work, result, watching)
        others = _page_hosts(plan) - {held.lease.host}
        with self._leases.finish(held, beside=others, matched=matching) as (session, now):
            if matching and self._is_outdated(session, seen):
                # A subscription came while we matched, or a page whose text belongs to the article as well. A
                # term that came is not waited for: the article is caught up with as soon as it is compiled in.
                plan = self._plan(self._look(session, work, result), work, result, self._watches.current())
            match plan:
                case FeedOutcome():
                    patience = self._options.page_patience
                    articles.apply_feed(session, plan, now=now, page_patience=patience)
                case PageOutcome():
                    articles.apply_page(session, plan, now=now)
        return plan

    def _look(self, session: Session, work: Work, result: FetchResult) -> _Seen:
        if not isinstance(result, FetchedFeed | FetchedPage):
            return _Seen(self._clock(session), (), {}, NO_TEXTS, frozenset())
        subscriptions = self._watches.subscriptions(session, watchlists.read_version(session))
        known: Mapping[str, KnownArticle] = {}
        stored: Mapping[int, ArticleTexts] = NO_TEXTS
        terms: frozenset[int] = frozenset()
        if isinstance(work, FeedWork) and isinstance(result, FetchedFeed):
            known = articles.find_known(
                session, work.source_id, find_identities(map(storable, result.entries))
            )
            stored = texts.read_texts(session, find_edited(result, known))
        elif isinstance(work, PageWork):
            terms = matched.known_terms(session, work.article_id)
            stored = texts.read_texts(session, [work.article_id])
        return _Seen(self._clock(session), subscriptions, known, stored, terms)

    def _plan(self, seen: _Seen, work: Work, result: FetchResult, watching: Watching) -> IngestPlan:
        watching, now = replace(watching, subscriptions=seen.subscriptions), seen.now
        match work:
            case FeedWork():
                return plan_feed(
                    work,
                    result,
                    known=seen.known,
                    texts=seen.texts,
                    watching=watching,
                    now=now,
                    interval=self._options.interval,
                )
            case PageWork():
                return plan_page(
                    work,
                    result,
                    stored=seen.texts.get(work.article_id),
                    known_terms=seen.terms,
                    watching=watching,
                    now=now,
                )

    def _is_outdated(self, session: Session, seen: _Seen) -> bool:
        """Tell whether something changed that a plan was made from; the articles' rows are locked from now on."""
        stored = texts.lock_texts(session, seen.texts)
        fields = {article_id: article.fields for article_id, article in stored.items()}
        return (
            fields != {article_id: article.fields for article_id, article in seen.texts.items()}
            or self._watches.subscriptions(session, watchlists.read_version(session)) != seen.subscriptions
        )

    def _pause(self) -> float | None:
        """Seconds until a host is free again that only its pace holds back; None when none is."""
        with self._database.read() as session:
            now = self._clock(session)
            free_at = hosts.next_free(session, now=now)
        if free_at is None or free_at > now + self._options.host_delay:
            return None
        return max((free_at - now).total_seconds(), 0.01)

    def _make_all_due(self) -> None:
        with self._database.write() as session:
            sources.make_all_due(session, now=self._clock(session))

    def _due_work(self, host: str) -> list[Work]:
        with self._database.read() as session:
            now = self._clock(session)
            return sources.find_due_work(session, host, now=now, limit=self._options.works_per_claim)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the database said at one moment that a plan is made from."""

    now: datetime
    subscriptions: tuple[ActiveSubscription, ...]
    known: Mapping[str, KnownArticle]
    texts: Mapping[int, ArticleTexts]
    terms: frozenset[int]


def _wanted_rest(result: FetchResult) -> timedelta | None:
    """How long a host wants to be left alone (RFC 9110 §10.2.3, RFC 6585 §4), up to a day; None: no wish."""
    if not isinstance(result, FetchFailure) or result.status not in (429, 503):
        return None
    return min(timedelta(seconds=result.retry_after or 60), timedelta(days=1))


def _broken(work: Work) -> FetchFailure:
    reason = f"What {work.request.url} sent broke marsad itself; the log has the cause."
    return FetchFailure(work.request.url, work.request.url, None, Grade.SOFT, reason)


def _page_hosts(plan: IngestPlan) -> set[str]:
    if not isinstance(plan, FeedOutcome):
        return set()
    return {article.page_host for article in plan.articles if article.page_host is not None}


def _count(summary: PollSummary, work: Work, plan: IngestPlan) -> None:
    match plan:
        case FeedOutcome():
            summary.polled += 1
            summary.unchanged += plan.outcome == "unchanged"
            summary.new_articles += sum(a.article_id is None for a in plan.articles)
            summary.matches += sum(a.matched.new for a in plan.articles)
            if not plan.succeeded:
                summary.failed += 1
                summary.problems.append(plan.detail)
        case PageOutcome():
            summary.pages += 1
            summary.pages_failed += plan.page is None
            summary.matches += plan.matched.new
