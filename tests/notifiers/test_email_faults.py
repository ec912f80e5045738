"""Faults of mail servers: what is tried again, what is final, and that no secret comes out."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiosmtplib
import pytest

from marsad.addresses import Allowance, IPAddress
from marsad.config import SmtpServer
from marsad.errors import TransportError
from marsad.types import Alert, ChannelTarget
from notifiers.email import EmailNotifier
from tests.notifiers.conftest import Authority
from tests.servers import MailBox


def _notifier(
    box: MailBox | None, allow: Allowance, *, server: SmtpServer | None = None, **more: Any
) -> EmailNotifier:
    if server is None:
        assert box is not None
        server = SmtpServer("127.0.0.1", box.port, "opportunistic")
    more.setdefault("mail_from", "marsad@alerts.example")
    return EmailNotifier(server, allow=allow, now=lambda: datetime.now(UTC), **more)


async def _failure(notifier: EmailNotifier, alert: Alert, target: ChannelTarget) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await notifier.notify(alert, target)
    return caught.value


@pytest.mark.parametrize(
    ("command", "answer", "permanent"),
    [
        ("MAIL", "451 4.3.0 later", False),
        ("MAIL", "550 5.7.1 not this sender", False),
        ("MAIL", "530 5.7.0 log in first", False),
        ("RCPT", "450 4.2.1 greylisted", False),
        ("RCPT", "452 4.2.2 mailbox full", False),
        ("RCPT", "550 5.1.1 no such user", True),
        ("DATA", "451 4.3.0 later", False),
        ("DATA", "421 4.3.2 shutting down", False),
        ("DATA", "554 5.6.0 spam", True),
        ("DATA", "drop", False),
        ("EHLO", "421 4.3.2 too busy", False),
        ("EHLO", "hang", False),
        ("RCPT", "hang", False),
        ("DATA", "hang", False),
    ],
)
async def test_what_may_pass_or_be_mended_is_tried_again_and_other_5xx_is_final(
    mailbox: MailBox,
    alert: Alert,
    email_target: ChannelTarget,
    loopback: Allowance,
    command: str,
    answer: str,
    permanent: bool,
) -> None:
    mailbox.answers[command] = answer
    began = time.monotonic()
    limit = 0.4 if answer == "hang" else 10.0
    failure = await _failure(_notifier(mailbox, loopback, time_limit=limit), alert, email_target)
    assert failure.permanent == permanent
    assert time.monotonic() - began < 8
    if answer[0].isdigit() and "log in" not in answer and command != "EHLO":
        assert answer in str(failure)


async def test_after_a_drop_at_the_end_of_data_the_repeat_has_the_same_message_id(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    notifier = _notifier(mailbox, loopback)
    mailbox.answers["DATA"] = "drop"
    assert not (await _failure(notifier, alert, email_target)).permanent
    del mailbox.answers["DATA"]
    await notifier.notify(alert, email_target)
    assert [m.message["Message-ID"] for m in mailbox.mails] == ["<msg_2f9c41@alerts.example>"] * 2


@pytest.mark.parametrize("answer", ["hang", "421 4.3.2 gone", "500 what?"])
async def test_an_accepted_mail_is_sent_however_the_server_parts(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance, answer: str
) -> None:
    mailbox.answers["QUIT"] = answer
    await _notifier(mailbox, loopback, time_limit=0.5).notify(alert, email_target)
    assert len(mailbox.mails) == 1


async def test_a_closed_port_is_tried_again(
    alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = SmtpServer("127.0.0.1", port, "opportunistic")
    failure = await _failure(_notifier(None, loopback, server=server), alert, email_target)
    assert "could not be reached" in str(failure)
    assert not failure.permanent


@pytest.mark.parametrize("greeting", [b"554 5.3.2 go away\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
async def test_a_server_that_is_not_ready_is_tried_again(
    alert: Alert, email_target: ChannelTarget, loopback: Allowance, greeting: bytes
) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        target = SmtpServer("127.0.0.1", port, "opportunistic")
        failure = await _failure(_notifier(None, loopback, server=target), alert, email_target)
    assert not failure.permanent


@pytest.mark.parametrize("address", ["nobody", "a@b@c", "قارئ@example.com"])
async def test_an_unusable_recipient_is_final_and_names_the_channel(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance, address: str
) -> None:
    target = replace(email_target, address=address)
    failure = await _failure(_notifier(mailbox, loopback), alert, target)
    assert failure.permanent
    assert email_target.name in str(failure)
    assert mailbox.connections == 0


async def test_an_unusable_sender_is_temporary_and_names_the_setting(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    failure = await _failure(_notifier(mailbox, loopback, mail_from="a@b@c"), alert, email_target)
    assert not failure.permanent
    assert "MARSAD_MAIL_FROM" in str(failure)


# ---------------------------------------------------------------- passwords


async def test_the_right_password_is_accepted(
    alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    with MailBox(password=("user", "كلمة سرّ")) as box:
        server = SmtpServer("127.0.0.1", box.port, "opportunistic", "user", "كلمة سرّ")
        await _notifier(None, loopback, server=server).notify(alert, email_target)
        assert len(box.mails) == 1


async def test_a_wrong_password_is_temporary_and_never_told(
    alert: Alert, email_target: ChannelTarget, loopback: Allowance, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with MailBox(password=("user", "right")) as box:
        server = SmtpServer("127.0.0.1", box.port, "opportunistic", "user", "CANARY")
        notifier = _notifier(None, loopback, server=server)
        failure = await _failure(notifier, alert, email_target)
        assert box.mails == []
    assert not failure.permanent
    assert "MARSAD_SMTP_URL" in str(failure)
    told = [repr(failure), repr(failure.__cause__), repr(server), repr(notifier), *vars(notifier)]
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("mail.")]
    assert "CANARY" not in "".join(told + ours)


async def test_no_password_where_one_is_needed_names_the_setting(
    alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    with MailBox(password=("user", "right")) as box:
        failure = await _failure(_notifier(box, loopback), alert, email_target)
    assert not failure.permanent
    assert "MARSAD_SMTP_URL" in str(failure)


# ---------------------------------------------------------------- encryption


async def _to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize("tls", ["implicit", "starttls", "opportunistic"])
async def test_encrypted_mail_arrives_when_the_certificate_holds(
    alert: Alert, email_target: ChannelTarget, loopback: Allowance, authority: Authority, tls: str
) -> None:
    with MailBox(tls=authority.server("mail.example"), implicit=tls == "implicit") as box:
        server = SmtpServer("mail.example", box.port, tls)
        notifier = _notifier(None, loopback, server=server, resolve=_to_loopback, tls=authority.trusted())
        await notifier.notify(alert, email_target)
        assert len(box.mails) == 1


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize("fault", ["expired", "self-signed", "wrong host", "unknown authority"])
async def test_certificates_that_do_not_hold_are_refused(
    alert: Alert, email_target: ChannelTarget, loopback: Allowance, authority: Authority, fault: str, tls: str
) -> None:
    context = authority.server(
        "other.example" if fault == "wrong host" else "mail.example",
        expired=fault == "expired",
        self_signed=fault == "self-signed",
    )
    trusted = None if fault == "unknown authority" else authority.trusted()
    with MailBox(tls=context, implicit=tls == "implicit") as box:
        server = SmtpServer("mail.example", box.port, tls)
        notifier = _notifier(None, loopback, server=server, resolve=_to_loopback, tls=trusted)
        failure = await _failure(notifier, alert, email_target)
        assert box.mails == []
    assert "certificate" in str(failure)
    assert not failure.permanent


async def test_starttls_is_required_when_asked_for(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    server = SmtpServer("127.0.0.1", mailbox.port, "starttls")
    failure = await _failure(_notifier(None, loopback, server=server), alert, email_target)
    assert not failure.permanent
    assert mailbox.mails == []


async def test_a_server_on_this_machine_may_have_signed_its_own_certificate(
    alert: Alert, email_target: ChannelTarget, loopback: Allowance, authority: Authority
) -> None:
    with MailBox(tls=authority.server("localhost", self_signed=True)) as box:
        await _notifier(box, loopback).notify(alert, email_target)
        assert len(box.mails) == 1


# ---------------------------------------------------------------- foreign exceptions

_SMTP_ERRORS: dict[type[Exception], Callable[[], Exception]] = {
    aiosmtplib.SMTPException: lambda: aiosmtplib.SMTPException("x"),
    aiosmtplib.SMTPServerDisconnected: lambda: aiosmtplib.SMTPServerDisconnected("x"),
    aiosmtplib.SMTPConnectError: lambda: aiosmtplib.SMTPConnectError("x"),
    aiosmtplib.SMTPTimeoutError: lambda: aiosmtplib.SMTPTimeoutError("x"),
    aiosmtplib.SMTPConnectTimeoutError: lambda: aiosmtplib.SMTPConnectTimeoutError("x"),
    aiosmtplib.SMTPReadTimeoutError: lambda: aiosmtplib.SMTPReadTimeoutError("x"),
    aiosmtplib.SMTPNotSupported: lambda: aiosmtplib.SMTPNotSupported("x"),
    aiosmtplib.SMTPResponseException: lambda: aiosmtplib.SMTPResponseException(554, "x"),
    aiosmtplib.SMTPConnectResponseError: lambda: aiosmtplib.SMTPConnectResponseError(554, "x"),
    aiosmtplib.SMTPHeloError: lambda: aiosmtplib.SMTPHeloError(550, "x"),
    aiosmtplib.SMTPDataError: lambda: aiosmtplib.SMTPDataError(450, "x"),
    aiosmtplib.SMTPAuthenticationError: lambda: aiosmtplib.SMTPAuthenticationError(535, "x"),
    aiosmtplib.SMTPSenderRefused: lambda: aiosmtplib.SMTPSenderRefused(450, "x", "y"),
    aiosmtplib.SMTPRecipientRefused: lambda: aiosmtplib.SMTPRecipientRefused(450, "x", "y"),
    aiosmtplib.SMTPRecipientsRefused: lambda: aiosmtplib.SMTPRecipientsRefused(
        [aiosmtplib.SMTPRecipientRefused(450, "x", "y")]
    ),
    ssl.SSLError: lambda: ssl.SSLError("x"),
    OSError: lambda: OSError("x"),
    TimeoutError: lambda: TimeoutError("x"),
    UnicodeError: lambda: UnicodeError("x"),
}


@pytest.mark.parametrize("kind", _SMTP_ERRORS, ids=lambda kind: kind.__name__)
async def test_every_foreign_error_becomes_a_transport_error(
    alert: Alert, email_target: ChannelTarget, loopback: Allowance, kind: type[Exception]
) -> None:
    async def fail(address: IPAddress, port: int) -> socket.socket:
        raise _SMTP_ERRORS[kind]()

    server = SmtpServer("127.0.0.1", 25, "opportunistic")
    failure = await _failure(_notifier(None, loopback, server=server, connect=fail), alert, email_target)
    assert not failure.permanent
    assert isinstance(failure.__cause__, kind)


def test_no_error_of_aiosmtplib_is_missing_from_that_list() -> None:
    kinds = {
        kind for kind in vars(aiosmtplib).values() if isinstance(kind, type) and issubclass(kind, Exception)
    }
    assert kinds <= set(_SMTP_ERRORS)
