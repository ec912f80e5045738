"""The service under faults, in a few rounds: nothing is lost, repeats have equal ids; `make faults` makes many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.fleet import SERVICE, WEB
from tests.faults.postgres import OwnPostgres
from tests.faults.rounds import Counts, Outcome, Plan, run

SHORT_LEASE = 6.0
SHORT_WORKER = ("python", "-m", "tests.faults.short_lease", str(SHORT_LEASE))


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    with OwnPostgres() as own:
        yield own


@pytest.mark.postgres
def test_three_workers_on_postgres_lose_nothing(tmp_path: Path, server: OwnPostgres) -> None:
    counts = Counts(kills=2, freezes=1, restarts=1, backends=2)
    plan = Plan(
        "PostgreSQL",
        [SHORT_WORKER] * 3 + [WEB],
        counts,
        lease=SHORT_LEASE,
        houses=4,
        rate=2,
        seed=66,
        quiet=1,
    )
    check(run(plan, tmp_path, server))


def test_the_service_on_sqlite_loses_nothing(tmp_path: Path) -> None:
    plan = Plan("SQLite", [SERVICE], Counts(kills=2), lease=0, houses=3, rate=2, seed=76, quiet=1)
    check(run(plan, tmp_path, None))


def check(outcome: Outcome) -> None:
    """The promises, and that the run was one: something was told, and everyone ended when asked."""
    assert outcome.broken == []
    assert outcome.balance.alerts > 10
    assert outcome.tracebacks == []
    assert len(outcome.ends) == len(outcome.plan.processes)
    assert [each for each in outcome.ends if not each.in_order or each.seconds >= 10] == []
