"""Webhooks: one signed POST of JSON for each alert (Standard Webhooks 1.0)."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from marsad import __version__
from marsad.addresses import Allowance, Resolver, system_resolver
from marsad.errors import TransportError
from marsad.retry_after import parse_retry_after
from marsad.types import Alert, ChannelTarget, MatchNotice, Receipt
from notifiers.http import Answer, GuardedClient, TransportFactory
from notifiers.signing import sign
from notifiers.text import clean, clip

MAX_BODY = 20_000
"""Bytes that a body stays under (Standard Webhooks)."""
MAX_RETRY_AFTER = 86_400.0
"""Seconds: a receiver's wish is honoured up to a day, the longest step of the schedule."""


class WebhookNotifier:
    """Posts alerts; only a 2xx answer is success.

    410 asks for no more: permanent and gone. Every other answer, time-out or fault is temporary, because
    the schedule of Standard Webhooks retries them all; redirects are not followed. An address that the
    guard refuses stays temporary too: the delivery is held while the operator reads which setting allows it.
    """

    def __init__(
        self,
        *,
        allow: Allowance,
        now: Callable[[], datetime],
        resolve: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
        transport: TransportFactory | None = None,
        time_limit: float = 15.0,
    ) -> None:
        self._http = GuardedClient(
            allow=allow, resolve=resolve, tls=tls, transport=transport, time_limit=time_limit
        )
        self._now = now

    async def notify(self, alert: Alert, target: ChannelTarget) -> Receipt:
        """Post the alert; the id stays the same on every attempt, the timestamp is the attempt's own."""
        body = build_body(alert)
        timestamp = int(self._now().timestamp())
        headers = {
            "webhook-id": alert.delivery_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(target.secret, alert.delivery_id, timestamp, body),
            "content-type": "application/json; charset=utf-8",
            "user-agent": f"marsad/{__version__}",
            "accept": "*/*",
        }
        answer = await self._http.post(target.address, content=body, headers=headers)
        if 200 <= answer.status < 300:
            return Receipt(f"HTTP {answer.status}")
        raise self._failure(answer)

    def _failure(self, answer: Answer) -> TransportError:
        status = answer.status
        if status == 410:
            return TransportError("The receiver wants no more alerts (HTTP 410).", permanent=True, gone=True)
        retry_after = parse_retry_after(answer.retry_after, now=self._now(), longest=MAX_RETRY_AFTER)
        if 300 <= status < 400:
            return TransportError(
                f"The receiver redirects elsewhere (HTTP {status}); give the channel its final address.",
                retry_after=retry_after,
            )
        return TransportError(
            f"The receiver did not accept the alert (HTTP {status}).", retry_after=retry_after
        )


def build_body(alert: Alert) -> bytes:
    """Write the alert as UTF-8 JSON of under MAX_BODY bytes.

    Long strings are cut with an ellipsis; matches that do not fit are dropped from the end and
    counted in `data.matches_left_out`. An address of more than 2,000 bytes becomes null: half of one
    leads nowhere.
    """
    total = len(alert.matches)
    size = len(_encode(alert, [], left_out=total))
    kept: list[dict[str, str]] = []
    for notice in alert.matches:
        match = _match(notice)
        size += len(_json(match)) + 1
        if size >= MAX_BODY:
            break
        kept.append(match)
    return _encode(alert, kept, left_out=total - len(kept))


def _encode(alert: Alert, matches: list[dict[str, str]], *, left_out: int) -> bytes:
    url = clean(alert.url) if alert.url else None
    article = {
        "id": alert.article_id,
        "title": _cut(alert.title, 500),
        "url": url if url and len(_json(url)) <= 2_000 else None,
        "source": _cut(alert.source, 200),
        "published": _iso(alert.published) if alert.published else None,
        "summary": _cut(alert.summary, 1_000) if alert.summary else None,
    }
    return _json(
        {
            "type": "channel.test" if alert.test else "match.created",
            "timestamp": _iso(alert.created),
            "data": {"article": article, "matches": matches, "matches_left_out": left_out},
        }
    )


def _match(notice: MatchNotice) -> dict[str, str]:
    return {
        "term": _cut(notice.term, 200),
        "watchlist": _cut(notice.watchlist, 200),
        "field": notice.field,
        "spelling": _cut(notice.spelling, 200),
        "clitics": _cut(notice.clitics, 50),
        "why": _cut(notice.why, 300),
        "before": clean(notice.before)[-300:],
        "after": _cut(notice.after, 300),
    }


def _cut(text: str, limit: int) -> str:
    return clip(clean(text), limit)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
