"""Every way in which a fetch fails: a grade, and one sentence that names the address and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from OpenSSL.SSL import Error as TlsError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity import VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed

from marsad.errors import AddressInvalid, AddressRefused
from marsad.retry_after import parse_retry_after
from marsad.types import FetchFailure, FetchRequest, Grade
from spiders.compression import BodyTooLarge
from spiders.downloader import TooManyRedirects
from spiders.settings import MAX_REDIRECTS

MAX_RETRY_AFTER = 7 * 24 * 3600.0
"""Seconds; a server that names the year 2099 is asked again after a week."""

_TEMPORARY = frozenset({408, 421, 425, 429})


def find_status_failure(
    request: FetchRequest, *, url: str, status: int, retry_after: str | None, now: datetime
) -> FetchFailure | None:
    """Judge an HTTP status; None for 200 and 203, which carry a whole body to read."""
    if status in (200, 203):
        return None
    shown = request.url if url == request.url else f"{request.url} (moved to {url})"
    grade, sentence = _judge_status(status)
    return FetchFailure(
        url=request.url,
        final_url=url,
        status=status,
        grade=grade,
        reason=f"{shown} {sentence}",
        retry_after=parse_retry_after(retry_after, now=now, longest=MAX_RETRY_AFTER)
        if grade is Grade.TEMPORARY
        else None,
    )


def _judge_status(status: int) -> tuple[Grade, str]:  # noqa: PLR0911 (a table)
    if status == 429:
        return Grade.TEMPORARY, "asks for fewer requests (HTTP 429); it may pass: try again later."
    if status >= 500 or status in _TEMPORARY:
        return Grade.TEMPORARY, f"has trouble at its server (HTTP {status}); it may pass: try again later."
    if status == 410:
        return Grade.HARD, "is gone for good (HTTP 410); look for the publisher's new address."
    if status == 404:
        return Grade.SOFT, "does not exist (HTTP 404); check the address or look for a new one."
    if status in (401, 403):
        return Grade.SOFT, f"refuses this program (HTTP {status}); try another address of the same publisher."
    if status == 304:
        return Grade.TEMPORARY, "answered 'not modified' without being asked; it may pass: try again later."
    if 300 <= status < 400:
        return Grade.SOFT, f"redirects to nowhere (HTTP {status}); look for the publisher's new address."
    return Grade.SOFT, f"answered HTTP {status} instead of content; check the address."


def failure_of(request: FetchRequest, exc: BaseException, *, hops: Sequence[str] = ()) -> FetchFailure:
    """Translate what Scrapy, Twisted, OpenSSL or the guard raised; unknown causes are temporary."""
    final_url = hops[-1] if hops else request.url
    shown = f"{request.url} redirects to {final_url}, which" if hops else request.url
    grade, sentence = _judge_exception(exc) or (
        Grade.TEMPORARY,
        f"could not be read ({type(exc).__name__}); the log has the cause.",
    )
    return FetchFailure(
        url=request.url, final_url=final_url, status=None, grade=grade, reason=f"{shown} {sentence}"
    )


def is_expected(exc: BaseException) -> bool:
    """Tell whether the web, not this program, is at fault."""
    return _judge_exception(exc) is not None


def _judge_exception(exc: BaseException) -> tuple[Grade, str] | None:  # noqa: PLR0911 (a table)
    match exc:
        case AddressRefused() | AddressInvalid():
            return Grade.HARD, f"cannot be fetched: {exc}"
        case UnsupportedURLSchemeError():
            return Grade.HARD, "cannot be fetched: only http:// and https:// are."
        case TooManyRedirects():
            return (
                Grade.SOFT,
                f"redirects more than {MAX_REDIRECTS} times; look for the address it should lead to.",
            )
        case BodyTooLarge() | DownloadCancelledError():
            return Grade.SOFT, "is larger than the size limit; choose a feed with fewer or shorter entries."
        case DownloadTimeoutError() | TimeoutError():
            return Grade.TEMPORARY, "took too long to answer; it may pass: try again later."
        case ResponseDataLossError():
            return Grade.TEMPORARY, "broke off before its answer was complete; it may pass: try again later."
        case IgnoreRequest():
            return (
                Grade.SOFT,
                "may not be fetched by programs (robots.txt); ask the publisher or choose another.",
            )
        case CannotResolveHostError() | DownloadConnectionRefusedError():
            return Grade.TEMPORARY, "cannot be reached; check the address, or try again later."
        case DownloadFailedError() if _is_tls(exc):
            return Grade.TEMPORARY, "has a certificate that cannot be trusted; its operator must renew it."
        case DownloadFailedError() | ConnectError() | ConnectionClosed():
            return Grade.TEMPORARY, "broke the connection; it may pass: try again later."
        case OSError():
            return Grade.TEMPORARY, "has a host name that cannot be found; check it, or try again later."
        case _:
            return None


def _is_tls(exc: BaseException) -> bool:
    reasons = getattr(exc.__cause__, "reasons", ())
    return any(isinstance(reason.value, TlsError | VerificationError) for reason in reasons)
