"""What a delivery says, and what becomes of it and its channel after an attempt."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from marsad.errors import TransportError
from marsad.types import ChannelKind, ClaimedDelivery, DeliveryState, Settlement, StoredHit, StoredMatch
from pipeline.alerts import (
    FAILING_ATTEMPTS,
    FAILING_LIMIT,
    compose_alert,
    plan_failed,
    plan_sent,
    plan_unknown_fault,
    plan_withdrawn,
)
from pipeline.retry import DELIVERY_SCHEDULE
from tests.pipeline.values import NOW, claimed

AWAY = TransportError("The receiver is away.")


def failed(delivery: ClaimedDelivery, error: TransportError, *, since: datetime | None = None) -> Settlement:
    return plan_failed(delivery, error, now=NOW, failing_since=since, jitter=0)


def test_an_alert_names_each_match_by_its_best_hit() -> None:
    in_summary = StoredHit("summary", 9, 16, "إنفيديا", "", "the name as typed")
    in_title = StoredHit("title", 15, 22, "إنفيديا", "", "the name as typed")
    later = StoredHit("title", 0, 5, "هواوي", "", "the name as typed")
    matches = (
        StoredMatch(1, "Nvidia", "main", (in_summary, in_title)),
        StoredMatch(2, "Huawei", "main", (later,)),
        StoredMatch(3, "Intel", "main", ()),  # an edit took its last mention away
    )
    alert = compose_alert(claimed(matches=matches))
    assert [(m.term, m.field, m.before, m.after) for m in alert.matches] == [
        ("Nvidia", "title", "هواوي تردّ على ", ""),
        ("Huawei", "title", "", " تردّ على إنفيديا"),
    ]
    assert (alert.delivery_id, alert.article_id, alert.source, alert.test) == ("msg_1", 5, "newsroom", False)


def test_an_accepted_delivery_makes_the_channel_well() -> None:
    settled = plan_sent("HTTP 204", now=NOW)
    assert (settled.state, settled.failing_since, settled.disable_channel) == (DeliveryState.SENT, None, None)


def test_a_failure_is_tried_again_and_marks_the_channel() -> None:
    settled = failed(claimed(), AWAY)
    assert (settled.state, settled.due_at) == (DeliveryState.PENDING, NOW + DELIVERY_SCHEDULE[0])
    assert (settled.failing_since, settled.detail) == (NOW, "The receiver is away.")


def test_a_channel_that_fails_keeps_the_time_of_its_first_failure() -> None:
    since = NOW - timedelta(hours=5)
    assert failed(claimed(), AWAY, since=since).failing_since == since


def test_a_receivers_wish_is_never_undercut() -> None:
    error = TransportError("later", retry_after=7200)
    assert plan_failed(claimed(), error, now=NOW, failing_since=None, jitter=1).due_at == NOW + timedelta(
        hours=2
    )


def test_when_the_schedule_is_used_up_it_is_tried_on_and_never_forgotten() -> None:
    settled = failed(claimed(attempts=len(DELIVERY_SCHEDULE)), AWAY)
    assert (settled.state, settled.disable_channel) == (DeliveryState.PENDING, None)
    assert settled.due_at == NOW + DELIVERY_SCHEDULE[-1]


def test_gone_disables_the_channel_and_holds_the_delivery() -> None:
    error = TransportError("It wants no more.", permanent=True, gone=True)
    settled = failed(claimed(), error)
    assert (settled.state, settled.disable_channel) == (DeliveryState.PENDING, "It wants no more.")


def test_one_failure_after_a_quiet_week_disables_nothing() -> None:
    settled = failed(claimed(), AWAY, since=NOW - FAILING_LIMIT)
    assert (settled.state, settled.disable_channel) == (DeliveryState.PENDING, None)


def test_an_alert_that_matches_nothing_any_more_is_given_up() -> None:
    assert plan_withdrawn(now=NOW, failing_since=None).state is DeliveryState.FAILED


@pytest.mark.parametrize("attempts", [FAILING_ATTEMPTS, len(DELIVERY_SCHEDULE)])
def test_five_days_of_failures_disable_the_channel_and_hold_the_delivery(attempts: int) -> None:
    settled = failed(claimed(attempts=attempts), AWAY, since=NOW - FAILING_LIMIT)
    assert settled.state is DeliveryState.PENDING
    assert settled.disable_channel is not None
    assert "5 days" in settled.disable_channel


def test_a_mail_that_is_refused_for_good_is_final_and_a_webhook_is_parked() -> None:
    error = TransportError("550 no such user", permanent=True)
    mail = failed(claimed(ChannelKind.EMAIL), error)
    hook = failed(claimed(ChannelKind.WEBHOOK), error)
    assert (mail.state, mail.disable_channel) == (DeliveryState.FAILED, None)
    assert (hook.state, hook.disable_channel) == (DeliveryState.PARKED, None)


def test_an_unknown_fault_parks_the_delivery_and_leaves_the_channel_as_it_was() -> None:
    since = NOW - timedelta(hours=1)
    settled = plan_unknown_fault(now=NOW, failing_since=since)
    assert (settled.state, settled.failing_since) == (DeliveryState.PARKED, since)
    assert settled.disable_channel is None
