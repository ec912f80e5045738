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
_BARE_ALEF = octets("ا")
_OCTETS = frozenset(map(octets, PROCLITICS)) | {_BARE_ALEF}
_LONGEST = max(map(len, PROCLITICS))
_LAST = frozenset(each[-1] for each in _OCTETS - {_BARE_ALEF})
_ALTERNATIVES = b"|".join(re.escape(each) for each in sorted(_OCTETS - {_BARE_ALEF}, key=len, reverse=True))
_ARABIC = b"".join(bytes([code]) for code in range(256) if CLASS[code])
_APART = re.compile(rb"[^" + re.escape(_ARABIC) + rb"](" + _ALTERNATIVES + rb") ?[\"'(\[#]?$")
_OPENING = frozenset(b"\"'([#")
_SPACE = ord(" ")


def run_before(scan: bytes, start: int) -> bytes:
    """Return the Arabic letters right before a place, at most one more than a proclitic can have."""
    begin = start
    while begin > start - _LONGEST - 1 and CLASS[scan[begin - 1]] == ARABIC:
        begin -= 1
    return scan[begin:start]


def may_be_proclitic(run: bytes) -> bool:
    """Say whether letters may be a proclitic; a bare alef is one only if it carries a hamza."""
    return run in _OCTETS


def apart(scan: bytes, start: int) -> bytes:
    """Return the proclitic parted from a name by a space, an opening mark, # or _, if there is one."""
    place = start - 1
    if scan[place] in _OPENING:
        place -= 1
    elif scan[place] != _SPACE:
        return b""
    if scan[place] == _SPACE:
        place -= 1
    if place <= 0 or scan[place] not in _LAST:
        return b""
    found = _APART.search(scan, max(0, start - _LONGEST - 4), start)
    return found[1] if found else b""
