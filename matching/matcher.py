"""The matcher: every mention of every watched name in a text, in one pass.

Spellings are folded and squeezed (no separators) into one Aho–Corasick automaton; the text is treated the
same way. What the automaton reports is a candidate only: `matching.verdict` then looks at what was really
written there. Candidates are rare, so a text's offsets are worked out only when there are some.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ahocorasick_rs import AhoCorasick

from marsad.types import Hit, Term
from matching.folding import fold, squeeze
from matching.lexicon import load_lexicon
from matching.patterns import Pattern, make_pattern
from matching.proposals import Origin, excluded_phrases, propose_spellings
from matching.terms import check_term
from matching.verdict import TextView, judge

__all__ = ["Matcher", "check_term", "compile_matcher"]

Role = Origin | Literal["given", "excluded"]

_WHY: dict[Role, str] = {
    "name": "the name as typed",
    "given": "a spelling given with the term",
    "lexicon": "a spelling from the lexicon",
    "letters": "the letters' names written out",
    "parts": "the name spelled word by word",
}


@dataclass(frozen=True, slots=True)
class _Reading:
    """What it means when a pattern is found: a mention of a term, or one of the phrases it excludes."""

    term: int
    pattern: Pattern
    role: Role


class Matcher:
    """Finds the mentions of a fixed set of terms; made by `compile_matcher`; threads may share it."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = tuple(dict.fromkeys(terms))
        readings: defaultdict[str, list[_Reading]] = defaultdict(list)
        for reading in _readings(self.terms):
            readings[reading.pattern.key].append(reading)
        self._readings = [tuple(alternatives) for alternatives in readings.values()]
        self._automaton = AhoCorasick(list(readings))
        self._ordinary = load_lexicon().ordinary

    def find(self, text: str) -> tuple[Hit, ...]:
        """Return every mention, ordered by start, end and the terms' order; offsets are code points.

        Mentions of different terms may overlap (DeepSeek in DeepSeek-R1), those of one term never do. Equal
        terms give one hit. Any string is accepted.
        """
        folded = fold(text)
        candidates = self._automaton.find_matches_as_indexes(squeeze(folded.text), overlapping=True)
        if not candidates:
            return ()
        view = TextView(folded)
        hits: defaultdict[int, list[Hit]] = defaultdict(list)
        excluded: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for index, start, end in candidates:
            for reading in self._readings[index]:
                mention = judge(view, start, end, reading.pattern, self._ordinary)
                if mention is None:
                    continue
                if reading.role == "excluded":
                    excluded[reading.term].append((mention.start, mention.end))
                else:
                    spelling = text[mention.start : mention.end]
                    why = _why(reading.role, mention.clitics)
                    term = self.terms[reading.term]
                    hits[reading.term].append(
                        Hit(term, mention.start, mention.end, spelling, mention.clitics, why)
                    )
        # Python's sort is stable: hits on one place stay in the order of the terms.
        kept = [hit for term in sorted(hits) for hit in _longest(_outside(hits[term], excluded[term]))]
        return tuple(sorted(kept, key=lambda hit: (hit.start, hit.end)))


def compile_matcher(terms: Sequence[Term]) -> Matcher:
    """Make a matcher; raises TermInvalid for a term that cannot be looked for.

    A term without spellings is looked for in every form that `propose_spellings` knows; one with spellings
    in these and its name, and in nothing else.
    """
    for term in terms:
        check_term(term)
    return Matcher(terms)


def _readings(terms: Iterable[Term]) -> Iterator[_Reading]:
    """Yield what to look for; of equal patterns of one term the first, likeliest, counts."""
    for number, term in enumerate(terms):
        seen: set[tuple[Pattern, bool]] = set()
        for spelling, role in _spellings(term):
            pattern = make_pattern(spelling)
            kind = (pattern, role == "excluded")
            if pattern.key and kind not in seen:
                seen.add(kind)
                yield _Reading(number, pattern, role)


def _spellings(term: Term) -> Iterator[tuple[str, Role]]:
    if term.spellings is None:
        yield from ((proposal.spelling, proposal.origin) for proposal in propose_spellings(term.name))
        yield from ((phrase, "excluded") for phrase in excluded_phrases(term.name))
    else:
        yield term.name, "name"
        yield from ((spelling, "given") for spelling in term.spellings)
    yield from ((phrase, "excluded") for phrase in term.exclude)


def _why(role: Role, clitics: str) -> str:
    return f"{_WHY[role]}, after {clitics}" if clitics else _WHY[role]


def _outside(hits: list[Hit], phrases: list[tuple[int, int]]) -> list[Hit]:
    return [hit for hit in hits if not any(a <= hit.start and hit.end <= b for a, b in phrases)]


def _longest(hits: list[Hit]) -> list[Hit]:
    """Of the overlapping hits of one term keep the longest, the first of equals."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
        elif hit.end - hit.start > kept[-1].end - kept[-1].start:
            kept[-1] = hit
    return kept
