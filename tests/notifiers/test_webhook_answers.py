"""Only a 2xx answer is success; everything else says whether, and when, to try again."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from marsad.addresses import Allowance
from marsad.errors import TransportError
from marsad.retry_after import parse_retry_after
from marsad.types import Alert, ChannelKind, ChannelTarget
from notifiers.signing import new_secret
from notifiers.webhook import MAX_RETRY_AFTER, WebhookNotifier
from tests.notifiers.conftest import Authority
from tests.servers import RecordingReceiver, Reply

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def _notifier(allow: Allowance, **more: object) -> WebhookNotifier:
    return WebhookNotifier(allow=allow, now=lambda: NOW, **more)  # type: ignore[arg-type]


async def _failure(notifier: WebhookNotifier, alert: Alert, target: ChannelTarget) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await notifier.notify(alert, target)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_2xx_is_success(
    receiver: RecordingReceiver,
    webhook_target: ChannelTarget,
    alert: Alert,
    loopback: Allowance,
    status: int,
) -> None:
    receiver.answer(Reply(status))
    receipt = await _notifier(loopback).notify(alert, webhook_target)
    assert receipt.detail == f"HTTP {status}"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 413, 422, 429, 500, 502, 503, 504])
async def test_other_answers_are_tried_again(
    receiver: RecordingReceiver,
    webhook_target: ChannelTarget,
    alert: Alert,
    loopback: Allowance,
    status: int,
) -> None:
    receiver.answer(Reply(status))
    failure = await _failure(_notifier(loopback), alert, webhook_target)
    assert (failure.permanent, failure.gone, failure.retry_after) == (False, False, None)
    assert f"HTTP {status}" in str(failure)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_failures_and_not_followed(
    receiver: RecordingReceiver,
    webhook_target: ChannelTarget,
    alert: Alert,
    loopback: Allowance,
    status: int,
) -> None:
    receiver.answer(Reply(status, (("Location", receiver.url + "/other"),)))
    failure = await _failure(_notifier(loopback), alert, webhook_target)
    assert not failure.permanent
    assert [request.path for request in receiver.requests] == ["/hook"]


async def test_410_asks_for_no_more(
    receiver: RecordingReceiver, webhook_target: ChannelTarget, alert: Alert, loopback: Allowance
) -> None:
    receiver.answer(Reply(410))
    failure = await _failure(_notifier(loopback), alert, webhook_target)
    assert (failure.permanent, failure.gone) == (True, True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "seconds"), [("120", 120.0), (format_datetime(NOW + timedelta(minutes=7), usegmt=True), 420.0)]
)
async def test_retry_after_is_passed_on(
    receiver: RecordingReceiver,
    webhook_target: ChannelTarget,
    alert: Alert,
    loopback: Allowance,
    status: int,
    header: str,
    seconds: float,
) -> None:
    receiver.answer(Reply(status, (("Retry-After", header),)))
    failure = await _failure(_notifier(loopback), alert, webhook_target)
    assert failure.retry_after == seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("١٢", None),
        ("0", 0.0),
        ("9" * 400, MAX_RETRY_AFTER),
        ("Sun, 22 Nov 2026 08:00:00 GMT", 0.0),
        ("Sunday, 22-Nov-26 09:00:10 GMT", 10.0),
        ("Sun Nov 22 09:00:10 2026", 10.0),
        ("Sun, 22 Nov 2099 08:00:00 GMT", MAX_RETRY_AFTER),
        ("Sun, 99 Nov 2026 08:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_every_form(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, now=NOW, longest=MAX_RETRY_AFTER) == seconds


async def test_a_receiver_that_hangs_is_left_at_the_time_limit(
    receiver: RecordingReceiver, webhook_target: ChannelTarget, alert: Alert, loopback: Allowance
) -> None:
    receiver.answer(Reply(hang=True))
    began = time.monotonic()
    failure = await _failure(_notifier(loopback, time_limit=0.3), alert, webhook_target)
    assert not failure.permanent
    assert time.monotonic() - began < 5


async def test_a_resolver_that_hangs_is_left_at_the_time_limit(
    webhook_target: ChannelTarget, alert: Alert, loopback: Allowance
) -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    failure = await _failure(_notifier(loopback, resolve=never, time_limit=0.2), alert, webhook_target)
    assert not failure.permanent


async def test_a_broken_connection_is_tried_again(
    receiver: RecordingReceiver, webhook_target: ChannelTarget, alert: Alert, loopback: Allowance
) -> None:
    receiver.answer(Reply(reset=True))
    failure = await _failure(_notifier(loopback), alert, webhook_target)
    assert not failure.permanent
    assert "broke off" in str(failure)


async def test_a_closed_port_is_tried_again(alert: Alert, loopback: Allowance) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    target = ChannelTarget(3, ChannelKind.WEBHOOK, "h", f"http://127.0.0.1:{port}/", new_secret())
    failure = await _failure(_notifier(loopback), alert, target)
    assert not failure.permanent
    assert "could not be reached" in str(failure)


async def test_a_huge_answer_is_not_read(
    receiver: RecordingReceiver, webhook_target: ChannelTarget, alert: Alert, loopback: Allowance
) -> None:
    receiver.answer(Reply(200, (("Content-Length", str(10**12)),), body=b"x" * 50_000_000))
    began = time.monotonic()
    await _notifier(loopback).notify(alert, webhook_target)
    assert time.monotonic() - began < 5


async def test_something_that_is_not_http_is_tried_again(alert: Alert, loopback: Allowance) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        target = ChannelTarget(3, ChannelKind.WEBHOOK, "h", f"http://127.0.0.1:{port}/", new_secret())
        failure = await _failure(_notifier(loopback), alert, target)
    assert not failure.permanent


async def test_the_secret_and_a_token_in_the_address_are_never_told(
    receiver: RecordingReceiver, alert: Alert, loopback: Allowance, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = new_secret()
    told = []
    for url in (f"{receiver.url}?token=CANARY", f"{receiver.url}/CANARY\\x", "http://127.0.0.1:1/CANARY"):
        target = ChannelTarget(3, ChannelKind.WEBHOOK, "h", url, secret)
        receiver.answer(Reply(500))
        failure = await _failure(_notifier(loopback), alert, target)
        told.append("".join(traceback.format_exception(failure)) + repr(failure))
    told.extend(record.getMessage() for record in caplog.records)
    assert "CANARY" not in "".join(told)
    assert secret not in "".join(told) + repr(target)


# ---------------------------------------------------------------- certificates


async def _to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize("fault", ["expired", "self-signed", "wrong host", "unknown authority"])
async def test_certificates_that_do_not_hold_are_refused(
    alert: Alert, loopback: Allowance, authority: Authority, fault: str
) -> None:
    server = authority.server(
        "other.example" if fault == "wrong host" else "hooks.example",
        expired=fault == "expired",
        self_signed=fault == "self-signed",
    )
    trusted = None if fault == "unknown authority" else authority.trusted()
    with RecordingReceiver(tls=server) as receiver:
        url = f"https://hooks.example:{receiver.port}/hook"
        target = ChannelTarget(3, ChannelKind.WEBHOOK, "h", url, new_secret())
        notifier = _notifier(loopback, resolve=_to_loopback, tls=trusted)
        failure = await _failure(notifier, alert, target)
        assert receiver.requests == []
    assert "certificate" in str(failure)
    assert not failure.permanent


async def test_the_name_is_verified_although_the_checked_address_is_connected(
    alert: Alert, loopback: Allowance, authority: Authority
) -> None:
    asked: list[str | None] = []
    server = authority.server("hooks.example")

    def note(connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        asked.append(name)

    server.sni_callback = note
    with RecordingReceiver(tls=server) as receiver:
        url = f"https://hooks.example:{receiver.port}/hook?a=%2F&b=خ#part"
        target = ChannelTarget(3, ChannelKind.WEBHOOK, "h", url, new_secret())
        await _notifier(loopback, resolve=_to_loopback, tls=authority.trusted()).notify(alert, target)
        (request,) = receiver.requests
    assert asked == ["hooks.example"]
    assert request.headers["host"] == f"hooks.example:{receiver.port}"
    assert request.path == "/hook?a=%2F&b=%D8%AE"


# ---------------------------------------------------------------- foreign exceptions


def _raising(make: Callable[[], Exception]) -> Callable[[], httpx.AsyncBaseTransport]:
    def fail(request: httpx.Request) -> httpx.Response:
        raise make()

    return lambda: httpx.MockTransport(fail)


_HTTPX_ERRORS = [
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ReadError,
    httpx.ReadTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.CloseError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.LocalProtocolError,
    httpx.RemoteProtocolError,
    httpx.UnsupportedProtocol,
    httpx.DecodingError,
    httpx.TooManyRedirects,
    httpx.InvalidURL,
]


@pytest.mark.parametrize(
    "make",
    [
        *(lambda error=error: error("CANARY") for error in _HTTPX_ERRORS),
        lambda: ssl.SSLError("CANARY"),
        lambda: ssl.SSLCertVerificationError("CANARY"),
        lambda: OSError("CANARY"),
        lambda: ConnectionResetError("CANARY"),
        lambda: TimeoutError("CANARY"),
        lambda: socket.gaierror(-2, "CANARY"),
    ],
)
async def test_every_foreign_error_becomes_a_transport_error(
    webhook_target: ChannelTarget, alert: Alert, loopback: Allowance, make: Callable[[], Exception]
) -> None:
    failure = await _failure(_notifier(loopback, transport=_raising(make)), alert, webhook_target)
    assert not failure.permanent
    assert failure.__cause__ is not None
    assert "CANARY" not in str(failure)


def test_no_error_of_httpx_is_missing_from_that_list() -> None:
    leaves = {
        kind
        for kind in vars(httpx).values()
        if isinstance(kind, type) and issubclass(kind, httpx.TransportError) and not kind.__subclasses__()
    }
    assert leaves <= set(_HTTPX_ERRORS)
