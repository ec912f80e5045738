"""Dates as feeds write them: RFC 3339, RFC 822, and Arabic day, month and digit forms.

What cannot be read, or cannot be true (before 1995, or more than a day ahead of `now`), is None:
a wrong date misleads, a missing one does not. Hijri dates are None until their calendar is supported.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from time import struct_time

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
LEEWAY = timedelta(days=1)

_DIGITS = {ord(c): str(i % 10) for i, c in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
_PLAIN = str.maketrans(
    _DIGITS
    | dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u061c\u2066\u2067\u2069\u0640"))
    | {ord("،"): " ", ord("أ"): "ا", ord("إ"): "ا", ord("آ"): "ا", ord("ى"): "ي"}
)
# One row a month: Egypt and the Gulf, the Levant and Iraq, the Maghreb (Tunisia, Algeria; Morocco).
_ARABIC_MONTHS = (
    "يناير|كانون الثاني|جانفي|ينيار",
    "فبراير|شباط|فيفري",
    "مارس|اذار|مرس",
    "ابريل|نيسان|افريل",
    "مايو|ايار|ماي",
    "يونيو|يونيه|حزيران|جوان",
    "يوليو|يوليه|تموز|جويلية|يوليوز",
    "اغسطس|اب|اوت|غشت",
    "سبتمبر|ايلول|شتنبر",
    "اكتوبر|تشرين الاول",
    "نوفمبر|تشرين الثاني|نونبر",
    "ديسمبر|كانون الاول|دجنبر",
)
_LATIN_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: i for i, row in enumerate(_ARABIC_MONTHS, 1) for name in row.split("|")} | {
    name: i for i, name in enumerate(_LATIN_MONTHS.split(), 1)
}
_NAMES = "|".join(
    sorted((n.replace(" ", r"\s+") for row in _ARABIC_MONTHS for n in row.split("|")), key=len)[::-1]
)
_ZONES = {"GMT": 0, "UT": 0, "UTC": 0, "Z": 0, "AST": -4, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5}
_ZONES |= {
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "BST": 1,
    "MSK": 3,
}

_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
_HALF = r"(?:\s*(?P<half>[AaPp]\.?[Mm]\b|[صم](?!\w)))?"
_ZONE = r"(?:\s*(?P<zone>[+-]\d\d(?::?\d\d)?|[A-Za-z]{1,4})\b)?"
_CLOCK = rf"{_TIME}{_HALF}{_ZONE}"
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?)(?:[T\s]\s*{_CLOCK})?\s*$", re.I
)
_DAY_FIRST = re.compile(
    rf"(?P<day>\d\d?)[-/.](?P<month>\d\d?)[-/.](?P<year>\d{{4}})(?:[T\s-]\s*{_CLOCK})?\s*$"
)
_LATIN = re.compile(
    rf"(?:^|[\s,])(?P<day>\d\d?)(?:[\s-]+)(?P<name>[A-Za-z]{{3}})[a-z]*[.,]?[\s-]+(?P<year>\d{{4}}|\d\d)(?:,?\s+{_CLOCK})?"
)
_MONTH_FIRST = re.compile(
    rf"(?:^|[\s,])(?P<name>[A-Za-z]{{3}})[a-z]*\.?\s+(?P<day>\d\d?),?\s+(?P<year>\d{{4}})(?:,?\s+{_CLOCK})?"
)
_ARABIC = re.compile(
    rf"(?P<day>\d\d?)\s*(?P<name>{_NAMES})(?:\s*/\s*(?:{_NAMES}))?\s*(?P<year>\d{{4}})\s*م?(?:\s*[-|,]?\s*{_CLOCK})?"
)
_UNIX = re.compile(r"\d{10}(?:\d{3})?$")
_MISREAD = re.compile(r"/|\b0\d{3}\b|^\d+$")
"""What feedparser reads as another date than it is: slashes, years before 1000, bare numbers."""
_PATTERNS = (_YEAR_FIRST, _DAY_FIRST, _LATIN, _MONTH_FIRST, _ARABIC)
_LONGEST = 200


def parse_date(text: str | None, *, now: datetime, otherwise: struct_time | None = None) -> datetime | None:
    """Read a date as aware UTC, or None. A date without a zone is taken as UTC.

    `otherwise` is another reader's opinion (a UTC struct_time), used when no form here fits.
    """
    plain = " ".join((text or "")[:_LONGEST].translate(_PLAIN).split())
    found = _read(plain)
    if found is None and otherwise is not None and not _MISREAD.search(plain):
        found = _from_struct(otherwise)
    return found if found is not None and EARLIEST <= found <= now + LEEWAY else None


def _read(text: str) -> datetime | None:
    if _UNIX.match(text):
        return _try(lambda: datetime.fromtimestamp(int(text[:10]), UTC))
    for pattern in _PATTERNS:
        if found := (pattern.match if pattern in (_YEAR_FIRST, _DAY_FIRST) else pattern.search)(text):
            return _build(found)
    return None


def _build(found: re.Match[str]) -> datetime | None:
    part = found.groupdict()
    name = part.get("name")
    month = _MONTHS.get(" ".join(name.lower().split()), 0) if name else int(part["month"])
    year = int(part["year"])
    if len(part["year"]) == 2:
        year += 2000 if year < 70 else 1900
    hour = _hour(int(part["hour"] or 0), part["half"])
    shift = _offset(part["zone"])
    if shift is None:
        return None
    return _try(
        lambda: datetime(
            year, month, int(part["day"]), hour, int(part["minute"] or 0), min(int(part["second"] or 0), 59),
            tzinfo=timezone(shift),
        ).astimezone(UTC)
    )  # fmt: skip


def _hour(hour: int, half: str | None) -> int:
    if half is None or not 1 <= hour <= 12:
        return hour
    return hour % 12 + (12 if half[0] in "pPم" else 0)


def _offset(zone: str | None) -> timedelta | None:
    if zone is None:
        return timedelta(0)
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
        return timedelta(minutes=-minutes if zone[0] == "-" else minutes) if minutes < 24 * 60 else None
    return timedelta(hours=_ZONES.get(zone.upper(), 0))


def _from_struct(value: struct_time) -> datetime | None:
    return _try(lambda: datetime.fromtimestamp(timegm(value), UTC))


def _try(build: Callable[[], datetime]) -> datetime | None:
    try:
        return build()
    except (ValueError, OverflowError, OSError):
        return None
