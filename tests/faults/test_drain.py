"""Asked to end while a fetch and an alert hang, every kind of process is gone in time."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.faults.drain import drain
from tests.faults.fleet import SERVICE, WORKER


def test_the_service_ends_in_time_and_tells_what_it_left_under_the_same_id(tmp_path: Path) -> None:
    drained = drain(f"sqlite:///{tmp_path}/marsad.sqlite3", tmp_path, SERVICE, signal.SIGTERM)
    assert drained.broken == []


@pytest.mark.postgres
def test_a_worker_ends_in_time_and_its_work_is_free_at_once(tmp_path: Path, postgres_url: str) -> None:
    drained = drain(postgres_url, tmp_path, WORKER, signal.SIGINT)
    assert drained.broken == []
