"""`marsad status` tells people in sentences, and programs in JSON, who is at work and what waits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from marsad.types import ChannelKind
from storage import workers
from storage.database import open_database
from storage.schema import upgrade
from tests.command import Marsad
from tests.storage.stored import Desk, article


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    database = open_database(f"sqlite:///{tmp_path / 'marsad.sqlite3'}")
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    desk = Desk.at(database, "Huawei")
    desk.add_channel("mail", kind=ChannelKind.EMAIL, address="analyst@desk.example")
    desk.store(desk.add_source(), article("a", desk.matched("Huawei", tell=["mail"])))
    return desk


def test_it_says_that_nobody_works_and_what_waits(desk: Desk, tmp_path: Path) -> None:
    told = Marsad.at(tmp_path).run("status").stdout
    assert "No worker is running; start one with marsad serve." in told
    assert "Sources: 1 polled, 0 of them failing; 0 paused." in told
    assert "Alerts: 1 waiting, 0 sent, 0 failed, 0 parked." in told
    assert "it waits for a mail server (MARSAD_SMTP_URL)." in told


def test_it_shows_the_process_that_works(desk: Desk, tmp_path: Path) -> None:
    with workers.working(desk.database, kind="serve"):
        told = Marsad.at(tmp_path).run("status").stdout
        (facts,) = Marsad.at(tmp_path, MARSAD_SMTP_URL="smtp://127.0.0.1:25").facts("status")
    assert "No worker is running" not in told
    (line,) = [line for line in told.splitlines() if line.startswith("serve")]
    assert f" {os.getpid()} " in line
    assert line.endswith("at work")
    (worker,) = facts["workers"]
    assert (worker["kind"], worker["pid"], worker["alive"], worker["silent"]) == (
        "serve",
        os.getpid(),
        True,
        False,
    )
    assert facts["polling"] is True
    assert facts["deliveries"] == {"pending": 1, "sent": 0, "failed": 0, "parked": 0}
    assert facts["oldest_due_seconds"] > 0
    assert facts["oldest_undelivered"]["waits_for"] == "its turn"
    assert facts["oldest_undelivered"]["seconds"] > 0


def test_the_list_of_deliveries_says_that_a_mail_server_is_missing(desk: Desk, tmp_path: Path) -> None:
    (row,) = Marsad.at(tmp_path).facts("deliveries", "list")
    assert row["waits_for"] == "a mail server (MARSAD_SMTP_URL)"
