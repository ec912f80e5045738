"""The one place where the parts meet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from marsad.addresses import Resolver, system_resolver
from marsad.config import Settings
from marsad.types import ChannelKind
from notifiers.base import Notifier
from notifiers.email import EmailNotifier
from notifiers.webhook import WebhookNotifier
from pipeline.clock import Clock
from pipeline.deliver import Deliver
from pipeline.poll import Fetch, Poll, PollOptions, PollSummary
from storage import database as databases
from storage import users, workers
from storage.database import Database
from storage.schema import upgrade


@dataclass(frozen=True, slots=True)
class Jobs:
    """What a working process runs."""

    poll: Poll
    deliver: Deliver


@dataclass(frozen=True, slots=True)
class App:
    """The wired parts; made by `build_app`."""

    settings: Settings
    database: Database
    clock: Clock
    notifiers: Mapping[ChannelKind, Notifier]
    resolve: Resolver

    @contextmanager
    def write(self) -> Iterator[tuple[Session, int, datetime]]:
        """One transaction as the owner: the session, the owner's id, the time."""
        with self.database.write() as session:
            now = self.clock(session)
            yield session, users.owner_id(session, now=now), now

    @asynccontextmanager
    async def fetching(self) -> AsyncIterator[Fetch]:
        """A running crawler."""
        # Scrapy costs a quarter of a second to import: only those who fetch pay for it.
        from spiders.runner import Fetcher

        async with Fetcher(allow=self.settings.fetch_allow, resolve=self.resolve) as fetcher:
            yield fetcher

    @asynccontextmanager
    async def working(
        self,
        *,
        on_progress: Callable[[PollSummary], None] = lambda summary: None,
        fetch: Fetch | None = None,
    ) -> AsyncIterator[Jobs]:
        """This process's place among the workers, and its jobs; `fetch` takes the crawler's place."""
        with workers.working(self.database) as worker:
            if fetch is not None:
                yield self._jobs(worker, fetch, on_progress)
                return
            async with self.fetching() as crawler:
                yield self._jobs(worker, crawler, on_progress)

    def _jobs(self, worker: str, fetch: Fetch, on_progress: Callable[[PollSummary], None]) -> Jobs:
        options = PollOptions(host_delay=timedelta(seconds=self.settings.host_delay))
        return Jobs(
            Poll(
                self.database,
                fetch,
                worker=worker,
                clock=self.clock,
                options=options,
                on_progress=on_progress,
            ),
            Deliver(self.database, self.notifiers, worker=worker, clock=self.clock),
        )


def build_app(
    settings: Settings,
    *,
    resolve: Resolver = system_resolver,
    clock: Clock = databases.now,
    report: Callable[[str], None] = lambda sentence: None,
) -> App:
    """Open the database, bring its schema up to date, and wire the parts.

    Raises SettingInvalid and DatabaseError. `report` is told what start-up did that a person should know.
    """
    database = databases.open_database(settings.database_url)
    upgrade(database, data_dir=settings.data_dir, report=report)
    return App(settings, database, clock, build_notifiers(settings, resolve=resolve), resolve)


def build_notifiers(settings: Settings, *, resolve: Resolver) -> Mapping[ChannelKind, Notifier]:
    """Return a notifier for each kind that can send; without a mail server, mails wait in the outbox."""
    notifiers: dict[ChannelKind, Notifier] = {
        ChannelKind.WEBHOOK: WebhookNotifier(
            allow=settings.deliver_allow, now=lambda: datetime.now(UTC), resolve=resolve
        )
    }
    if settings.smtp is not None:
        notifiers[ChannelKind.EMAIL] = EmailNotifier(
            settings.smtp,
            mail_from=settings.mail_from,
            allow=settings.deliver_allow,
            now=lambda: datetime.now(UTC),
            resolve=resolve,
        )
    return notifiers
