"""What a webhook's receiver gets: one signed POST of JSON, always under the limit."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from marsad.addresses import Allowance
from marsad.types import Alert, ChannelTarget, MatchNotice
from notifiers.webhook import MAX_BODY, WebhookNotifier, build_body
from tests.servers import RecordingReceiver

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


async def test_the_body_names_the_article_and_every_match(
    receiver: RecordingReceiver, webhook_target: ChannelTarget, alert: Alert, loopback: Allowance
) -> None:
    receipt = await WebhookNotifier(allow=loopback, now=_now).notify(alert, webhook_target)
    assert receipt.detail == "HTTP 200"
    (request,) = receiver.requests
    assert (request.method, request.path) == ("POST", "/hook")
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.headers["user-agent"].startswith("marsad/")
    assert "هـواوي".encode() in request.body
    assert json.loads(request.body) == {
        "type": "match.created",
        "timestamp": "2026-11-22T08:30:00Z",
        "data": {
            "article": {
                "id": 7,
                "title": alert.title,
                "url": alert.url,
                "source": alert.source,
                "published": "2026-11-22T07:05:00Z",
                "summary": alert.summary,
            },
            "matches": [
                {
                    "term": m.term,
                    "watchlist": m.watchlist,
                    "field": m.field,
                    "spelling": m.spelling,
                    "clitics": m.clitics,
                    "why": m.why,
                    "before": m.before,
                    "after": m.after,
                }
                for m in alert.matches
            ],
            "matches_left_out": 0,
        },
    }


async def test_a_test_alert_says_so(
    receiver: RecordingReceiver, webhook_target: ChannelTarget, alert: Alert, loopback: Allowance
) -> None:
    notifier = WebhookNotifier(allow=loopback, now=_now)
    await notifier.notify(replace(alert, test=True, matches=()), webhook_target)
    assert json.loads(receiver.requests[0].body)["type"] == "channel.test"


async def test_a_repeat_keeps_the_id_and_renews_the_timestamp(
    receiver: RecordingReceiver, webhook_target: ChannelTarget, alert: Alert, loopback: Allowance
) -> None:
    clock = iter([_now(), _now() + timedelta(minutes=4)])
    notifier = WebhookNotifier(allow=loopback, now=lambda: next(clock))
    await notifier.notify(alert, webhook_target)
    await notifier.notify(alert, webhook_target)
    first, second = (request.headers for request in receiver.requests)
    assert first["webhook-id"] == second["webhook-id"] == "msg_2f9c41"
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) in (240, 241)
    assert first["webhook-signature"] != second["webhook-signature"]


async def test_200_arabic_bodies_verify_with_the_reference_package(
    receiver: RecordingReceiver, webhook_target: ChannelTarget, alert: Alert, loopback: Allowance
) -> None:
    pick = random.Random(60)
    letters = 'ابتثجحخدذرزسشصضطظعغفقكلمنهوي ءأإآؤئةىـًٌٍَُِّْ \u200f\u202b٠١٢٣،؛؟«»"\\AZaz09🛰'
    notifier = WebhookNotifier(allow=loopback, now=_now)
    assert webhook_target.secret is not None
    verifier = Webhook(webhook_target.secret)
    for n in range(200):
        title = "".join(pick.choices(letters, k=pick.randint(1, 200)))
        await notifier.notify(replace(alert, delivery_id=f"msg_{n}", title=title), webhook_target)
        request = receiver.requests[-1]
        told = verifier.verify(request.body, request.headers)
        assert told["data"]["article"]["title"] == title
    assert len(receiver.requests) == 200


def test_what_does_not_fit_is_left_out_and_counted(alert: Alert) -> None:
    notice = MatchNotice("هواوي" * 30, "قائمة", "text", "هواوي", "و+", "why", "قبل " * 80, " بعد" * 80)
    body = build_body(
        replace(alert, title="عنوان " * 900, summary="ملخص " * 9000, matches=(notice,) * 10_000)
    )
    told = json.loads(body)["data"]
    assert len(body) < MAX_BODY
    assert len(told["matches"]) > 5
    assert len(told["matches"]) + told["matches_left_out"] == 10_000
    assert told["article"]["title"].endswith("…")


def test_an_endless_address_becomes_null(alert: Alert) -> None:
    body = build_body(replace(alert, url="https://news.example/" + "x" * 5000))
    assert json.loads(body)["data"]["article"]["url"] is None


_WILD = st.text(st.characters(codec=None), max_size=3000)


@given(title=_WILD, snippet=_WILD, url=st.none() | _WILD, count=st.integers(1, 40))
def test_any_text_makes_a_body_that_parses_fits_and_keeps_a_match(
    title: str, snippet: str, url: str | None, count: int
) -> None:
    notice = MatchNotice(snippet, title, "title", title, snippet, title, snippet, snippet)
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    body = build_body(
        Alert("msg_1", moment, 1, title * 4, url, title, moment, snippet * 4, (notice,) * count)
    )
    told: dict[str, Any] = json.loads(body.decode("utf-8"))
    assert len(body) < MAX_BODY
    assert told["data"]["matches"]
    assert len(told["data"]["matches"]) + told["data"]["matches_left_out"] == count


@pytest.mark.parametrize("poison", ["a\r\nb", "nul\x00", "half \ud83d letter", "\x1b[31m"])
async def test_poison_is_cleaned_and_sent(
    receiver: RecordingReceiver,
    webhook_target: ChannelTarget,
    alert: Alert,
    loopback: Allowance,
    poison: str,
) -> None:
    poisoned = replace(
        alert, title=poison, url=f"https://news.example/{poison}", source=poison, summary=poison
    )
    await WebhookNotifier(allow=loopback, now=_now).notify(poisoned, webhook_target)
    text = receiver.requests[0].body.decode("utf-8")
    assert not any(ord(c) < 32 for c in json.loads(text)["data"]["article"]["title"])
