"""Webhooks and mail pass the guard before any socket is opened, and connect to what it checked."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address

import httpx
import pytest

from marsad.addresses import Allowance, IPAddress, Resolver, parse_allowance
from marsad.config import SmtpServer
from marsad.errors import TransportError
from marsad.types import Alert, ChannelKind, ChannelTarget
from notifiers.email import EmailNotifier
from notifiers.signing import new_secret
from notifiers.smtp import open_socket
from notifiers.webhook import WebhookNotifier
from tests.addresses.test_refused_addresses import SPECIAL
from tests.addresses.test_web_addresses import TRICKS
from tests.servers import MailBox, RecordingReceiver

NOTHING = Allowance()


def _now() -> datetime:
    return datetime.now(UTC)


def _resolver(*answers: Sequence[str]) -> Resolver:
    """Give these answers one after the other; the last one stays."""
    left = list(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


@dataclass(slots=True)
class Recorder:
    """Connectors that note where they should have connected to, and never dial."""

    dialled: list[str] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    dead: frozenset[str] = frozenset()

    def transport(self) -> httpx.AsyncBaseTransport:
        def note(request: httpx.Request) -> httpx.Response:
            self.dialled.append(request.url.host)
            self.requests.append(request)
            if request.url.host in self.dead:
                raise httpx.ConnectError("refused")
            return httpx.Response(204)

        return httpx.MockTransport(note)

    async def connect(self, address: IPAddress, port: int) -> socket.socket:
        self.dialled.append(str(address))
        raise ConnectionRefusedError


def _hook(url: str) -> ChannelTarget:
    return ChannelTarget(1, ChannelKind.WEBHOOK, "h", url, new_secret())


async def _webhook(
    alert: Alert, recorder: Recorder, resolve: Resolver, url: str, allow: Allowance = NOTHING
) -> None:
    notifier = WebhookNotifier(allow=allow, now=_now, resolve=resolve, transport=recorder.transport)
    await notifier.notify(alert, _hook(url))


async def _mail(
    alert: Alert, target: ChannelTarget, recorder: Recorder, resolve: Resolver, allow: Allowance = NOTHING
) -> None:
    server = SmtpServer("mail.example", 587, "opportunistic")
    notifier = EmailNotifier(
        server, mail_from=None, allow=allow, now=_now, resolve=resolve, connect=recorder.connect
    )
    await notifier.notify(alert, target)


@pytest.mark.parametrize("address", SPECIAL)
async def test_special_addresses_get_no_connection(
    alert: Alert, email_target: ChannelTarget, address: str
) -> None:
    recorder = Recorder()
    with pytest.raises(TransportError, match="MARSAD_DELIVER_ALLOW") as caught:
        await _webhook(alert, recorder, _resolver([address]), "https://hooks.example/x")
    assert not caught.value.permanent
    with pytest.raises(TransportError, match="MARSAD_DELIVER_ALLOW") as caught:
        await _mail(alert, email_target, recorder, _resolver([address]))
    assert not caught.value.permanent
    assert recorder.dialled == []


@pytest.mark.parametrize("url", [*TRICKS, "file:///etc/passwd", "gopher://h.example/", ""])
async def test_addresses_that_cannot_be_parsed_fail_for_good(alert: Alert, url: str) -> None:
    recorder = Recorder()
    with pytest.raises(TransportError, match="not a usable") as caught:
        await _webhook(alert, recorder, _resolver(["1.1.1.1"]), url)
    assert caught.value.permanent
    assert recorder.dialled == []


async def test_a_resolver_that_flips_gains_nothing(alert: Alert) -> None:
    recorder = Recorder()
    for _ in range(200):
        resolve = _resolver(["1.1.1.1"], ["127.0.0.1"])
        await _webhook(alert, recorder, resolve, "https://hooks.example/x")
    assert recorder.dialled == ["1.1.1.1"] * 200
    assert {r.headers["host"] for r in recorder.requests} == {"hooks.example"}
    assert {r.extensions["sni_hostname"] for r in recorder.requests} == {"hooks.example"}


async def test_mail_connects_to_the_address_that_was_checked(
    alert: Alert, email_target: ChannelTarget
) -> None:
    recorder = Recorder()
    for _ in range(20):
        with pytest.raises(TransportError, match="could not be reached"):
            await _mail(alert, email_target, recorder, _resolver(["1.1.1.1"], ["127.0.0.1"]))
    assert recorder.dialled == ["1.1.1.1"] * 20


async def test_the_next_checked_address_is_tried(alert: Alert, email_target: ChannelTarget) -> None:
    recorder = Recorder(dead=frozenset({"1.1.1.1", "2606:4700::1111"}))
    resolve = _resolver(["1.1.1.1", "2606:4700::1111", "8.8.8.8"])
    await _webhook(alert, recorder, resolve, "https://hooks.example/x")
    assert recorder.dialled == ["1.1.1.1", "2606:4700::1111", "8.8.8.8"]
    recorder.dialled.clear()
    with pytest.raises(TransportError):
        await _mail(alert, email_target, recorder, _resolver(["1.1.1.1", "8.8.8.8"]))
    assert recorder.dialled == ["1.1.1.1", "8.8.8.8"]


async def test_a_request_that_was_sent_is_not_sent_to_the_next_address(alert: Alert) -> None:
    dialled = []

    def lose(request: httpx.Request) -> httpx.Response:
        dialled.append(request.url.host)
        raise httpx.ReadError("lost")

    notifier = WebhookNotifier(
        allow=NOTHING,
        now=_now,
        resolve=_resolver(["1.1.1.1", "8.8.8.8"]),
        transport=lambda: httpx.MockTransport(lose),
    )
    with pytest.raises(TransportError):
        await notifier.notify(alert, _hook("https://hooks.example/"))
    assert dialled == ["1.1.1.1"]


async def test_unusual_ports_are_refused_for_webhooks(alert: Alert) -> None:
    recorder = Recorder()
    for port in (21, 22, 25, 110, 143, 3306, 5432, 6379, 9200, 11211):
        with pytest.raises(TransportError, match="MARSAD_DELIVER_ALLOW"):
            await _webhook(alert, recorder, _resolver(["1.1.1.1"]), f"http://hooks.example:{port}/")
    assert recorder.dialled == []
    own = parse_allowance("1.1.1.1", setting="MARSAD_DELIVER_ALLOW")
    await _webhook(alert, recorder, _resolver(["1.1.1.1"]), "http://hooks.example:6379/", own)
    assert recorder.dialled == ["1.1.1.1"]


async def test_an_ipv6_address_keeps_its_brackets(alert: Alert) -> None:
    recorder = Recorder()
    await _webhook(alert, recorder, _resolver(["2606:4700::1111"]), "https://[2606:4700::1111]:8443/x")
    (request,) = recorder.requests
    assert request.headers["host"] == "[2606:4700::1111]:8443"
    assert request.url.host == "2606:4700::1111"


async def test_unknown_names_are_tried_again(alert: Alert, email_target: ChannelTarget) -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    recorder = Recorder()
    for attempt in (
        _webhook(alert, recorder, unknown, "https://hooks.example/"),
        _mail(alert, email_target, recorder, unknown),
    ):
        with pytest.raises(TransportError, match="could not be reached") as caught:
            await attempt
        assert not caught.value.permanent


async def test_the_environments_proxies_are_not_used(
    alert: Alert,
    loopback: Allowance,
    receiver: RecordingReceiver,
    webhook_target: ChannelTarget,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with RecordingReceiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        await WebhookNotifier(allow=loopback, now=_now).notify(alert, webhook_target)
        assert proxy.requests == []
    assert len(receiver.requests) == 1


async def test_a_public_server_without_encryption_never_sees_the_password(
    alert: Alert, email_target: ChannelTarget, mailbox: MailBox
) -> None:
    async def to_the_mailbox(address: IPAddress, port: int) -> socket.socket:
        return await _loopback(mailbox.port)

    server = SmtpServer("mail.example", 587, "opportunistic", "user", "CANARY")
    notifier = EmailNotifier(
        server,
        mail_from=None,
        allow=NOTHING,
        now=_now,
        resolve=_resolver(["1.1.1.1"]),
        connect=to_the_mailbox,
    )
    with pytest.raises(TransportError, match="password was not sent") as caught:
        await notifier.notify(alert, email_target)
    assert not caught.value.permanent
    assert mailbox.mails == []


async def _loopback(port: int) -> socket.socket:
    return await open_socket(ip_address("127.0.0.1"), port)
