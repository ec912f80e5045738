"""Retry-After, and the table of failures."""

from __future__ import annotations

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from marsad.errors import AddressRefused
from marsad.retry_after import parse_retry_after
from marsad.types import FailureKind, FetchRequest
from spiders.compression import BodyTooLarge
from spiders.downloader import TooManyRedirects
from spiders.failures import MAX_RETRY_AFTER, failure_of, find_status_failure
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


REQUEST = FetchRequest("https://news.example/feed", "feed")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, FailureKind.REFUSED),
        (403, FailureKind.REFUSED),
        (404, FailureKind.NOT_FOUND),
        (410, FailureKind.GONE),
        (429, FailureKind.TOO_MANY_REQUESTS),
        (500, FailureKind.SERVER_ERROR),
        (503, FailureKind.SERVER_ERROR),
        (300, FailureKind.REDIRECTS),
        (418, FailureKind.OTHER),
    ],
)
def test_a_status_is_a_kind_of_failure(status: int, kind: FailureKind) -> None:
    failure = find_status_failure(REQUEST, url=REQUEST.url, status=status, retry_after=None, now=NOW)
    assert failure is not None
    assert (failure.kind, failure.status) == (kind, status)


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (AddressRefused("no"), FailureKind.ADDRESS),
        (TooManyRedirects("6"), FailureKind.REDIRECTS),
        (BodyTooLarge("17 MiB"), FailureKind.TOO_LARGE),
        (DownloadTimeoutError(), FailureKind.SLOW),
        (ResponseDataLossError(), FailureKind.BROKEN_OFF),
        (IgnoreRequest(), FailureKind.ROBOTS),
        (CannotResolveHostError(), FailureKind.UNREACHABLE),
        (DownloadConnectionRefusedError(), FailureKind.UNREACHABLE),
        (DownloadFailedError(), FailureKind.BROKEN_OFF),
        (ZeroDivisionError(), FailureKind.OTHER),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_a_cause_is_a_kind_of_failure(cause: Exception, kind: FailureKind) -> None:
    assert failure_of(REQUEST, cause).kind is kind
