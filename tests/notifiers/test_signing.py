"""Signatures are those of Standard Webhooks, and secrets stay secret."""

from __future__ import annotations

import base64

import pytest

from marsad.errors import TransportError
from notifiers.signing import new_secret, sign


def test_the_published_vector_is_reproduced() -> None:
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_new_secret_is_32_bytes_and_never_the_same() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(base64.b64decode(s.removeprefix("whsec_"))) == 32 for s in secrets)


@pytest.mark.parametrize(
    "secret",
    [
        None,
        "",
        "whsec_",
        "whsec_CANARY!not base64",
        "whsec_Q0FOQVJZ",
        "whsec_" + "CANARY" * 40,
        "whsec_كناري",
    ],
)
def test_an_unusable_secret_is_named_but_not_shown(secret: str | None) -> None:
    with pytest.raises(TransportError, match="secret is not usable") as caught:
        sign(secret, "msg_1", 1, b"{}")
    assert caught.value.permanent
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "CANARY" not in str(caught.value)
    assert "Q0FOQVJZ" not in str(caught.value)


def test_an_id_with_a_dot_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="dot"):
        sign(new_secret(), "msg.1", 1, b"{}")
