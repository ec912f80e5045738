"""Proclitics: the one-letter words and the article that Arabic writes onto the next word."""

from __future__ import annotations

import re
from itertools import product

from matching.folding import ZWNJ, evidence, is_arabic

_CONJUNCTIONS = ("", "و", "ف")
_PREPOSITIONS = ("", "ب", "ك", "ل")
_ARTICLE = ("", "ال")

PROCLITICS = frozenset(
    (conjunction + preposition + article).replace("لال", "لل")
    for conjunction, preposition, article in product(_CONJUNCTIONS, _PREPOSITIONS, _ARTICLE)
) - {""}
"""Folded strings that may touch an Arabic name; the interrogative أ is apart, its hamza is needed."""

_ALTERNATIVES = "|".join(sorted(PROCLITICS, key=len, reverse=True))
_APART = re.compile(rf"(?:^|[^\w])(?P<clitic>{_ALTERNATIVES})(?: ?[\"'(\[]| ?#|_|[ \n])$")
_LONGEST_RUN = max(map(len, PROCLITICS))


def touching_letters(folded: str, start: int, original: str, offsets: list[int]) -> str:
    """Return the Arabic letters right before `folded[start]`, at most one more than a proclitic can have.

    A zero-width non-joiner ends a word for the eye, so it ends the run too.
    """
    begin = start
    while begin and start - begin <= _LONGEST_RUN and is_arabic(folded[begin - 1]):
        if ZWNJ in original[offsets[begin - 1] : offsets[begin]]:
            break
        begin -= 1
    # A ligature (ﻷ) may hold both the proclitic and the beginning of the name.
    return (
        evidence(original[offsets[begin] : offsets[start - 1] + 1])[: start - begin] if begin < start else ""
    )


def is_proclitic(written: str) -> bool:
    """Say whether a string, hamzas kept, is a proclitic that may touch an Arabic name."""
    return written in PROCLITICS or written == "أ"


def proclitic_apart(folded: str, start: int) -> str:
    """Return the proclitic parted from the name by a space, quotation mark, # or _, if there is one."""
    found = _APART.search(folded, max(0, start - _LONGEST_RUN - 4), start)
    return found["clitic"] if found else ""
