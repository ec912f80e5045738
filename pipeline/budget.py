"""A budget of work at once: claim as much as is free, do it side by side, claim again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from marsad.errors import MarsadError

Claimed = TypeVar("Claimed")

RECLAIM_SECONDS = 1.0
"""How long one slow piece of work may keep others from being claimed."""


async def work_off(
    claim: Callable[[int], Sequence[Claimed]],
    do: Callable[[Claimed], Coroutine[Any, Any, None]],
    *,
    at_once: int,
    pause: Callable[[], float | None] = lambda: None,
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Do all that can be claimed, at most `at_once` side by side; `claim` and `pause` run in a thread.

    When nothing is left, `pause` tells the seconds until more may be claimed, or None to end. Once
    `stopping` says so, or something failed, nothing more is claimed; what runs comes to its end, and
    then the first failure is raised. Expected failures are `do`'s to store.
    """
    running: set[asyncio.Task[None]] = set()
    failure: Exception | None = None
    try:
        while True:
            if failure is None and not stopping():
                # Only as many as can be worked on at once: what is leased must be in memory.
                free = at_once - len(running)
                try:
                    claimed = await asyncio.to_thread(claim, free) if free else ()
                    running |= {asyncio.create_task(do(each)) for each in claimed}
                except MarsadError as exc:
                    failure = exc
            if running:
                done, running = await asyncio.wait(
                    running, timeout=RECLAIM_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                # Each is asked, also after the first failure: asyncio logs every one that nobody asked for.
                errors = [task.exception() for task in done]
                failure = failure or next((e for e in errors if isinstance(e, Exception)), None)
                continue
            if failure is not None:
                raise failure
            seconds = None if stopping() else await asyncio.to_thread(pause)
            if seconds is None:
                return
            await asyncio.sleep(min(seconds, RECLAIM_SECONDS))
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
