"""The one place where the parts meet.

What a command does not need it does not import: Scrapy, httpx and Alembic each cost a good part of a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from marsad.addresses import Resolver, system_resolver
from marsad.config import Settings
from marsad.types import ChannelKind, FetchRequest, FetchResult
from storage import database as databases
from storage import users
from storage.database import Database
from storage.revision import HEAD, current_revision

if TYPE_CHECKING:
    from notifiers.base import Notifier
    from pipeline.catch_up import CatchUp
    from pipeline.clock import Clock
    from pipeline.deliver import Deliver
    from pipeline.heartbeat import Heartbeat
    from pipeline.poll import Fetch, Poll, PollSummary
    from spiders.catalogue import CatalogueSource
    from storage.workers import Kind, Worker
    from web.services import NavigationLink, SetUpDefaults, WebServices


@dataclass(frozen=True, slots=True)
class Jobs:
    """What a working process runs."""

    poll: Poll
    catch_up: CatchUp
    deliver: Deliver
    heartbeat: Heartbeat
    """Beats by itself while the jobs are there; nobody has to call it."""

    def stop(self) -> None:
        """Begin nothing more; what runs comes to its end."""
        self.poll.stop()
        self.catch_up.stop()
        self.deliver.stop()


@dataclass(frozen=True, slots=True)
class App:
    """The wired parts; made by `build_app`."""

    settings: Settings
    database: Database
    clock: Clock
    resolve: Resolver

    def notifiers(self) -> Mapping[ChannelKind, Notifier]:
        """A notifier for each kind that can send; without a mail server, mails wait in the outbox."""
        from notifiers.email import EmailNotifier
        from notifiers.webhook import WebhookNotifier

        allow, now = self.settings.deliver_allow, partial(datetime.now, UTC)
        notifiers: dict[ChannelKind, Notifier] = {
            ChannelKind.WEBHOOK: WebhookNotifier(allow=allow, now=now, resolve=self.resolve)
        }
        if self.settings.smtp is not None:
            notifiers[ChannelKind.EMAIL] = EmailNotifier(
                self.settings.smtp,
                mail_from=self.settings.mail_from,
                allow=allow,
                now=now,
                resolve=self.resolve,
            )
        return notifiers

    @contextmanager
    def write(self) -> Iterator[tuple[Session, int, datetime]]:
        """One transaction as the owner: the session, the owner's id, the time."""
        with self.database.write() as session:
            now = self.clock(session)
            yield session, users.owner_id(session, now=now), now

    @contextmanager
    def read(self) -> Iterator[tuple[Session, int]]:
        """One transaction that changes nothing: the session and the owner's id; it waits for no writer."""
        with self.database.read() as session:
            owner = users.find_owner(session)
            if owner is not None:
                yield session, owner
                return
        with self.write() as (session, owner, _):
            yield session, owner

    def web_services(
        self,
        *,
        wake: Callable[[], None] = lambda: None,
        catalogue: Sequence[CatalogueSource] | None = None,
        set_up_defaults: SetUpDefaults | None = None,
        more_navigation: tuple[NavigationLink, ...] = (),
    ) -> WebServices:
        """What the web app needs; the demo has its own catalogue and more pages."""
        from notifiers.trial import send_test
        from spiders.catalogue import load_catalogue
        from web.services import SetUpDefaults, WebServices

        return WebServices(
            settings=self.settings,
            database=self.database,
            clock=self.clock,
            catalogue=load_catalogue() if catalogue is None else catalogue,
            send_test=partial(send_test, self.notifiers()),
            wake=wake,
            set_up_defaults=set_up_defaults or SetUpDefaults(),
            more_navigation=more_navigation,
        )

    @asynccontextmanager
    async def fetching(self) -> AsyncIterator[Fetch]:
        """A running crawler."""
        from spiders.runner import Fetcher
        from spiders.settings import user_agent

        agent = user_agent(self.settings.public_url)
        async with Fetcher(allow=self.settings.fetch_allow, resolve=self.resolve, agent=agent) as fetcher:
            yield fetcher

    @asynccontextmanager
    async def working(
        self,
        *,
        kind: Kind = "worker",
        on_progress: Callable[[PollSummary], None] = lambda summary: None,
        on_notice: Callable[[str], None] = lambda sentence: None,
        fetch: Fetch | None = None,
    ) -> AsyncIterator[Jobs]:
        """This process's place among the workers, its heartbeat, and its jobs; `fetch` takes the crawler's place.

        `on_notice` is told when this machine goes offline, and when it is back.
        """
        from storage import workers

        pace = timedelta(seconds=self.settings.host_delay)
        with workers.working(self.database, kind=kind, pace=pace, clock=self.clock) as worker:
            async with nullcontext(fetch) if fetch is not None else _when_needed(self.fetching) as crawler:
                jobs = self._jobs(worker, crawler, on_progress, on_notice)
                async with jobs.heartbeat.beating():
                    yield jobs

    @asynccontextmanager
    async def attending(self, *, kind: Kind = "web") -> AsyncIterator[None]:
        """The place of a process that neither polls nor delivers, and its heartbeat."""
        from pipeline.heartbeat import Heartbeat
        from storage import workers

        with workers.attending(self.database, kind=kind, clock=self.clock) as worker:
            async with Heartbeat(self.database, worker=worker, clock=self.clock).beating():
                yield

    def _jobs(
        self,
        worker: Worker,
        fetch: Fetch,
        on_progress: Callable[[PollSummary], None],
        on_notice: Callable[[str], None],
    ) -> Jobs:
        from pipeline.catch_up import CatchUp
        from pipeline.deliver import Deliver
        from pipeline.heartbeat import Heartbeat
        from pipeline.leases import DeliveryLeases, HostLeases
        from pipeline.poll import Poll, PollOptions
        from pipeline.watching import LiveWatchSet

        notifiers = self.notifiers()
        hosts = HostLeases(self.database, worker=worker, clock=self.clock)
        outbox = DeliveryLeases(self.database, worker=worker, clock=self.clock, kinds=tuple(notifiers))
        watches = LiveWatchSet(self.database)
        options = PollOptions(
            host_delay=timedelta(seconds=self.settings.host_delay),
            interval=timedelta(seconds=self.settings.poll_interval),
        )
        return Jobs(
            Poll(
                self.database,
                fetch,
                leases=hosts,
                watches=watches,
                clock=self.clock,
                options=options,
                on_progress=on_progress,
                on_notice=on_notice,
            ),
            CatchUp(self.database, watches, clock=self.clock),
            Deliver(self.database, notifiers, leases=outbox, clock=self.clock),
            Heartbeat(self.database, worker=worker, clock=self.clock, leases=(hosts, outbox)),
        )


class _WhenNeeded:
    """A crawler that its first request loads and opens: a service answers a second before it is there."""

    def __init__(
        self, fetching: Callable[[], AbstractAsyncContextManager[Fetch]], stack: AsyncExitStack
    ) -> None:
        self._fetching = fetching
        self._stack = stack
        self._turn = asyncio.Lock()
        self._fetch: Fetch | None = None

    async def fetch(self, request: FetchRequest) -> FetchResult:
        async with self._turn:
            if self._fetch is None:
                # In a thread, so that the web app answers meanwhile.
                await asyncio.to_thread(import_module, "spiders.runner")
                self._fetch = await self._stack.enter_async_context(self._fetching())
        return await self._fetch.fetch(request)


@asynccontextmanager
async def _when_needed(fetching: Callable[[], AbstractAsyncContextManager[Fetch]]) -> AsyncIterator[Fetch]:
    async with AsyncExitStack() as stack:
        yield _WhenNeeded(fetching, stack)


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
    if current_revision(database) != HEAD:
        from storage.schema import upgrade

        upgrade(database, data_dir=settings.data_dir, report=report)
    return App(settings, database, clock, resolve)
