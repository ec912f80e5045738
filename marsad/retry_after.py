"""The Retry-After header, which web servers and webhook receivers answer with alike."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_retry_after(value: str | None, *, now: datetime, longest: float) -> float | None:
    """Return a Retry-After header as whole seconds from `now`, 0 to `longest`, never early; else None.

    Seconds or an HTTP date (RFC 9110 §10.2.3); a date without a zone is taken for UTC.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), longest)
    try:
        moment = parsedate_to_datetime(text)
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, math.ceil(seconds)), longest)
