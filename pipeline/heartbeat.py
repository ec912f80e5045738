"""The heartbeat: it keeps the leases of what is really in hand, and says that this process lives."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from marsad.errors import DatabaseError
from pipeline.clock import Clock
from pipeline.leases import Held, Leases, passed_seconds
from storage.database import Database
from storage.workers import HEARTBEAT, Worker

log = logging.getLogger(__name__)

_TRY_AGAIN_SECONDS = 1.0
_LAST_BEAT_SECONDS = 2.0

_InHand = Sequence[tuple[Leases[Any], Sequence[Held[Any]]]]


class Heartbeat:
    """Beats from the event loop, not from a thread of its own: a loop that hangs loses its leases."""

    def __init__(
        self,
        database: Database,
        *,
        worker: Worker,
        clock: Clock,
        leases: Sequence[Leases[Any]] = (),
        every: timedelta = HEARTBEAT,
    ) -> None:
        self._database = database
        self._worker = worker
        self._clock = clock
        self._leases = leases
        self._every = every
        # Its own: the threads that all share may be busy, each with a document that takes long to store.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="heartbeat")

    async def run(self) -> None:
        """Beat once; raises DatabaseUnreachable."""
        in_hand = [(leases, leases.held()) for leases in self._leases]
        await asyncio.get_running_loop().run_in_executor(self._thread, self._beat, in_hand)

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Beat again and again for as long as the block runs, its draining at the end included."""
        ending = asyncio.Event()
        task = asyncio.create_task(self._go_on(ending))
        try:
            yield
        finally:
            ending.set()
            # A beat under way may end: cut off, its thread would put back a row that is being taken away.
            await asyncio.wait({task}, timeout=_LAST_BEAT_SECONDS)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._thread.shutdown(wait=False)

    async def _go_on(self, ending: asyncio.Event) -> None:
        pause = self._every.total_seconds()
        while not await _wait(ending, pause):
            pause = self._every.total_seconds()
            try:
                await self.run()
            except DatabaseError as exc:
                # Whoever lives is back before others may take it for dead.
                pause = min(pause, _TRY_AGAIN_SECONDS)
                log.info("heartbeat failed", extra={"detail": str(exc)})
            except Exception:
                log.exception("heartbeat broke")

    def _beat(self, in_hand: _InHand) -> None:
        self._worker.hold()
        with self._database.write() as session:
            begun = passed_seconds()
            now = self._clock(session)
            renewals = [leases.renew(session, held, now=now) for leases, held in in_hand]
            self._worker.beat(session, now=now)
        for (leases, held), renewal in zip(in_hand, renewals, strict=True):
            leases.note(held, renewal, begun=begun)


async def _wait(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
