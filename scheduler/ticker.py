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

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from marsad.errors import MarsadError

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]

TICK_SECONDS = 5
DRAIN_SECONDS = 6


async def run_until_stopped(
    *jobs: Job, stop: Callable[[], None] = lambda: None, tick: float = TICK_SECONDS
) -> None:
    """Run each job at every tick, never one beside itself, until SIGINT or SIGTERM; then drain.

    `stop` tells the jobs to begin nothing more.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    ticks = [_Tick(job) for job in jobs]
    scheduler = AsyncIOScheduler(timezone=UTC)
    for each in ticks:
        scheduler.add_job(
            each.run,
            "interval",
            seconds=tick,
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    try:
        await stopped.wait()
    finally:
        stop()
        scheduler.shutdown(wait=False)
        await asyncio.gather(*(each.drain() for each in ticks))
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


class _Tick:
    """One job and its running task, if any."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._task: asyncio.Task[object] | None = None

    async def run(self) -> None:
        # The job runs in a task of its own: APScheduler cancels only what it started itself.
        if self._task is not None and not self._task.done():
            return
        self._task = asyncio.ensure_future(self._guarded())

    async def drain(self) -> None:
        """Wait for the running job, and cut it off after DRAIN_SECONDS: its leases run out or are cleared."""
        if self._task is not None:
            done, _ = await asyncio.wait({self._task}, timeout=DRAIN_SECONDS)
            if not done:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)

    async def _guarded(self) -> object:
        try:
            return await self._job()
        except MarsadError as exc:
            # A database that is away comes back: the next tick tries again.
            log.warning("job ended early", extra={"detail": str(exc)})
            return None
        except Exception:
            log.exception("job broke")
            return None
