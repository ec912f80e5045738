"""The local ticker: it wakes the jobs, and at the end lets those that run come to theirs.

APScheduler's own shutdown cancels running jobs, so draining is done here. That nothing happens twice
comes from leases and unique rows in the database, not from the ticker.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from marsad.errors import MarsadError
from scheduler.repeats import Repeats

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]

TICK_SECONDS = 1
DRAIN_SECONDS = 5


class Service(Protocol):
    """What runs beside the jobs the whole time, such as the web server."""

    async def run(self) -> None:
        """Run until stopped; returns at once when it cannot begin."""

    def stop(self) -> None:
        """Take nothing new, finish what is under way, and return from `run`."""


class Bell:
    """Rung from any thread, it has the jobs look at once instead of at their next tick."""

    def __init__(self) -> None:
        self._ring: Callable[[], object] = lambda: None

    def connect(self, ring: Callable[[], object]) -> None:
        self._ring = ring

    def ring(self) -> None:
        self._ring()


async def run_until_stopped(
    *jobs: Job,
    stop: Callable[[], None] = lambda: None,
    tick: float = TICK_SECONDS,
    services: tuple[Service, ...] = (),
    bell: Bell | None = None,
) -> None:
    """Run each job at every tick, never one beside itself, until SIGINT or SIGTERM; then drain.

    `stop` tells the jobs to begin nothing more. A service that ends by itself ends everything: half a
    service is not left running. Its error, if any, is raised once the rest has drained.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    ticks = [_Tick(job) for job in jobs]
    scheduler = _schedule(ticks, tick)
    clock = asyncio.create_task(_follow_clock(scheduler, tick))
    running = [asyncio.create_task(service.run()) for service in services]
    for task in running:
        task.add_done_callback(lambda _: stopped.set())
    if bell is not None:
        bell.connect(lambda: loop.call_soon_threadsafe(_look, ticks))
    try:
        await stopped.wait()
    finally:
        stop()
        if bell is not None:
            bell.connect(lambda: None)
        clock.cancel()
        scheduler.shutdown(wait=False)
        for service in services:
            service.stop()
        await asyncio.gather(*(each.drain() for each in ticks), _drain(running))
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    for task in running:
        if not task.cancelled():
            task.result()


def _schedule(ticks: list[_Tick], seconds: float) -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(timezone=UTC)
    for each in ticks:
        scheduler.add_job(
            each.run,
            "interval",
            seconds=seconds,
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    return scheduler


async def _follow_clock(scheduler: AsyncIOScheduler, seconds: float) -> None:
    """Have the jobs due now when this machine's clock was set back: APScheduler would wait for the old time."""
    known = datetime.now(UTC)
    while True:
        await asyncio.sleep(seconds)
        now = datetime.now(UTC)
        if now < known:
            log.warning("clock was set back", extra={"seconds": round((known - now).total_seconds())})
            for job in scheduler.get_jobs():
                job.modify(next_run_time=now)
        known = now


def _look(ticks: list[_Tick]) -> None:
    for each in ticks:
        each.look()


async def _drain(running: list[asyncio.Task[None]]) -> None:
    if not running:
        return
    _, late = await asyncio.wait(running, timeout=DRAIN_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


class _Tick:
    """One job and its running task, if any."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._task: asyncio.Task[object] | None = None
        self._again = False
        self._said = Repeats()

    async def run(self) -> None:
        # The job runs in a task of its own: APScheduler cancels only what it started itself.
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._guarded())

    def look(self) -> None:
        """Run now, or, since a running job may have looked already, once more after it."""
        self._again = self._task is not None and not self._task.done()
        if not self._again:
            self._task = asyncio.ensure_future(self._guarded())

    async def drain(self) -> None:
        """Wait for the running job, and cut it off after DRAIN_SECONDS: its leases run out or are cleared."""
        self._again = False
        if self._task is not None:
            done, _ = await asyncio.wait({self._task}, timeout=DRAIN_SECONDS)
            if not done:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)

    async def _guarded(self) -> object:
        while True:
            result = await self._once()
            if not self._again:
                return result
            self._again = False

    async def _once(self) -> object:
        try:
            result = await self._job()
        except MarsadError as exc:
            # A database that is away comes back: the next tick tries again.
            if self._said.worth_saying(str(exc)):
                log.warning("job ended early", extra={"detail": str(exc)})
            return None
        except Exception:
            log.exception("job broke")
            return None
        if self._said.clear():
            log.warning("job runs again")
        return result
