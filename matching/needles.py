"""Needles: what a set of terms comes to for the automaton.

A needle is one name with its spellings: that of a term, or an operand of an expression. Equal ones are one.
Kept small on purpose, as there may be a million spellings: numbers in arrays, spellings shared with the terms.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from marsad.types import Term
from matching.expressions import (
    Expression,
    Operand,
    Strictness,
    operands,
    parse_expression,
    positive_operands,
)
from matching.folding import is_arabic
from matching.lexicon import load_lexicon
from matching.ordinary import is_inflected_word, is_word_with_any_alef
from matching.patterns import Pattern, make_pattern
from matching.proposals import Origin, excluded_phrases, used_spellings
from matching.sense import SenseProfile

Role = Origin | Literal["given", "excluded"]
_ROLES: tuple[Role, ...] = ("name", "given", "lexicon", "letters", "parts", "sound", "excluded")
_MOST_MET = 50_000
_ARTICLE = "ال"
_LONG_WITH_ARTICLE = 4
_MOST_KEPT = 50_000
"""Spellings whose pattern is kept; those of further ones are made again when they are met."""
MOST_FOR_DFA = 250_000
"""Bytes of keys up to which a DFA is made: it reads three times as fast and takes sixty bytes for each of them."""


@dataclass(frozen=True, slots=True)
class Needle:
    """A name to look for, in its proposed or these spellings, outside these phrases."""

    name: str
    spellings: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    sense: bool = True
    strictness: Strictness = "name"


class Reading(NamedTuple):
    """What it means when a key is found: a spelling of a needle (`excluded`: a phrase in which it is none).

    `exact` are the very characters that are wanted, if they are. `profile` decides about the sense; None when
    the name has but one.
    """

    needle: int
    pattern: Pattern
    role: Role
    exact: str | None
    profile: SenseProfile | None


class Compiled:
    """Terms ready to be looked for; `automaton` finds keys, `readings` says what a key may mean.

    The terms have passed `check_term`. Without the lexicon no name is ambiguous.
    """

    def __init__(self, terms: Sequence[Term], *, use_lexicon: bool) -> None:
        self._use_lexicon = use_lexicon
        self._needles: dict[Needle, int] = {}
        self._terms: dict[int, list[int]] = {}
        self._expressions: dict[int, tuple[Expression, dict[Operand, int]]] = {}
        self._within: dict[int, list[int]] = {}
        for number, term in enumerate(terms):
            if term.expression is None:
                needle = self._number(Needle(term.name, term.spellings, term.exclude, term.sense))
                self._terms.setdefault(needle, []).append(number)
            else:
                self._add_expression(number, term, parse_expression(term.expression))
        self._by_number = list(self._needles)
        self._spellings: list[str] = []
        self._patterns: list[Pattern] = []
        self._needle_of, self._role_of = array("I"), bytearray()
        self._met: dict[int, tuple[Reading, ...]] = {}
        self._first, self._readings = array("I", [0]), array("I")
        keys = self._collect_keys()
        small = sum(map(len, keys)) <= MOST_FOR_DFA
        kind = Implementation.DFA if small else Implementation.ContiguousNFA
        self.automaton = BytesAhoCorasick(keys, implementation=kind)

    def readings(self, key: int) -> tuple[Reading, ...]:
        """Return what may be meant where the automaton found a key."""
        known = self._met.get(key)
        if known is None:
            places = range(self._first[key], self._first[key + 1])
            known = tuple(self._reading(self._readings[place]) for place in places)
            if len(self._met) >= _MOST_MET:
                self._met.clear()
            self._met[key] = known
        return known

    @property
    def has_expressions(self) -> bool:
        """Whether any term is an expression."""
        return bool(self._expressions)

    def terms_of(self, needle: int) -> Sequence[int]:
        """Return the numbers of the terms that are this needle and nothing more."""
        return self._terms.get(needle, ())

    def expressions_with(self, needle: int) -> Sequence[int]:
        """Return the numbers of the terms whose expression this needle can bring about."""
        return self._within.get(needle, ())

    def expression(self, number: int) -> tuple[Expression, Mapping[Operand, int]]:
        """Return a term's expression and the needle of each of its operands."""
        return self._expressions[number]

    def _reading(self, number: int) -> Reading:
        at = self._needle_of[number]
        needle, spelling = self._by_number[at], self._spellings[number]
        role = _ROLES[self._role_of[number]]
        exact = needle.name.strip() if needle.strictness == "exact" and role != "excluded" else None
        ambiguous = self._use_lexicon and needle.sense and exact is None and role != "excluded"
        profile = find_profile(needle.name, spelling) if ambiguous else None
        pattern = self._patterns[number] if number < len(self._patterns) else make_pattern(spelling)
        return Reading(at, pattern, role, exact, profile)

    def _number(self, needle: Needle) -> int:
        return self._needles.setdefault(needle, len(self._needles))

    def _add_expression(self, number: int, term: Term, expression: Expression) -> None:
        needles = {
            operand: self._number(Needle(operand.name, None, term.exclude, term.sense, operand.strictness))
            for operand in operands(expression)
        }
        self._expressions[number] = (expression, needles)
        for operand in positive_operands(expression):
            self._within.setdefault(needles[operand], []).append(number)

    def _collect_keys(self) -> list[bytes]:
        """Number the spellings; return the keys and note of each which spellings it may be, rarely several."""
        keys: dict[bytes, int | tuple[int, ...]] = {}
        for number, needle in enumerate(self._needles):
            seen: set[tuple[str, str, frozenset[int], bool]] = set()
            for spelling, role in _without_article(_spellings(needle, use_lexicon=self._use_lexicon)):
                pattern = make_pattern(spelling)
                kind = (pattern.key, pattern.written, pattern.joints, role == "excluded")
                if pattern.key and kind not in seen:
                    seen.add(kind)
                    self._add_spelling(keys, number, spelling, role, pattern)
        for numbers in keys.values():
            if isinstance(numbers, int):
                self._readings.append(numbers)
            else:
                self._readings.extend(numbers)
            self._first.append(len(self._readings))
        return list(keys)

    def _add_spelling(
        self,
        keys: dict[bytes, int | tuple[int, ...]],
        needle: int,
        spelling: str,
        role: Role,
        pattern: Pattern,
    ) -> None:
        number = len(self._spellings)
        self._spellings.append(spelling)
        self._needle_of.append(needle)
        self._role_of.append(_ROLES.index(role))
        if number < _MOST_KEPT:
            self._patterns.append(pattern)
        # Letter names without spaces may be a word: CD is سيدي ("my lord"), LLM الالام ("the pains").
        glued = not (pattern.all_or_none and is_word_with_any_alef(pattern.written))
        for key in pattern.octets(glued=glued):
            before = keys.setdefault(key, number)
            if before is not number:
                keys[key] = (*(before if isinstance(before, tuple) else (before,)), number)


