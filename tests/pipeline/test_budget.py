"""A budget of work at once: what is claimed comes to its end, whatever happens beside it."""

from __future__ import annotations

import asyncio
import gc

import pytest

from marsad.errors import DatabaseUnreachable
from pipeline.budget import work_off


async def test_never_more_than_the_budget_is_claimed() -> None:
    left, running, most = list(range(20)), 0, 0

    def claim(free: int) -> list[int]:
        taken = left[:free]
        del left[:free]
        return taken

    async def do(number: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001 * number)
        running -= 1

    await work_off(claim, do, at_once=3)
    assert (left, running, most) == ([], 0, 3)


async def test_once_it_is_to_stop_nothing_more_is_claimed_and_what_runs_ends() -> None:
    claims, done = 0, 0
    stopping = False

    def claim(free: int) -> list[int]:
        nonlocal claims
        claims += 1
        return list(range(free))

    async def do(_: int) -> None:
        nonlocal done, stopping
        await asyncio.sleep(0.01)
        stopping = True
        done += 1

    await work_off(claim, do, at_once=4, stopping=lambda: stopping)
    assert (claims, done) == (1, 4)


async def test_a_failure_lets_what_runs_beside_it_come_to_its_end() -> None:
    done: list[int] = []
    waiting = [list(range(3))]

    def claim(free: int) -> list[int]:
        return waiting.pop() if waiting else []

    async def do(number: int) -> None:
        if number == 0:
            raise DatabaseUnreachable("It is away.")
        await asyncio.sleep(0.02)
        done.append(number)

    with pytest.raises(DatabaseUnreachable):
        await work_off(claim, do, at_once=3)
    assert sorted(done) == [1, 2]


async def test_each_failure_is_taken_note_of_also_after_the_first() -> None:
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
    waiting = [list(range(6))]

    async def do(number: int) -> None:
        await asyncio.sleep(0.01 * (number // 2))  # two at a time, and more later
        raise DatabaseUnreachable("It is away.")

    try:
        with pytest.raises(DatabaseUnreachable):
            await work_off(lambda free: waiting.pop() if waiting else [], do, at_once=6)
        gc.collect()
        await asyncio.sleep(0)
    finally:
        asyncio.get_running_loop().set_exception_handler(None)
    assert complaints == []


async def test_a_claim_that_fails_lets_what_runs_come_to_its_end() -> None:
    done: list[int] = []
    answers: list[list[int] | None] = [None, [1]]

    def claim(free: int) -> list[int]:
        answer = answers.pop()
        if answer is None:
            raise DatabaseUnreachable("It is away.")
        return answer

    async def do(number: int) -> None:
        await asyncio.sleep(1.2)
        done.append(number)

    with pytest.raises(DatabaseUnreachable):
        await work_off(claim, do, at_once=3)
    assert done == [1]
