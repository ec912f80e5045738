"""Row 21 of the faults: a date is right or absent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.dates import EARLIEST, LEEWAY, parse_date
from tests.spiders.documents import NOW


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 28 Jul 2025 14:00:00 GMT", "2025-07-28T14:00:00"),
        ("Mon, 28 Jul 2025 14:00:00 +0300", "2025-07-28T11:00:00"),
        ("28 July 25 14:00 +03:00", "2025-07-28T11:00:00"),
        ("Jul 28, 2025 2:00 PM", "2025-07-28T14:00:00"),
        ("2025-07-28T14:00:00Z", "2025-07-28T14:00:00"),
        ("2025-07-28T14:00:00.123+03", "2025-07-28T11:00:00"),
        ("2025-07-28 14:00:00", "2025-07-28T14:00:00"),
        ("2025-07-28", "2025-07-28T00:00:00"),
        ("2025/11/21", "2025-11-21T00:00:00"),
        ("21/11/2025 09:30", "2025-11-21T09:30:00"),
        ("1753711200", "2025-07-28T14:00:00"),
        ("الأحد، 12 يناير 2025 14:05:00 +0300", "2025-01-12T11:05:00"),
        ("الاثنين، ١٢ مايو ٢٠٢٥ ٠٨:٣٠:٠٠ +0200", "2025-05-12T06:30:00"),
        ("٥ فبراير ٢٠٢٥م، ٦:١٥ م", "2025-02-05T18:15:00"),
        ("12:00 ص", None),
        ("28 تموز 2025", "2025-07-28T00:00:00"),
        ("12 كانون الثاني 2025", "2025-01-12T00:00:00"),
        ("1 كانون الأول 2024", "2024-12-01T00:00:00"),
        ("3 نيسان/ أبريل 2025 10:00 +0300", "2025-04-03T07:00:00"),
        ("24 جانفي 2025", "2025-01-24T00:00:00"),
        ("20 غشت 2025", "2025-08-20T00:00:00"),
        ("11 دجنبر 2025", "2025-12-11T00:00:00"),
        ("3 صفر 1447", None),
        ("Mon, 01 Jan 0001 00:00:00 +0000", None),
        ("0000-00-00 00:00:00", None),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("Fri, 01 Jan 2100 00:00:00 +0000", None),
        ("31 Feb 2025 10:00", None),
        ("Invalid Date", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_right_or_absent(text: str | None, expected: str | None) -> None:
    found = parse_date(text, now=NOW)

    assert (found.isoformat() if found else None) == (expected and expected + "+00:00")


@given(st.text(alphabet="0123456789/-:T +٠١٢٣ ينايرمصJanGMT,.", max_size=40))
def test_whatever_is_read_is_plausible(text: str) -> None:
    found = parse_date(text, now=NOW)

    assert found is None or (EARLIEST <= found <= NOW + LEEWAY and found.tzinfo is not None)
