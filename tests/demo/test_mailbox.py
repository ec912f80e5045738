"""The demo's mail box takes what marsad mails, and shows it safely."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from demo.mailbox import Mailbox, read_mail
from marsad.addresses import parse_allowance
from marsad.config import SmtpServer
from marsad.types import Alert, ChannelKind, ChannelTarget, MatchNotice
from notifiers.email import EmailNotifier

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ALERT = Alert(
    delivery_id="msg_1",
    created=NOW,
    article_id=7,
    title="وإنفيديا تعرض معالج H20 جديدًا",
    url="http://madar.localhost/news/x",
    source="مدار التقني",
    published=NOW,
    summary="ملخص",
    matches=(MatchNotice("Nvidia", "main", "title", "إنفيديا", "و", "", "و", " تعرض"),),
)
TARGET = ChannelTarget(1, ChannelKind.EMAIL, "بريد", "visitor@demo.example")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox(now=lambda: NOW, kept=2) as box:
        yield box


async def send(mailbox: Mailbox, alert: Alert = ALERT) -> str:
    notifier = EmailNotifier(
        SmtpServer("127.0.0.1", mailbox.port, "opportunistic"),
        mail_from="marsad@demo.example",
        allow=parse_allowance("127.0.0.0/8", setting="MARSAD_DELIVER_ALLOW"),
        now=lambda: NOW,
    )
    return (await notifier.notify(alert, TARGET)).detail


async def test_a_mail_is_kept_as_its_reader_would_see_it(mailbox: Mailbox) -> None:
    assert "number 1" in await send(mailbox)
    (mail,) = mailbox.newest()
    assert (mail.number, mail.received, mail.sender) == (1, NOW, "marsad@demo.example")
    assert mail.recipients == ("visitor@demo.example",)
    assert "وإنفيديا تعرض معالج H20 جديدًا" in mail.subject
    assert "مدار التقني" in mail.text
    assert mail.html is not None
    assert "<mark" in mail.html


async def test_the_newest_are_kept_and_all_are_counted(mailbox: Mailbox) -> None:
    for _ in range(3):
        await send(mailbox)
    assert mailbox.arrived == 3
    assert [mail.number for mail in mailbox.newest()] == [3, 2]
    assert mailbox.find(1) is None


async def test_its_html_is_shown_where_nothing_can_run(mailbox: Mailbox) -> None:
    await send(mailbox)
    (mail,) = mailbox.newest()
    url = httpx.URL(mailbox.html_url(mail))
    at_loopback = url.copy_with(host="127.0.0.1")
    async with httpx.AsyncClient() as client:
        shown = await client.get(at_loopback, headers={"Host": url.host})
        assert shown.text == mail.html
        policy = shown.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "script" not in policy
        assert (await client.get(at_loopback)).status_code == 404
        unknown = await client.get(at_loopback.copy_with(path="/9"), headers={"Host": url.host})
        assert unknown.status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Subject: =?x-unknown?b?4Q==?=\r\n\r\n\xff",
        b"Content-Type: text/plain; charset=none\r\n\r\n\xff",
    ],
)
def test_a_mail_that_is_wrong_is_shown_as_well_as_it_goes(content: bytes) -> None:
    mail = read_mail(content, number=1, received=NOW, sender="a@b", recipients=())
    assert mail.html is None
