"""What may be watched: the check that a term passes before it is stored or compiled."""

from __future__ import annotations

import unicodedata

from marsad.errors import TermInvalid
from marsad.types import Term
from matching.folding import is_word
from matching.patterns import make_pattern

MAX_LENGTH = 200
_CONTROL = frozenset({"Cc", "Cs"})


def check_term(term: Term) -> None:
    """Raise TermInvalid, with the reason and the way out, if the term cannot be looked for."""
    for phrase, what in (
        (term.name, "the term"),
        *((spelling, "the spelling") for spelling in term.spellings or ()),
        *((phrase, "the excluded phrase") for phrase in term.exclude),
    ):
        if reason := _fault(phrase):
            raise TermInvalid(f"{what} {_shown(phrase)} cannot be watched: {reason}")


def _fault(phrase: str) -> str | None:
    if len(phrase) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters; give the name alone"
    if any(unicodedata.category(character) in _CONTROL for character in phrase):
        return "it holds a line break or another control character; type it on one line"
    key = make_pattern(phrase).key
    if not any(map(is_word, key)):
        return "it has no letter or digit; give a name"
    if len(key) < 2:
        return "a single letter or digit would be found everywhere; give at least two"
    return None


def _shown(phrase: str) -> str:
    short = phrase if len(phrase) <= 40 else phrase[:39] + "…"
    return ascii(short) if any(unicodedata.category(c) in _CONTROL for c in short) else f'"{short}"'
