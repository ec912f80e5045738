"""What receivers got: a webhook receiver that checks every signature, and a mail box, in one ledger."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from notifiers.signing import new_secret
from tests.servers import Mail

SLOWEST_ANSWER = 0.2
"""Seconds: receivers take their time, so that faults meet alerts that are on their way."""


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as its receiver took it."""

    id: str
    channel: str
    title: str
    terms: frozenset[str]
    content: bytes
    at: float
    """By time.monotonic()."""


class AlertReceiver:
    """Takes signed alerts at `/<channel>` on 127.0.0.1, checks them, and remembers them; a context manager."""

    def __init__(self, *, slowest: float = SLOWEST_ANSWER, seed: int = 0) -> None:
        self.told: list[Told] = []
        self.refused: list[str] = []
        self.secrets: dict[str, str] = {}
        self._slowest = slowest
        self._rng = random.Random(seed)
        self._server = _Server(("127.0.0.1", 0), self._handler())

    def url(self, channel: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/{channel}"

    def new_secret(self, channel: str) -> str:
        """Make the secret that a channel's alerts are to be signed with."""
        self.secrets[channel] = new_secret()
        return self.secrets[channel]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, channel: str, headers: dict[str, str], body: bytes) -> int:
        """Remember an alert; returns the status to answer."""
        try:
            Webhook(self.secrets[channel]).verify(body, headers)
        except (KeyError, WebhookVerificationError) as exc:
            self.refused.append(f"{channel}: {exc!r}")
            return 401
        content = json.loads(body)["data"]
        self.told.append(
            Told(
                id=headers["webhook-id"],
                channel=channel,
                title=content["article"]["title"],
                terms=frozenset(match["term"] for match in content["matches"]),
                content=body,
                at=time.monotonic(),
            )
        )
        return 204

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    return  # the sender was killed in the middle: no receiver takes this
                time.sleep(receiver._rng.uniform(0, receiver._slowest))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(receiver._take(self.path.lstrip("/"), headers, body))
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Senders that are killed break off: that is what is tested."""


def read_mails(mails: Iterable[Mail], channel: str, titles: Iterable[str]) -> list[Told]:
    """Read mails as alerts; `titles` are all that may occur. The time of each is not known."""
    by_number = {_number(title): title for title in titles}
    told = []
    for mail in mails:
        plain = mail.part("plain")
        title = by_number[_number(plain)]
        assert title in plain
        told.append(
            Told(
                id=mail.message["Message-ID"].strip("<>").partition("@")[0],
                channel=channel,
                title=title,
                terms=frozenset(_NAMED_TERM.findall(plain)),
                content=plain.encode(),
                at=0.0,
            )
        )
    return told


_NAMED_TERM = re.compile("^- [\u2066-\u2069]*(.+?)[\u2066-\u2069]* \\(«", re.MULTILINE)
"""How a mail names each match: a line of its own, the term isolated."""


def _number(text: str) -> str:
    """The number in brackets by which every title is known."""
    return text.partition("(")[2].partition(")")[0]


@dataclass(frozen=True, slots=True)
class Balance:
    """The ledger at the end: what was promised, beside what came."""

    wanted: int
    """Triples (article, channel, term) to be told."""
    lost: tuple[str, ...]
    not_wanted: tuple[str, ...]
    doubled: tuple[str, ...]
    """Told under two ids: a receiver that drops repeated ids would show these twice."""
    changed: tuple[str, ...]
    """Repeated under one id with another content."""
    alerts: int
    """Different ids."""
    repeats: int
    """Times that an id came again."""

    @property
    def faults(self) -> list[str]:
        """A sentence for each promise that was broken."""
        broken = {
            "lost": self.lost,
            "told without a cause": self.not_wanted,
            "told under two ids": self.doubled,
            "repeated with another content": self.changed,
        }
        return [f"{len(which)} {what}: {', '.join(which[:5])}" for what, which in broken.items() if which]


def balance(wanted: Mapping[str, frozenset[str]], channels: Iterable[str], told: Iterable[Told]) -> Balance:
    """Draw up the balance; `wanted` holds each article's title and the terms to be told of it."""
    told = list(told)
    promised = {(title, channel, term) for title, ts in wanted.items() for term in ts for channel in channels}
    ids: dict[tuple[str, str, str], set[str]] = {}
    contents: dict[str, set[bytes]] = {}
    for each in told:
        contents.setdefault(each.id, set()).add(each.content)
        for term in each.terms:
            ids.setdefault((each.title, each.channel, term), set()).add(each.id)
    return Balance(
        wanted=len(promised),
        lost=_named(promised - ids.keys()),
        not_wanted=_named(ids.keys() - promised),
        doubled=_named(triple for triple, which in ids.items() if len(which) > 1),
        changed=tuple(sorted(identity for identity, which in contents.items() if len(which) > 1)),
        alerts=len(contents),
        repeats=sum(times - 1 for times in Counter(each.id for each in told).values()),
    )


def _named(triples: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    return tuple(sorted(f"{term} in {title} to {channel}" for title, channel, term in triples))
