"""What is to be said of a source: one code and its values, from stored facts, for a sentence in any language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from marsad.types import FailureKind
from storage.sources import SourceRow

QUIET_AFTER = timedelta(days=14)
"""A source that is read well and has brought nothing for so long is worth a look."""


class StateCode(StrEnum):
    """How a source is; what can be done about it stands in its sentence."""

    NEVER_POLLED = "never_polled"
    FINE = "fine"
    UNCHANGED = "unchanged"
    QUIET = "quiet"
    PAUSED = "paused"
    # The kinds of failure, by the same names.
    OFFLINE = FailureKind.OFFLINE.value
    UNREACHABLE = FailureKind.UNREACHABLE.value
    SLOW = FailureKind.SLOW.value
    BROKEN_OFF = FailureKind.BROKEN_OFF.value
    CERTIFICATE = FailureKind.CERTIFICATE.value
    SERVER_ERROR = FailureKind.SERVER_ERROR.value
    TOO_MANY_REQUESTS = FailureKind.TOO_MANY_REQUESTS.value
    REFUSED = FailureKind.REFUSED.value
    ROBOTS = FailureKind.ROBOTS.value
    NOT_FOUND = FailureKind.NOT_FOUND.value
    GONE = FailureKind.GONE.value
    REDIRECTS = FailureKind.REDIRECTS.value
    ADDRESS = FailureKind.ADDRESS.value
    TOO_LARGE = FailureKind.TOO_LARGE.value
    EMPTY = FailureKind.EMPTY.value
    WEB_PAGE = FailureKind.WEB_PAGE.value
    NOT_A_FEED = FailureKind.NOT_A_FEED.value
    OTHER = FailureKind.OTHER.value


@dataclass(frozen=True, slots=True)
class SourceState:
    """A code and what its sentence may name; `good` says that nobody need do anything."""

    code: StateCode
    good: bool
    at: datetime | None = None
    """When the last poll ended; None when there was none."""
    status: int | None = None
    """The HTTP status that it ended with, where there was an answer."""
    new: int = 0
    articles: int = 0
    failures: int = 0
    """Polls that failed in a row."""
    due_at: datetime | None = None
    """When it is polled next; None when it is not."""


SENTENCES: dict[StateCode, str] = {
    StateCode.NEVER_POLLED: "Not read yet; it is read next.",
    StateCode.FINE: "Read without trouble.",
    StateCode.UNCHANGED: "Read without trouble; nothing new since the poll before.",
    StateCode.QUIET: "Read without trouble, but nothing new for two weeks: see whether the house moved its news.",
    StateCode.PAUSED: "Paused: it is not read until it is enabled.",
    StateCode.OFFLINE: "This machine has no network; it is tried again every few minutes.",
    StateCode.UNREACHABLE: "Its server cannot be reached: check the address, or wait.",
    StateCode.SLOW: "Its server took too long to answer; it is tried again.",
    StateCode.BROKEN_OFF: "Its server broke the connection; it is tried again.",
    StateCode.CERTIFICATE: "Its certificate cannot be trusted: only its operator can renew it.",
    StateCode.SERVER_ERROR: "Its server has trouble (HTTP %(status)s); it is tried again.",
    StateCode.TOO_MANY_REQUESTS: "Its server asks for fewer requests; it is left alone for a while.",
    StateCode.REFUSED: "Its server refuses programs (HTTP %(status)s): try another address of the same house.",
    StateCode.ROBOTS: "Its robots.txt asks programs to stay away: ask the house, or choose another.",
    StateCode.NOT_FOUND: "Nothing is at this address (HTTP 404): look for the new one.",
    StateCode.GONE: "It is gone for good (HTTP 410) and no longer read: look for the new address.",
    StateCode.REDIRECTS: "Its address leads in circles or nowhere: look for the new one.",
    StateCode.ADDRESS: "Its address is not a public one, and marsad will not connect to it.",
    StateCode.TOO_LARGE: "It is larger than marsad reads: choose a shorter feed of the same house.",
    StateCode.EMPTY: "It can be read, but holds no news.",
    StateCode.WEB_PAGE: "It is a web page, not a feed: add it again as a listing page.",
    StateCode.NOT_A_FEED: "What it sends cannot be read as news: look for another address of the same house.",
    StateCode.OTHER: "It could not be read; it is tried again.",
}
"""English, by code, in the form of gettext messages; `%(status)s` is the only name they hold."""

_KINDS = frozenset(kind.value for kind in FailureKind)
_GOOD = frozenset({StateCode.NEVER_POLLED, StateCode.FINE, StateCode.UNCHANGED, StateCode.PAUSED})


def source_state(row: SourceRow, *, now: datetime) -> SourceState:
    """Tell how a source is, from its row and the last event of its history."""
    code = _code(row, now)
    return SourceState(
        code=code,
        good=code in _GOOD,
        at=row.last_at,
        status=row.last_status,
        new=row.last_new,
        articles=row.articles,
        failures=row.failures,
        due_at=None if row.paused else row.due_at,
    )


def english_sentence(state: SourceState) -> str:
    """The state's sentence in English."""
    return SENTENCES[state.code] % {"status": state.status}


def _code(row: SourceRow, now: datetime) -> StateCode:
    failure = _failure(row.last_outcome)
    if row.paused:
        return StateCode.GONE if failure is not None and row.last_status == 410 else StateCode.PAUSED
    if row.last_outcome is None:
        return StateCode.NEVER_POLLED
    if failure is not None:
        return failure
    if row.articles == 0:
        return StateCode.EMPTY
    if row.newest_at is not None and row.newest_at < now - QUIET_AFTER:
        return StateCode.QUIET
    return StateCode.UNCHANGED if row.last_outcome == "unchanged" else StateCode.FINE


def _failure(outcome: str | None) -> StateCode | None:
    """The kind in "failed: GRADE/KIND"; None for an outcome that is none. What is older names no kind."""
    if outcome is None or not outcome.startswith("failed"):
        return None
    kind = outcome.partition("/")[2]
    return StateCode(kind) if kind in _KINDS else StateCode.OTHER
