"""What may be watched: the check that a term passes before it is stored or compiled."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from marsad.errors import TermFault, TermInvalid
from marsad.types import Term
from matching.expressions import operands, parse_expression
from matching.folding import SEPARATORS, evidence, is_arabic, is_word
from matching.ordinary import share_of_articles
from matching.patterns import make_pattern

MAX_LENGTH = 200
_CONTROL = frozenset({"Cc", "Cs"})
_TOO_MANY = 0.1
"""A word that stands in this share of all articles says nothing about them."""
_LONGEST_FREQUENT = 6


def check_term(term: Term) -> None:
    """Raise TermInvalid, with the reason and the way out, if the term cannot be looked for.

    Of a term with an expression also ExpressionInvalid, which is one, with the position in the expression.
    """
    if term.expression is None:
        _check("the term", term.name)
    else:
        _check_label(term.name)
        for operand in operands(parse_expression(term.expression)):
            _check("the name", operand.name)
    for spelling in term.spellings or ():
        _check("the spelling", spelling)
    for phrase in term.exclude:
        _check("the excluded phrase", phrase, frequent=True)


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with a phrase: its kind, the sentence, in what share of all articles it stands."""

    kind: TermFault
    sentence: str
    share: float = 0.0


_NO_LETTERS = _Fault(TermFault.NO_LETTERS, "it has no letter or digit; give a name")
_SINGLE_LETTER = _Fault(
    TermFault.SINGLE_LETTER, "a single letter or digit would be found everywhere; give at least two"
)
_TOO_LONG = _Fault(TermFault.TOO_LONG, f"it is longer than {MAX_LENGTH} characters; give the name alone")
_UNPRINTABLE = _Fault(
    TermFault.CONTROL_CHARACTER,
    "it holds a line break or another control character; type it on one line",
)


def _check(what: str, phrase: str, *, frequent: bool = False) -> None:
    if fault := _fault(phrase) or (None if frequent else _too_frequent(phrase)):
        raise _invalid(what, phrase, fault)


def _check_label(label: str) -> None:
    if fault := _unprintable(label) or (None if any(map(is_word, label)) else _NO_LETTERS):
        raise _invalid("the term", label, fault)


def _invalid(what: str, phrase: str, fault: _Fault) -> TermInvalid:
    sentence = f"{what} {_shown(phrase)} cannot be watched: {fault.sentence}"
    return TermInvalid(sentence, kind=fault.kind, subject=phrase, share=fault.share)


def _fault(phrase: str) -> _Fault | None:
    if fault := _unprintable(phrase):
        return fault
    key = make_pattern(phrase).key
    if not any(map(is_word, key)):
        return _NO_LETTERS
    return _SINGLE_LETTER if len(key) < 2 else None


def _unprintable(phrase: str) -> _Fault | None:
    if len(phrase) > MAX_LENGTH:
        return _TOO_LONG
    if any(unicodedata.category(character) in _CONTROL for character in phrase):
        return _UNPRINTABLE
    return None


def _too_frequent(phrase: str) -> _Fault | None:
    pattern = make_pattern(phrase)
    if pattern.joints or len(pattern.key) > _LONGEST_FREQUENT or not all(map(is_arabic, pattern.key)):
        return None
    share = share_of_articles(evidence(pattern.spelling.strip(SEPARATORS)))
    if share < _TOO_MANY:
        return None
    sentence = (
        f"this word stands in about {share:.0%} of all articles; give a longer name, "
        "or join it to another with AND in an expression"
    )
    return _Fault(TermFault.TOO_FREQUENT, sentence, share)


def _shown(phrase: str) -> str:
    short = phrase if len(phrase) <= 40 else phrase[:39] + "…"
    return ascii(short) if any(unicodedata.category(c) in _CONTROL for c in short) else f'"{short}"'
