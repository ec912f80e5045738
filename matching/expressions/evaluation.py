"""Whether an expression holds for one article, and which mentions bear it out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import assert_never

from marsad.types import FieldName
from matching.expressions.nodes import And, Expression, Near, Not, Operand, Or, Source, Within
from matching.folding import fold_text, squeeze

_ORDER: tuple[FieldName, ...] = ("title", "summary", "text")
_ANYWHERE = frozenset(_ORDER)
_FIELDS: dict[FieldName, frozenset[FieldName]] = {
    "title": frozenset({"title"}),
    "summary": frozenset({"summary"}),
    "text": frozenset({"summary", "text"}),
}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One mention of a name in one field: code points from `start` to `end`, exclusive.

    `first_word` and `last_word` are the numbers of the words, counted in the field, in which it begins and ends;
    they never fall as offsets grow.
    """

    field: FieldName
    start: int
    end: int
    first_word: int
    last_word: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A mention that helped to make an expression hold, and whose mention it is."""

    operand: Operand
    occurrence: Occurrence


def evaluate(
    expression: Expression, occurrences: Mapping[Operand, Sequence[Occurrence]], *, source: str
) -> tuple[Evidence, ...] | None:
    """Return the mentions that bear the expression out, or None when it does not hold.

    `occurrences` are an article's mentions of each operand, in any order; an operand that is not there has none.
    `source` is the name of the article's source.

    - A name holds if it occurs in any field, or under a field prefix in that field; `text:` is the summary or
      the text. AND, OR and NOT join what holds for the whole article: the names of an AND may stand in different
      fields.
    - NEAR/n holds if a mention of either side stands in the same field as one of the other, with at most n words
      between the end of the one and the beginning of the other. Two mentions that overlap are not near each
      other: Apple is not near itself, nor near the Apple in Apple Music.
    - `source:` holds if the source's name contains the name, both folded and without spaces and hyphens.

    Of an AND every item gives evidence, of an OR each that holds, of a NEAR all mentions that have a partner, of a
    NOT none, but NOT NOT A gives that of A. Evidence is ordered by field (title, summary, text), start and end,
    each piece once; it is never empty for an expression that `parse_expression` made.
    """
    found = _Weighing(occurrences, squeeze(fold_text(source))).weigh(expression, _ANYWHERE, holds=True)
    return None if found is None else tuple(sorted(dict.fromkeys(found), key=_place))


def _place(evidence: Evidence) -> tuple[int, int, int]:
    occurrence = evidence.occurrence
    return _ORDER.index(occurrence.field), occurrence.start, occurrence.end


@dataclass(frozen=True, slots=True)
class _Weighing:
    """One article, seen by an expression."""

    occurrences: Mapping[Operand, Sequence[Occurrence]]
    source: str

    def weigh(
        self, expression: Expression, fields: frozenset[FieldName], *, holds: bool
    ) -> list[Evidence] | None:
        """Return the evidence that the expression holds, or that it does not; None if the contrary is so."""
        match expression:
            case Operand() | Near():
                found = self._mentions(expression, fields)
                return (found or None) if holds else (None if found else [])
            case Source(name):
                return [] if (squeeze(fold_text(name)) in self.source) is holds else None
            case Within(field, item):
                return self.weigh(item, _FIELDS[field], holds=holds)
            case Not(item):
                return self.weigh(item, fields, holds=not holds)
            case And(items) | Or(items):
                parts = [self.weigh(item, fields, holds=holds) for item in items]
                known = [part for part in parts if part is not None]
                # By De Morgan an OR that does not hold is an AND of items that do not.
                every = isinstance(expression, And) is holds
                enough = len(known) == len(parts) if every else bool(known)
                return list(chain.from_iterable(known)) if enough else None
            case _:
                assert_never(expression)

    def _mentions(self, expression: Expression, fields: frozenset[FieldName]) -> list[Evidence]:
        """Return the mentions of a name, of any of the names of an OR, or of names near each other."""
        match expression:
            case Operand():
                mentions = self.occurrences.get(expression, ())
                return [Evidence(expression, mention) for mention in mentions if mention.field in fields]
            case Near(left, right, distance):
                return _near(self._mentions(left, fields), self._mentions(right, fields), distance)
            case Or(items):
                return [evidence for item in items for evidence in self._mentions(item, fields)]
            case _:
                raise AssertionError(f"cannot be near anything: {expression}")


def _near(left: list[Evidence], right: list[Evidence], distance: int) -> list[Evidence]:
    """Return the mentions of both sides that have a partner on the other."""
    near: list[Evidence] = []
    for field in _ORDER:
        ours, theirs = (
            [evidence for evidence in side if evidence.occurrence.field == field] for side in (left, right)
        )
        near += _with_partner(ours, theirs, distance)
        near += _with_partner(theirs, ours, distance)
    return near


def _with_partner(mentions: list[Evidence], partners: list[Evidence], distance: int) -> Iterable[Evidence]:
    """Keep the mentions whose nearest partner, before or after them, is near enough.

    Only the nearest needs a look, so that the time grows with the number of mentions and not of their pairs.
    """
    before = sorted((evidence.occurrence for evidence in partners), key=lambda partner: partner.end)
    after = sorted((evidence.occurrence for evidence in partners), key=lambda partner: partner.start)
    ends = [partner.end for partner in before]
    starts = [partner.start for partner in after]
    for evidence in mentions:
        mention = evidence.occurrence
        last = bisect_right(ends, mention.start) - 1
        first = bisect_left(starts, mention.end)
        if (last >= 0 and mention.first_word - before[last].last_word - 1 <= distance) or (
            first < len(after) and after[first].first_word - mention.last_word - 1 <= distance
        ):
            yield evidence
