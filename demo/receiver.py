"""A webhook receiver on loopback, as Standard Webhooks 1.0 asks: it checks the signature, then keeps the alert."""

from __future__ import annotations

import hmac
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from types import TracebackType
from typing import Any, Self

from demo.loopback import HOST, NOT_FOUND, Answer, Asked, LoopbackServer
from notifiers.signing import sign

KEPT = 200
PATH = "/hook"
TOLERANCE = timedelta(minutes=5)
"""How far a timestamp may be from now: an old one may be a recorded request, sent again."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A request as it arrived; `fault` says why it was refused and is None when the signature holds."""

    number: int
    received: datetime
    id: str
    timestamp: str
    signature: str
    fault: str | None
    repeated: bool
    """The id came before: a receiver acts on it once."""
    payload: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The headline that the alert is about; empty in a payload of another shape."""
        article = _object(_object(self.payload.get("data")).get("article"))
        return str(article.get("title") or "")

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms that the alert names, each once."""
        matches = _object(self.payload.get("data")).get("matches")
        named = (
            [str(_object(each).get("term") or "") for each in matches] if isinstance(matches, list) else []
        )
        return tuple(dict.fromkeys(filter(None, named)))

    @property
    def body(self) -> str:
        """The JSON, broken into lines."""
        return json.dumps(self.payload, ensure_ascii=False, indent=2)


class Receiver:
    """Takes webhooks while it is entered and keeps the newest; 204 to what is signed, 401 to what is not."""

    def __init__(self, secret: str, *, now: Callable[[], datetime], kept: int = KEPT) -> None:
        self._secret = secret
        self._now = now
        self._hooks: deque[Hook] = deque(maxlen=kept)
        self._seen: set[str] = set()
        self._arrived = 0
        self._accepted = 0
        self._lock = Lock()
        self._server = LoopbackServer(self._answer)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._server.port}{PATH}"

    @property
    def arrived(self) -> int:
        """How many requests came, also those that are kept no more."""
        return self._arrived

    @property
    def accepted(self) -> int:
        """How many of them carried a good signature."""
        return self._accepted

    def newest(self) -> list[Hook]:
        """Return the kept requests, newest first."""
        return sorted(self._hooks.copy(), key=lambda hook: hook.number, reverse=True)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, exc, trace)

    def _answer(self, asked: Asked) -> Answer:
        if asked.method != "POST" or asked.path != PATH:
            return NOT_FOUND
        now = self._now()
        fault = find_fault(self._secret, asked.headers, asked.body, now=now)
        name = asked.headers.get("webhook-id", "")
        with self._lock:
            self._arrived += 1
            self._accepted += fault is None
            self._hooks.append(
                Hook(
                    number=self._arrived,
                    received=now,
                    id=name,
                    timestamp=asked.headers.get("webhook-timestamp", ""),
                    signature=asked.headers.get("webhook-signature", ""),
                    fault=fault,
                    repeated=name in self._seen,
                    payload=_payload(asked.body),
                )
            )
            if fault is None:
                self._seen.add(name)
        return Answer(204) if fault is None else Answer(401, content=fault.encode())


def find_fault(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> str | None:
    """Return why a request cannot be believed, or None when it can (Standard Webhooks 1.0)."""
    name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not name or "." in name or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        return "the id or the timestamp is missing or malformed"
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        return "the timestamp is too far from now"
    wanted = sign(secret, name, int(stamp), body)
    # One of several, while a secret is being changed.
    given = headers.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(each.encode(), wanted.encode()) for each in given):
        return "the signature does not fit"
    return None


def _payload(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return _object(found)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