def _spellings(needle: Needle, *, use_lexicon: bool) -> Iterator[tuple[str, Role]]:
    """Yield what to look for; of equal patterns the first, likeliest, counts."""
    if needle.strictness != "name":
        yield needle.name, "name"
    elif needle.spellings is None:
        yield from (
            (proposal.spelling, proposal.origin)
            for proposal in used_spellings(needle.name, use_lexicon=use_lexicon)
        )
        if use_lexicon:
            yield from ((phrase, "excluded") for phrase in excluded_phrases(needle.name))
    else:
        yield needle.name, "name"
        yield from ((spelling, "given") for spelling in needle.spellings)
    yield from ((phrase, "excluded") for phrase in needle.exclude)


def _without_article(spellings: Iterable[tuple[str, Role]]) -> Iterator[tuple[str, Role]]:
    """Yield each spelling, and one with the article also as it stands after ل, where the article loses its alef.

    A name of several words is a name without its article too, which is a proclitic then: هيئة الدواء.
    """
    for spelling, role in spellings:
        yield spelling, role
        if spelling.startswith(_ARTICLE) and len(spelling) > _LONG_WITH_ARTICLE:
            bare = spelling.removeprefix(_ARTICLE)
            several = " " in spelling and role != "excluded"
            yield (bare if several else f"لل{bare}"), role


def find_profile(name: str, spelling: str) -> SenseProfile | None:
    """Return what decides whether a spelling of a name means the thing of the field; None if nothing else can."""
    entry = load_lexicon().find(name)
    if entry is None or not entry.other:
        return None
    is_word = any(map(is_arabic, spelling)) and is_inflected_word(spelling)
    return SenseProfile(
        entry.name, entry.kind, entry.other, entry.support, entry.against, spelling_is_word=is_word
    )
