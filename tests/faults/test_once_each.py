"""Workers that begin at one moment share what waits: each delivery is sent once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.once_each import send_once_each


@pytest.mark.postgres
def test_four_workers_on_postgres_send_each_delivery_once(tmp_path: Path, postgres_url: str) -> None:
    sent = send_once_each(postgres_url, tmp_path, workers=4, articles=6, channels=10)
    assert sent.broken == []
    assert sum(sent.shares) == 60


def test_the_one_process_on_sqlite_sends_each_delivery_once(tmp_path: Path) -> None:
    sent = send_once_each(f"sqlite:///{tmp_path}/marsad.sqlite3", tmp_path, workers=1, articles=4, channels=5)
    assert sent.broken == []
    assert sent.shares == (20,)
