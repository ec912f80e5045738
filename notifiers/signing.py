"""Signatures of webhooks, as Standard Webhooks 1.0 has them: HMAC-SHA256 over `id.timestamp.body`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from marsad.errors import TransportError

_PREFIX = "whsec_"


def new_secret() -> str:
    """Return a fresh secret: `whsec_` and 32 random bytes in base64; one for each endpoint."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def sign(secret: str | None, msg_id: str, timestamp: int, body: bytes) -> str:
    """Return the `webhook-signature` of a body: `v1,` and base64.

    `timestamp` is in Unix seconds; `msg_id` has no dot, because dots separate what is signed.
    Raises TransportError (permanent, the secret not in it) when the secret cannot be used.
    """
    if "." in msg_id:
        raise ValueError("a webhook id may not contain a dot")
    signed = b"%s.%d.%s" % (msg_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode("ascii")


def _key(secret: str | None) -> bytes:
    encoded = (secret or "").removeprefix(_PREFIX)
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        # Outside the handler: a chained cause could quote the secret.
        raise TransportError(
            "The webhook's secret is not usable: it must be whsec_ and 24 to 64 bytes in base64; "
            "add the channel again to get a new one.",
            permanent=True,
        )
    return key
