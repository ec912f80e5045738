"""When to try again: pure schedules for polls, pages and deliveries."""

from __future__ import annotations

from datetime import datetime, timedelta

from marsad.types import FetchFailure, Grade

POLL_INTERVAL = timedelta(minutes=15)
_FIRST_RETRY = timedelta(minutes=5)
_LONGEST_POLL = timedelta(hours=24)
_PAGE_SCHEDULE = (timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6))

DELIVERY_SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Pauses after the first, second … failed attempt (Standard Webhooks, "Deliverability and reliability")."""


def next_poll(
    now: datetime, *, failures: int, failure: FetchFailure | None, interval: timedelta = POLL_INTERVAL
) -> datetime:
    """Return when a source is due again: doubling with each failure to a day, never before Retry-After.

    Where this machine is offline, no source is to blame: each is tried again soon, however long it takes.
    """
    pause = interval
    if failure is not None and failure.offline:
        return now + min(interval, _FIRST_RETRY)
    if failure is not None and failure.grade is not Grade.TEMPORARY:
        pause = min(interval * 2 ** min(failures - 1, 10), _LONGEST_POLL)
    elif failure is not None:
        pause = min(min(interval, _FIRST_RETRY) * 2 ** min(failures - 1, 10), _LONGEST_POLL)
    if failure is not None and failure.retry_after is not None:
        pause = max(pause, min(timedelta(seconds=failure.retry_after), timedelta(days=7)))
    return now + pause


def next_page(now: datetime, *, attempts: int, failure: FetchFailure) -> datetime | None:
    """Return when to ask for an article page again after `attempts` failures, or None to leave it.

    What refuses once (403, 404, a page without text) refuses again: then the summary's result stands.
    """
    if failure.offline:
        return now + _FIRST_RETRY
    if failure.grade is not Grade.TEMPORARY or attempts > len(_PAGE_SCHEDULE):
        return None
    pause = _PAGE_SCHEDULE[attempts - 1]
    if failure.retry_after is not None:
        pause = max(pause, min(timedelta(seconds=failure.retry_after), timedelta(days=1)))
    return now + pause


def next_delivery(now: datetime, *, attempts: int, retry_after: float | None, jitter: float) -> datetime:
    """Return when to try a delivery again after `attempts` failures; the schedule's last pause repeats.

    `jitter` from 0 to 1 lengthens the pause by up to a tenth, so that held deliveries do not return at once.
    What ends the trying is that the channel is disabled, never that a delivery is forgotten.
    """
    pause = DELIVERY_SCHEDULE[min(attempts, len(DELIVERY_SCHEDULE)) - 1] * (1 + jitter / 10)
    if retry_after is not None:
        pause = max(pause, min(timedelta(seconds=retry_after), timedelta(days=1)))
    return now + pause
