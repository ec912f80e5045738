"""Proclitics: the one-letter words and the article that Arabic writes onto the next word.

What stands before a name is read from the bytes of `matching.scanning`, where quotation marks of every shape
are one and marks and tatweel are gone.
"""

from __future__ import annotations

import re
from itertools import product

from matching.scanning import ARABIC, CLASS, octets

_CONJUNCTIONS = ("", "و", "ف")
_PREPOSITIONS = ("", "ب", "ك", "ل")
_ARTICLE = ("", "ال")

PROCLITICS = frozenset(
    (conjunction + preposition + article).replace("لال", "لل")
    for conjunction, preposition, article in product(_CONJUNCTIONS, _PREPOSITIONS, _ARTICLE)
) - {""}
"""Folded strings that may touch an Arabic name; the interrogative أ is apart, its hamza is needed."""

INTERROGATIVE = "أ"
BARE_ALEF = "ا"
_TEXTS = {octets(proclitic): proclitic for proclitic in (*PROCLITICS, BARE_ALEF)}
LONGEST_PROCLITIC = max(map(len, PROCLITICS))
_LAST = frozenset(octets(proclitic)[-1] for proclitic in PROCLITICS)
_ALTERNATIVES = b"|".join(re.escape(octets(each)) for each in sorted(PROCLITICS, key=len, reverse=True))
_ARABIC = b"".join(bytes([code]) for code in range(256) if CLASS[code])
_APART = re.compile(rb"[^" + re.escape(_ARABIC) + rb"](" + _ALTERNATIVES + rb") ?[\"'(\[#]?$")
_OPENING = frozenset(b"\"'([#")
_SPACE = ord(" ")


def run_before(scan: bytes, start: int) -> bytes:
    """Return the Arabic letters right before a place, at most one more than a proclitic can have."""
    begin = start
    while begin > start - LONGEST_PROCLITIC - 1 and CLASS[scan[begin - 1]] == ARABIC:
        begin -= 1
    return scan[begin:start]


def read_proclitic(run: bytes) -> str | None:
    """Return the proclitic that letters may be, as text; a bare alef is one only if it carries a hamza."""
    return _TEXTS.get(run)


def apart(scan: bytes, start: int) -> str:
    """Return the proclitic parted from a name by a space, an opening mark, # or _, if there is one."""
    place = start - 1
    if scan[place] in _OPENING:
        place -= 1
    elif scan[place] != _SPACE:
        return ""
    if scan[place] == _SPACE:
        place -= 1
    if place <= 0 or scan[place] not in _LAST:
        return ""
    found = _APART.search(scan, max(0, start - LONGEST_PROCLITIC - 4), start)
    return _TEXTS[found[1]] if found else ""
