"""The demo's webhook receiver believes what is signed, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from demo.receiver import Receiver, find_fault
from marsad.addresses import parse_allowance
from marsad.errors import TransportError
from marsad.types import ChannelKind, ChannelTarget
from notifiers.signing import new_secret
from notifiers.webhook import WebhookNotifier
from tests.demo.test_mailbox import ALERT, NOW

SECRET = new_secret()

# The vector of Standard Webhooks' own libraries.
VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR_TIME = datetime.fromtimestamp(1614265330, UTC)
VECTOR_BODY = b'{"test": 2432232314}'
VECTOR = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(SECRET, now=lambda: NOW) as running:
        yield running


async def post(receiver: Receiver, secret: str = SECRET, at: datetime = NOW) -> None:
    allow = parse_allowance("127.0.0.0/8", setting="MARSAD_DELIVER_ALLOW")
    target = ChannelTarget(1, ChannelKind.WEBHOOK, "hook", receiver.url, secret)
    await WebhookNotifier(allow=allow, now=lambda: at).notify(ALERT, target)


async def test_an_alert_is_kept_with_what_it_says(receiver: Receiver) -> None:
    await post(receiver)
    (hook,) = receiver.newest()
    assert (hook.number, hook.received, hook.id, hook.fault) == (1, NOW, "msg_1", None)
    assert hook.title == ALERT.title
    assert hook.terms == ("Nvidia",)
    assert '"spelling": "إنفيديا"' in hook.body
    assert (receiver.arrived, receiver.accepted) == (1, 1)


async def test_an_id_that_comes_again_is_known(receiver: Receiver) -> None:
    await post(receiver)
    await post(receiver)
    assert [hook.repeated for hook in receiver.newest()] == [True, False]


async def test_another_secret_is_refused_and_said(receiver: Receiver) -> None:
    with pytest.raises(TransportError, match="401"):
        await post(receiver, secret=new_secret())
    (hook,) = receiver.newest()
    assert hook.fault == "the signature does not fit"
    assert (receiver.arrived, receiver.accepted) == (1, 0)


async def test_an_old_request_is_refused(receiver: Receiver) -> None:
    with pytest.raises(TransportError, match="401"):
        await post(receiver, at=NOW - timedelta(minutes=6))


async def test_what_is_no_alert_is_kept_too(receiver: Receiver) -> None:
    async with httpx.AsyncClient() as client:
        for body in (b"", b"[1]", b'{"data": [], "x": 1}', b'{"data": {"matches": [3, {"term": null}]}}'):
            assert (await client.post(receiver.url, content=body)).status_code == 401
        assert (await client.get(receiver.url)).status_code == 404
    assert all(hook.terms == () and hook.title == "" for hook in receiver.newest())


def test_the_published_vector_holds() -> None:
    assert find_fault(VECTOR_SECRET, VECTOR, VECTOR_BODY, now=VECTOR_TIME) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", ""),
        ("webhook-id", "a.b"),
        ("webhook-id", "msg_another"),
        ("webhook-timestamp", "1614265331"),
        ("webhook-timestamp", "soon"),
        ("webhook-timestamp", "٣"),
        ("webhook-timestamp", "9" * 40),
        ("webhook-signature", ""),
        ("webhook-signature", "v1,é"),
        ("webhook-signature", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ],
)
def test_whatever_is_changed_breaks_it(name: str, value: str) -> None:
    assert find_fault(VECTOR_SECRET, VECTOR | {name: value}, VECTOR_BODY, now=VECTOR_TIME) is not None


def test_one_of_several_signatures_is_enough() -> None:
    several = VECTOR | {"webhook-signature": f"v1,AAAA {VECTOR['webhook-signature']}"}
    assert find_fault(VECTOR_SECRET, several, VECTOR_BODY, now=VECTOR_TIME) is None
