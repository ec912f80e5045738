"""When to try again: never in the past, later with each failure, never before a server's own wish."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.types import FetchFailure, Grade
from pipeline.retry import DELIVERY_SCHEDULE, POLL_INTERVAL, next_delivery, next_page, next_poll
from tests.pipeline.values import NOW, failure

WEEK, DAY = 7 * 86_400, 86_400
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
wishes = st.none() | st.floats(0, WEEK)
failures = st.builds(lambda grade, wish: failure(grade, retry_after=wish), st.sampled_from(Grade), wishes)


@given(moments, st.integers(1, 10_000), failures)
def test_a_failed_source_is_due_later_and_never_before_retry_after(
    now: datetime, count: int, failed: FetchFailure
) -> None:
    due = next_poll(now, failures=count, failure=failed)
    assert due >= now + timedelta(minutes=5)
    assert due <= now + max(timedelta(days=1), timedelta(seconds=failed.retry_after or 0))
    assert due >= now + timedelta(seconds=failed.retry_after or 0)
    assert next_poll(now, failures=count + 1, failure=failed) >= due


@given(moments)
def test_a_source_that_answers_is_due_after_its_interval(now: datetime) -> None:
    assert next_poll(now, failures=0, failure=None) == now + POLL_INTERVAL


@given(moments, st.integers(1, 20), st.none() | st.floats(0, DAY))
def test_a_page_is_asked_for_later_and_later_and_then_left(
    now: datetime, attempts: int, wish: float | None
) -> None:
    failed = failure(retry_after=wish)
    due = next_page(now, attempts=attempts, failure=failed)
    following = next_page(now, attempts=attempts + 1, failure=failed)
    if due is None:
        assert attempts > 4
        assert following is None
        return
    assert due >= now + max(timedelta(minutes=2), timedelta(seconds=wish or 0))
    assert following is None or following >= due


@pytest.mark.parametrize("grade", [Grade.SOFT, Grade.HARD])
def test_a_page_that_refuses_is_left_at_once(grade: Grade) -> None:
    assert next_page(NOW, attempts=1, failure=failure(grade, status=403)) is None


@given(moments, st.integers(1, 20), st.none() | st.floats(0, DAY), st.floats(0, 1))
def test_a_delivery_is_tried_later_and_later_and_never_given_up(
    now: datetime, attempts: int, wish: float | None, jitter: float
) -> None:
    due = next_delivery(now, attempts=attempts, retry_after=wish, jitter=jitter)
    pause = due - now
    planned = DELIVERY_SCHEDULE[min(attempts, len(DELIVERY_SCHEDULE)) - 1]
    assert pause >= max(planned, timedelta(seconds=wish or 0))
    assert pause <= max(planned * 1.1, timedelta(seconds=wish or 0))
    following = next_delivery(now, attempts=attempts + 1, retry_after=wish, jitter=jitter)
    assert following >= due


def test_deliveries_follow_the_schedule_of_standard_webhooks() -> None:
    pauses = [
        next_delivery(NOW, attempts=n, retry_after=None, jitter=0)
        for n in range(1, len(DELIVERY_SCHEDULE) + 2)
    ]
    minutes = [(due - NOW).total_seconds() / 60 for due in pauses]
    assert minutes == [5 / 60, 5, 30, 120, 300, 600, 840, 1200, 1440, 1440]
