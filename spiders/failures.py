"""Every way in which a fetch fails: a grade, and one sentence that names the address and the way out."""

from __future__ import annotations

import errno
import socket
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

from marsad.errors import AddressInvalid, AddressRefused, MarsadError
from marsad.retry_after import parse_retry_after
from marsad.types import FailureKind, FetchFailure, FetchRequest, Grade
from spiders.compression import BodyTooLarge
from spiders.downloader import TooManyRedirects
from spiders.settings import MAX_REDIRECTS

MAX_RETRY_AFTER = 7 * 24 * 3600.0
"""Seconds; a server that names the year 2099 is asked again after a week."""

_TEMPORARY = frozenset({408, 421, 425, 429})
_NO_WAY_OUT = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})


class IndexWithoutSitemap(MarsadError):
    """A sitemap index that leads to no sitemap."""


def find_status_failure(
    request: FetchRequest, *, url: str, status: int, retry_after: str | None, now: datetime
) -> FetchFailure | None:
    """Judge an HTTP status; None for 200 and 203, which carry a whole body to read."""
    if status in (200, 203):
        return None
    shown = request.url if url == request.url else f"{request.url} (moved to {url})"
    grade, kind, sentence = _judge_status(status)
    return FetchFailure(
        url=request.url,
        final_url=url,
        status=status,
        grade=grade,
        reason=f"{shown} {sentence}",
        retry_after=parse_retry_after(retry_after, now=now, longest=MAX_RETRY_AFTER)
        if grade is Grade.TEMPORARY
        else None,
        kind=kind,
    )


_Judgement = tuple[Grade, FailureKind, str]


def _judge_status(status: int) -> _Judgement:  # noqa: PLR0911 (a table)
    temporary, soft, kind = Grade.TEMPORARY, Grade.SOFT, FailureKind
    later = "it may pass: try again later."
    if status == 429:
        return temporary, kind.TOO_MANY_REQUESTS, f"asks for fewer requests (HTTP 429); {later}"
    if status >= 500 or status in _TEMPORARY:
        return temporary, kind.SERVER_ERROR, f"has trouble at its server (HTTP {status}); {later}"
    if status == 410:
        sentence = "is gone for good (HTTP 410); look for the publisher's new address."
        return Grade.HARD, kind.GONE, sentence
    if status == 404:
        return soft, kind.NOT_FOUND, "does not exist (HTTP 404); check the address or look for a new one."
    if status in (401, 403):
        sentence = f"refuses this program (HTTP {status}); try another address of the same publisher."
        return soft, kind.REFUSED, sentence
    if status == 304:
        return temporary, kind.OTHER, f"answered 'not modified' without being asked; {later}"
    if 300 <= status < 400:
        sentence = f"redirects to nowhere (HTTP {status}); look for the publisher's new address."
        return soft, kind.REDIRECTS, sentence
    return soft, kind.OTHER, f"answered HTTP {status} instead of content; check the address."


def failure_of(request: FetchRequest, exc: BaseException, *, hops: Sequence[str] = ()) -> FetchFailure:
    """Translate what Scrapy, Twisted, OpenSSL or the guard raised; unknown causes are temporary."""
    final_url = hops[-1] if hops else request.url
    shown = f"{request.url} redirects to {final_url}, which" if hops else request.url
    offline = _is_offline(exc)
    grade, kind, sentence = _judge_exception(exc) or (
        Grade.TEMPORARY,
        FailureKind.OTHER,
        f"could not be read ({type(exc).__name__}); the log has the cause.",
    )
    return FetchFailure(
        url=request.url,
        final_url=final_url,
        status=None,
        grade=grade,
        reason=f"{shown} {sentence}",
        offline=offline,
        kind=FailureKind.OFFLINE if offline else kind,
    )


def is_expected(exc: BaseException) -> bool:
    """Tell whether the web, not this program, is at fault."""
    return _judge_exception(exc) is not None


def _judge_exception(exc: BaseException) -> _Judgement | None:  # noqa: PLR0911, PLR0912 (a table)
    temporary, soft, hard, kind = Grade.TEMPORARY, Grade.SOFT, Grade.HARD, FailureKind
    later = "it may pass: try again later."
    match exc:
        case AddressRefused() | AddressInvalid():
            return hard, kind.ADDRESS, f"cannot be fetched: {exc}"
        case UnsupportedURLSchemeError():
            return hard, kind.ADDRESS, "cannot be fetched: only http:// and https:// are."
        case IndexWithoutSitemap():
            sentence = (
                "lists no sitemap of its own host that could be read; add the address of one that it lists."
            )
            return soft, kind.NOT_A_FEED, sentence
        case TooManyRedirects():
            sentence = f"redirects more than {MAX_REDIRECTS} times; look for the address it should lead to."
            return soft, kind.REDIRECTS, sentence
        case BodyTooLarge() | DownloadCancelledError():
            sentence = "is larger than the size limit; choose a feed with fewer or shorter entries."
            return soft, kind.TOO_LARGE, sentence
        case DownloadTimeoutError() | TimeoutError():
            return temporary, kind.SLOW, f"took too long to answer; {later}"
        case ResponseDataLossError():
            return temporary, kind.BROKEN_OFF, f"broke off before its answer was complete; {later}"
        case IgnoreRequest():
            sentence = "may not be fetched by programs (robots.txt); ask the publisher or choose another."
            return soft, kind.ROBOTS, sentence
        case CannotResolveHostError() | DownloadConnectionRefusedError():
            return temporary, kind.UNREACHABLE, "cannot be reached; check the address, or try again later."
        case DownloadFailedError() if _is_tls(exc):
            sentence = "has a certificate that cannot be trusted; its operator must renew it."
            return temporary, kind.CERTIFICATE, sentence
        case DownloadFailedError() | ConnectError() | ConnectionClosed():
            return temporary, kind.BROKEN_OFF, f"broke the connection; {later}"
        case OSError():
            sentence = "has a host name that cannot be found; check it, or try again later."
            return temporary, kind.UNREACHABLE, sentence
        case _:
            return None


def _is_offline(exc: BaseException | None) -> bool:
    """Tell whether no name server answers (RFC 3493 §6.1, EAI_AGAIN) or no route leads out."""
    while exc is not None:
        if isinstance(exc, socket.gaierror):
            return exc.errno == socket.EAI_AGAIN
        number = exc.osError if isinstance(exc, ConnectError) else getattr(exc, "errno", None)
        if number in _NO_WAY_OUT:
            return True
        exc = exc.__cause__
    return False


def _is_tls(exc: BaseException) -> bool:
    reasons = getattr(exc.__cause__, "reasons", ())
    return any(isinstance(reason.value, TlsError | VerificationError) for reason in reasons)
