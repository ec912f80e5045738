"""A budget of work at once: claim as much as is free, do it side by side, claim again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

Claimed = TypeVar("Claimed")

RECLAIM_SECONDS = 1.0
"""How long one slow piece of work may keep others from being claimed."""


async def work_off(
    claim: Callable[[int], Sequence[Claimed]],
    do: Callable[[Claimed], Awaitable[None]],
    *,
    at_once: int,
    pause: Callable[[], float | None] = lambda: None,
) -> None:
    """Do all that can be claimed, at most `at_once` side by side; `claim` runs in a thread.

    When nothing is left, `pause` tells the seconds until more may be claimed, or None to end. What fails
    ends the whole, after the rest was cancelled: expected failures are `do`'s to store.
    """
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            # Only as many as can be worked on at once: what is leased must be in memory.
            free = at_once - len(running)
            for claimed in await asyncio.to_thread(claim, free) if free else []:
                running.add(asyncio.create_task(_run(do, claimed)))
            if running:
                done, running = await asyncio.wait(
                    running, timeout=RECLAIM_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    task.result()
                continue
            seconds = await asyncio.to_thread(pause)
            if seconds is None:
                return
            await asyncio.sleep(seconds)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _run(do: Callable[[Claimed], Awaitable[None]], claimed: Claimed) -> None:
    await do(claimed)
