"""Alerts wait for a mail server and for a confirmed address; none is lost and none goes out twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from marsad.types import ChannelKind
from storage.database import open_database
from storage.models import Host
from storage.schema import upgrade
from tests.cli.refused import LOOPBACK_ONLY
from tests.command import Marsad
from tests.servers import MailBox
from tests.storage.stored import Desk, article


@pytest.fixture
def mailbox() -> Iterator[MailBox]:
    with MailBox() as running:
        yield running


def marsad_with_one_alert(folder: Path, *, confirmed: bool) -> Marsad:
    database = open_database(f"sqlite:///{folder / 'marsad.sqlite3'}")
    upgrade(database, data_dir=folder, report=lambda _: None)
    desk = Desk.at(database, "Huawei")
    desk.add_channel("mail", kind=ChannelKind.EMAIL, address="analyst@desk.example", confirmed=confirmed)
    desk.store(desk.add_source(), article("a", desk.matched("Huawei", tell=["mail"])))
    with database.write() as session:
        # Nothing is to be fetched: this is about what lies in the outbox.
        session.execute(update(Host).values(due_at=None))
    database.dispose()
    return Marsad.at(folder, **LOOPBACK_ONLY)


def test_without_a_mail_server_alerts_wait_and_go_out_once(tmp_path: Path, mailbox: MailBox) -> None:
    without = marsad_with_one_alert(tmp_path, confirmed=True)
    test = without.run("channel", "test", "mail", check=False)
    assert (test.returncode, test.stdout) == (1, "")
    assert test.stderr.startswith("marsad: ")
    assert "MARSAD_SMTP_URL" in test.stderr

    poll = without.run("poll", "--once")
    assert "1 alerts wait for a mail server (MARSAD_SMTP_URL)" in poll.stdout
    (row,) = without.facts("deliveries", "list")
    assert (row["state"], row["attempts"], row["terms"]) == ("pending", 0, ["Huawei"])

    configured = Marsad(without.settings | {"MARSAD_SMTP_URL": mailbox.url})
    for _ in range(2):
        configured.run("poll", "--once")
    assert [mail.recipients for mail in mailbox.mails] == [("analyst@desk.example",)]
    assert [row["state"] for row in configured.facts("deliveries", "list")] == ["sent"]


def test_an_unconfirmed_address_gets_nothing_before_it_is_confirmed(tmp_path: Path, mailbox: MailBox) -> None:
    marsad = marsad_with_one_alert(tmp_path, confirmed=False)
    marsad = Marsad(marsad.settings | {"MARSAD_SMTP_URL": mailbox.url})
    test = marsad.run("channel", "test", "mail", check=False)
    assert (test.returncode, test.stdout) == (2, "")
    assert "marsad channel confirm" in test.stderr
    (summary,) = marsad.facts("poll", "--once")
    assert (summary["deliver"]["sent"], summary["waiting"]) == (0, {"email": 1})
    assert mailbox.connections == 0

    marsad.run("channel", "confirm", "mail")
    (summary,) = marsad.facts("poll", "--once")
    assert (summary["deliver"]["sent"], summary["waiting"]) == (1, {})
    assert len(mailbox.mails) == 1
