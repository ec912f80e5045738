"""The running service: crawler, ticker, outbox and web app in one process and one event loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from marsad.app import App, Jobs
from scheduler.ticker import TICK_SECONDS, Bell, Job, run_until_stopped
from spiders.reactor import stop_reactor

if TYPE_CHECKING:
    from socket import socket

    from fastapi import APIRouter

    from pipeline.deliver import DeliverSummary
    from pipeline.poll import PollSummary
    from spiders.catalogue import CatalogueSource
    from storage.workers import Kind
    from web.server import WebServer
    from web.services import NavigationLink, SetUpDefaults

_TELL_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class WebOptions:
    """What the web app shows beside the product's own; the demo sets it."""

    set_up_defaults: SetUpDefaults | None = None
    catalogue: Sequence[CatalogueSource] | None = None
    more_routers: Sequence[APIRouter] = ()
    more_navigation: tuple[NavigationLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of what happens: each call is for a person at the terminal."""

    polled: Callable[[PollSummary], None] = lambda summary: None
    sent: Callable[[DeliverSummary], None] = lambda summary: None
    said: Callable[[str], None] = lambda sentence: None


class _Telling:
    """Tells of a run of polls at its end, and of one that goes on and on every half minute."""

    def __init__(self, tell: Callable[[PollSummary], None]) -> None:
        self._tell = tell
        self._told: PollSummary | None = None
        self._at = monotonic()

    def progress(self, summary: PollSummary) -> None:
        if monotonic() - self._at >= _TELL_SECONDS:
            self.tell(summary)

    def tell(self, summary: PollSummary) -> None:
        self._tell(summary if self._told is None else summary.since(self._told))
        self._told = replace(summary, problems=[*summary.problems])
        self._at = monotonic()


@dataclass(slots=True)
class Service:
    """One process of marsad: `serve` does everything, `worker` polls and delivers, `web` shows."""

    app: App
    kind: Kind
    listening: socket | None = None
    web: WebOptions = field(default_factory=WebOptions)
    told: Told = field(default_factory=Told)
    ready: Callable[[], None] = lambda: None
    """Called once everything could begin, before the first request is answered."""
    tick: float = TICK_SECONDS
    more_jobs: tuple[Job, ...] = ()
    _telling: _Telling = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._telling = _Telling(self.told.polled)

    async def run(self) -> None:
        """Run until SIGINT or SIGTERM, then drain; raises DatabaseError when it cannot begin."""
        bell = Bell()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(stop_reactor)
            jobs = None
            if self.kind == "web":
                await stack.enter_async_context(self.app.attending())
            else:
                jobs = await stack.enter_async_context(
                    self.app.working(
                        kind=self.kind,
                        on_progress=self._progressed,
                        on_notice=self.told.said,
                    )
                )
            services = (self._web_server(bell),) if self.listening is not None else ()
            self.ready()
            await run_until_stopped(
                *(self._ticked(jobs) if jobs else ()),
                *self.more_jobs,
                stop=partial(self._stop, jobs),
                tick=self.tick,
                services=services,
                bell=bell,
            )

    def _stop(self, jobs: Jobs | None) -> None:
        if jobs is not None:
            jobs.stop()

    def _ticked(self, jobs: Jobs) -> tuple[Job, ...]:
        return (partial(self._poll, jobs), jobs.catch_up.run, partial(self._deliver, jobs))

    async def _poll(self, jobs: Jobs) -> None:
        self._telling = _Telling(self.told.polled)
        self._telling.tell(await jobs.poll.run())

    def _progressed(self, summary: PollSummary) -> None:
        self._telling.progress(summary)

    async def _deliver(self, jobs: Jobs) -> None:
        self.told.sent(await jobs.deliver.run())

    def _web_server(self, bell: Bell) -> WebServer:
        from web.app import create_app
        from web.server import WebServer

        assert self.listening is not None  # noqa: S101  # for the type checker
        services = self.app.web_services(
            wake=bell.ring,
            catalogue=self.web.catalogue,
            set_up_defaults=self.web.set_up_defaults,
            more_navigation=self.web.more_navigation,
        )
        return WebServer(create_app(services, more_routers=self.web.more_routers), self.listening)
