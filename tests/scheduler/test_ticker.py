"""The ticker wakes jobs, never one beside itself, survives what they raise, and drains at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from marsad.errors import DatabaseUnreachable, PortTaken
from scheduler.repeats import Repeats
from scheduler.ticker import Bell, run_until_stopped
from tests.conftest import ROOT

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


class Beside:
    """A service that notes when it is stopped and takes a moment to end."""

    def __init__(self, *, ends_with: Exception | None = None) -> None:
        self.stopped = asyncio.Event()
        self.ended = False
        self._ends_with = ends_with

    async def run(self) -> None:
        if self._ends_with is not None:
            raise self._ends_with
        await self.stopped.wait()
        await asyncio.sleep(0.1)
        self.ended = True

    def stop(self) -> None:
        self.stopped.set()


async def test_a_service_beside_the_jobs_is_stopped_and_comes_to_its_end() -> None:
    beside = Beside()
    running = asyncio.create_task(run_until_stopped(tick=TICK, services=(beside,)))
    await asyncio.sleep(TICK)
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    assert beside.ended


async def test_a_service_that_ends_by_itself_ends_the_whole_and_its_error_is_told() -> None:
    ran = asyncio.Event()

    async def job() -> None:
        ran.set()
        await asyncio.sleep(0.2)

    with pytest.raises(PortTaken):
        await run_until_stopped(job, tick=TICK, services=(Beside(ends_with=PortTaken("taken")),))


async def test_the_bell_has_jobs_look_at_once_and_again_when_they_were_looking() -> None:
    looks = 0
    bell = Bell()

    async def job() -> None:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0.05)

    running = asyncio.create_task(run_until_stopped(job, tick=60, bell=bell))
    await asyncio.sleep(0.2)
    assert looks == 1
    await asyncio.to_thread(bell.ring)
    await asyncio.sleep(0.02)
    await asyncio.to_thread(bell.ring)  # while it looks
    await asyncio.sleep(0.3)
    assert looks == 3
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    bell.ring()  # nobody is there to hear it


async def test_an_outage_is_said_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    runs = 0

    async def job() -> None:
        nonlocal runs
        runs += 1
        if runs < 6:
            raise DatabaseUnreachable("The database is away.")

    caplog.set_level("WARNING")
    await run_for(TICK * 12, job)
    assert runs > 6
    assert [record.message for record in caplog.records if record.name == "scheduler.ticker"] == [
        "job ended early",
        "job runs again",
    ]


def test_what_repeats_is_said_at_growing_intervals() -> None:
    now = 0.0
    said = Repeats(clock=lambda: now)
    times = []
    for second in range(0, 3600, 5):
        now = float(second)
        if said.worth_saying("away"):
            times.append(second)
    assert times == [0, 60, 180, 420, 900, 1860]
    assert said.worth_saying("something else")
    assert said.clear()
    assert not said.clear()
    assert said.worth_saying("something else")


SET_BACK = """
import asyncio, datetime as real, os, signal, sys

shift = real.timedelta()

class Clock(real.datetime):
    @classmethod
    def now(cls, tz=None):
        return real.datetime.now(tz) + shift

import apscheduler.schedulers.base, apscheduler.triggers.interval, apscheduler.executors.base
import scheduler.ticker
for module in (apscheduler.schedulers.base, apscheduler.triggers.interval, apscheduler.executors.base,
               scheduler.ticker):
    if hasattr(module, "datetime"):
        module.datetime = Clock

runs = 0

async def job():
    global runs
    runs += 1

async def main():
    global shift, runs
    running = asyncio.create_task(scheduler.ticker.run_until_stopped(job, tick=0.1))
    for hours in (0, -1, 0):
        shift, runs = real.timedelta(hours=hours), 0
        await asyncio.sleep(1.5)
        print(runs)
    os.kill(os.getpid(), signal.SIGTERM)
    await running

asyncio.run(main())
"""


def test_a_clock_that_is_set_back_and_forth_stops_no_job() -> None:
    # In a process of its own: the clock that is bent here belongs to the libraries.
    done = subprocess.run(
        [sys.executable, "-c", SET_BACK], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert all(5 <= int(runs) <= 25 for runs in done.stdout.split()), done.stdout
    assert "clock was set back" in done.stderr
