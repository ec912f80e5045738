"""A process killed while it writes loses nothing that it had acknowledged; `make faults` kills a hundred."""

from __future__ import annotations

from pathlib import Path

from tests.faults.killed_writes import write_and_kill


def test_acknowledged_rows_survive_kill_9(tmp_path: Path) -> None:
    survived = write_and_kill(tmp_path, kills=5)
    assert survived.broken == ()
    assert survived.acknowledged >= 5 * 20
