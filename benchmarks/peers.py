"""What marsad's matching is measured beside: each tool is made from the spellings of some names, and reads texts.

Every one answers with the mentions that it finds. Marsad and `reference` tell the same of each: where it stands in
the original, what is written onto it, why it counts. The others do less: `bare_automaton` and `substring` know no
boundaries, `flashtext` and `regex` no proclitics, and of these only `bare_automaton` folds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import ahocorasick
from ahocorasick_rs import BytesAhoCorasick, Implementation
from flashtext import KeywordProcessor

from marsad.types import Term
from matching.clitics import PROCLITICS
from matching.folding import fold_character
from matching.matcher import compile_matcher
from matching.needles import MOST_FOR_DFA
from matching.patterns import make_pattern
from matching.scanning import Scan

Spellings = Mapping[str, Sequence[str]]
"""By name, its other spellings."""
Place = tuple[str, int, int]
"""A name, and where it was found: code points, end exclusive."""
Find = Callable[[str], Sequence[object]]
FindPlaces = Callable[[str], Sequence[Place]]


def marsad(names: Spellings) -> Find:
    """Marsad with these spellings and no others."""
    return compile_matcher([Term(name, tuple(others)) for name, others in names.items()]).find


# ---------------------------------------------------------------- the reference


class Mention(NamedTuple):
    """What the reference tells of a mention."""

    name: str
    start: int
    end: int
    clitics: str
    why: str


class _Table(dict[int, str | None]):
    """A table for `str.translate` that learns a character when it first meets it; None leaves it out."""

    def __missing__(self, code: int) -> str | None:
        folded = fold_character(chr(code)).replace("\n", " ").replace("-", " ").replace("_", " ")
        self[code] = folded or None
        return self[code]


_TABLE = _Table()
_DROPPED = re.compile(
    "[\u00ad\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""Nearly all that folding drops; a text with other changes of length is gone through character by character."""
_OPENING = frozenset("\"'([#")


def reference(names: Spellings) -> Callable[[str], list[Mention]]:
    """Fold by `str.translate`, look by pyahocorasick, test boundaries and proclitics in Python.

    The usual way to do it without native code of one's own, with its usual economies: candidates are few, so all
    else is worked out for these only, and the way back to the original only for a text that has a mention.
    """
    automaton = ahocorasick.Automaton()
    for name, spelling in _each(names):
        for key in _written(spelling):
            automaton.add_word(key, (len(key), name, spelling))
    automaton.make_automaton()

    def find(text: str) -> list[Mention]:
        folded = text.translate(_TABLE)
        found = []
        for last, (length, name, spelling) in automaton.iter(folded):
            start, end = last - length + 1, last + 1
            clitics = _clitics(folded, start, end)
            if clitics is not None:
                why = f"the spelling {spelling}, after {clitics}" if clitics else f"the spelling {spelling}"
                found.append(Mention(name, start, end, clitics, why))
        return _in_original(_longest(found), text, folded) if found else found

    return find


def _written(spelling: str) -> Iterator[str]:
    """Yield a spelling, folded, with and without a space between its parts."""
    parts = spelling.translate(_TABLE).split()
    joints = range(1, len(parts))
    for count in range(len(parts)):
        for chosen in combinations(joints, count):
            yield "".join(" " * (place in chosen) + part for place, part in enumerate(parts))


def _clitics(folded: str, start: int, end: int) -> str | None:
    """Return the proclitic before a candidate ("" if there is none), or None where it is part of a word."""
    if folded[end : end + 1].isalnum():
        return None
    run = _letters_before(folded, start)
    if run:
        return run if run in PROCLITICS else None
    if folded[start - 1 : start].isdigit() and start:
        return None
    if start and folded[start - 1] in _OPENING:
        apart = _letters_before(folded, start - 1)
        return apart if apart in PROCLITICS else ""
    return ""


def _letters_before(folded: str, end: int) -> str:
    start = end
    while start and folded[start - 1].isalpha():
        start -= 1
    return folded[start:end]


def _longest(found: list[Mention]) -> list[Mention]:
    """Of overlapping mentions of one name keep the longest."""
    kept: dict[str, Mention] = {}
    chosen: list[Mention] = []
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        last = kept.get(each.name)
        if last is None or each.start >= last.end:
            kept[each.name] = each
            chosen.append(each)
    return chosen


def _in_original(found: list[Mention], text: str, folded: str) -> list[Mention]:
    dropped = [match.start() - count for count, match in enumerate(_DROPPED.finditer(text))]
    if len(text) - len(dropped) != len(folded):
        origins = [at for at, character in enumerate(text) for _ in _TABLE[ord(character)] or ""]
        return [each._replace(start=origins[each.start], end=origins[each.end - 1] + 1) for each in found]
    if not dropped:
        return found
    return [
        each._replace(
            start=each.start + bisect_right(dropped, each.start),
            end=each.end + bisect_right(dropped, each.end - 1),
        )
        for each in found
    ]


# ---------------------------------------------------------------- others


def bare_automaton(names: Spellings) -> Find:
    """Marsad's scan and automaton with nothing behind: what the rest costs is the difference."""
    keys = list({key: None for _, spelling in _each(names) for key in make_pattern(spelling).octets()})
    small = sum(map(len, keys)) <= MOST_FOR_DFA
    kind = Implementation.DFA if small else Implementation.ContiguousNFA
    automaton = BytesAhoCorasick(keys, implementation=kind)
    return lambda text: automaton.find_matches_as_indexes(Scan(text).octets, overlapping=True)


def flashtext(names: Spellings) -> FindPlaces:
    processor = KeywordProcessor()
    for name, spelling in _each(names):
        processor.add_keyword(spelling, name)

    def find(text: str) -> list[Place]:
        found: list[Place] = processor.extract_keywords(text, span_info=True)
        return found

    return find


def substring(names: Spellings) -> FindPlaces:
    folded = [(name, spelling.casefold()) for name, spelling in _each(names)]

    def find(text: str) -> list[Place]:
        haystack = text.casefold()
        met = [(name, spelling) for name, spelling in folded if spelling in haystack]
        return [place for name, spelling in met for place in _all(name, spelling, haystack)]

    return find


def _all(name: str, spelling: str, haystack: str) -> Iterator[Place]:
    start = haystack.find(spelling)
    while start >= 0:
        yield name, start, start + len(spelling)
        start = haystack.find(spelling, start + len(spelling))


def regex(names: Spellings) -> FindPlaces:
    r"""One `re` for all: \b(?:…|…)\b."""
    name_of = {spelling.casefold(): name for name, spelling in _each(names)}
    alternatives = "|".join(map(re.escape, sorted(name_of, key=len, reverse=True)))
    pattern = re.compile(rf"\b(?:{alternatives})\b", re.IGNORECASE)
    return lambda text: [(name_of[m[0].casefold()], *m.span()) for m in pattern.finditer(text)]


def _each(names: Spellings) -> Iterator[tuple[str, str]]:
    for name, others in names.items():
        for spelling in dict.fromkeys((name, *others)):
            yield name, spelling
