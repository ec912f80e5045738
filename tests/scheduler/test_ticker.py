"""The ticker wakes jobs, never one beside itself, survives what they raise, and drains at the end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from marsad.errors import DatabaseUnreachable
from scheduler.ticker import run_until_stopped

TICK = 0.05


async def run_for(
    seconds: float, *jobs: Callable[[], Awaitable[object]], number: int = signal.SIGTERM
) -> float:
    """Run the jobs, send the signal after so many seconds, and return how long the end took."""
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(run_until_stopped(*jobs, tick=TICK))
    await asyncio.sleep(seconds)
    os.kill(os.getpid(), number)
    asked = loop.time()
    await running
    return loop.time() - asked


async def test_a_job_runs_at_once_and_at_every_tick() -> None:
    runs = 0

    async def job() -> None:
        nonlocal runs
        runs += 1

    await run_for(TICK * 10, job)
    assert 5 <= runs <= 12


async def test_a_slow_job_never_runs_beside_itself_and_holds_no_other_up() -> None:
    together: list[int] = []
    at_work = quick_runs = 0

    async def slow() -> None:
        nonlocal at_work
        at_work += 1
        together.append(at_work)
        await asyncio.sleep(TICK * 4)
        at_work -= 1

    async def quick() -> None:
        nonlocal quick_runs
        quick_runs += 1

    await run_for(TICK * 14, slow, quick)
    assert set(together) == {1}
    assert 2 <= len(together) <= 4
    assert quick_runs >= 7


@pytest.mark.parametrize("error", [DatabaseUnreachable("The database is away."), ZeroDivisionError()])
async def test_a_job_that_raises_is_logged_and_runs_again(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    runs = 0

    async def job() -> None:
        nonlocal runs
        runs += 1
        if runs <= 2:
            raise error

    await run_for(TICK * 10, job)
    assert runs > 3
    logged = [record for record in caplog.records if record.name == "scheduler.ticker"]
    assert len(logged) == 2
    # What a person can mend is a sentence; what broke our code comes with its cause.
    assert {bool(record.exc_info) for record in logged} == {isinstance(error, ZeroDivisionError)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_what_runs_at_the_end_comes_to_its_end(number: int) -> None:
    ended = []

    async def job() -> None:
        await asyncio.sleep(0.5)
        ended.append(True)

    took = await run_for(TICK, job, number=number)
    assert ended == [True]
    assert 0.3 < took < 5
