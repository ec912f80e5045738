"""A subscribed installation: a newsroom, a mail box, a webhook receiver, and the terms of the starter list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import Marsad
from tests.newsroom import Newsroom
from tests.servers import MailBox, RecordingReceiver

TERMS = ("Nvidia", "Huawei", "H20", "DeepSeek")


@dataclass(frozen=True, slots=True)
class Installation:
    marsad: Marsad
    newsroom: Newsroom
    mailbox: MailBox
    receiver: RecordingReceiver
    webhook_secret: str


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    """Everything set up by the commands a user types; the source is added and not polled yet."""
    with Newsroom() as newsroom, MailBox() as mailbox, RecordingReceiver() as receiver:
        marsad = Marsad.at(
            tmp_path,
            MARSAD_DATABASE_URL=database_url,
            MARSAD_SMTP_URL=mailbox.url,
            MARSAD_MAIL_FROM="marsad@alerts.example",
        )
        marsad.run("source", "add", newsroom.feed_url, "--name", "newsroom")
        marsad.run("watch", "add", *TERMS)
        marsad.run("channel", "add", "email", "analyst@desk.example", "--name", "mail", "--confirmed")
        (hook,) = marsad.facts("channel", "add", "webhook", receiver.url, "--name", "hook")
        marsad.run("subscribe", "main", "mail")
        marsad.run("subscribe", "main", "hook")
        yield Installation(marsad, newsroom, mailbox, receiver, hook["secret"])
