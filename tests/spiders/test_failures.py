"""Retry-After, and the table of failures."""

from __future__ import annotations

import pytest

from marsad.retry_after import parse_retry_after
from spiders.failures import MAX_RETRY_AFTER
from tests.spiders.documents import NOW


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 60 ", 60.0),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sat, 21 Nov 2099 10:00:00 GMT", MAX_RETRY_AFTER),
        ("9" * 400, MAX_RETRY_AFTER),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_from_now_between_none_and_a_week(
    value: str | None, seconds: float | None
) -> None:
    assert parse_retry_after(value, now=NOW, longest=MAX_RETRY_AFTER) == seconds
