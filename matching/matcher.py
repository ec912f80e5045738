"""The matcher: every mention of every watched name in an article, in one pass over each of its texts.

All spellings of all terms are compiled into one Aho–Corasick automaton (`matching.needles`) over the bytes of
`matching.scanning`. What the automaton reports is a candidate only: `matching.verdict` looks at what is really
written there, `matching.sense` whether an ambiguous name means the thing of the field, `matching.expressions`
whether all that an expression asks for is there. Candidates are rare, so a text's offsets are worked out only
when there are some.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain, groupby
from typing import NamedTuple

from marsad.types import FieldHit, FieldName, Hit, Term
from matching.expressions import Occurrence, Operand, evaluate
from matching.folding import ZWNJ
from matching.needles import Compiled, Reading
from matching.numbering import Words
from matching.scanning import Scan
from matching.sense import Context, SenseVerdict, decide_sense
from matching.terms import check_term
from matching.verdict import Mention, Refusal, boundary, judge

__all__ = ["Found", "Matcher", "check_term", "compile_matcher"]

_MOST_ASKED = 100
"""Mentions of one ambiguous name in an article whose sense is decided; further ones are left out."""
_WHY = {
    "name": "the name as typed",
    "given": "a spelling given with the term",
    "lexicon": "a spelling from the lexicon",
    "letters": "the letters' names written out",
    "parts": "the name spelled word by word",
    "sound": "a spelling by sound",
}


class Found(NamedTuple):
    """A mention in a field, and what was decided about its sense, if anything was to decide."""

    field: FieldName
    start: int
    end: int
    clitics: str
    reading: Reading
    sense: SenseVerdict | None = None


class Matcher:
    """Finds the mentions of a fixed set of terms; made by `compile_matcher`; threads may share it."""

    def __init__(self, terms: Sequence[Term], *, use_lexicon: bool = True) -> None:
        self.terms = tuple(dict.fromkeys(terms))
        self._compiled = Compiled(self.terms, use_lexicon=use_lexicon)

    def find(self, text: str) -> tuple[Hit, ...]:
        """Return every mention in one text, ordered by start, end and the terms' order.

        Offsets are code points. Mentions of different terms may overlap (DeepSeek in DeepSeek-R1), those of one
        term never do. Equal terms give one hit. Any string is accepted.
        """
        return tuple(found.hit for found in self.find_in({"text": text}))

    def find_in(self, fields: Mapping[FieldName, str], *, source: str = "") -> tuple[FieldHit, ...]:
        """Return every mention in an article, by field in the order given, start, end and the terms' order.

        The whole article decides about the sense of an ambiguous name and about expressions; an expression
        gives the mentions that bear it out. `source` is the name of the article's source.
        """
        found = [each for field, text in fields.items() for each in self._find(field, text)]
        if not found:
            return ()
        by_needle = self._meant(found, fields)
        meant = chain(self._of_names(by_needle), self._of_expressions(by_needle, fields, source))
        order = {field: place for place, field in enumerate(fields)}
        # One term has no two mentions at one place: the mentions themselves are never compared.
        ranked = sorted((order[each.field], each.start, each.end, number, each) for number, each in meant)
        return tuple(self._hit(number, each, fields[each.field]) for _, _, _, number, each in ranked)

    def candidates(self, text: str) -> Iterator[tuple[Reading, int, int, Mention | Refusal]]:
        """Yield every place where the automaton sees a name, with the verdict on it: for explanations.

        Offsets are code points from the first letter to the last.
        """
        for scan in _scans(text):
            for key, start, end in self._compiled.automaton.find_matches_as_indexes(
                scan.octets, overlapping=True
            ):
                refusal = boundary(scan.octets, start, end)
                first, last = scan.original(scan.offset(start)), scan.original(scan.offset(end - 1)) + 1
                for reading in self._compiled.readings(key):
                    verdict = refusal or judge(scan, start, end, reading.pattern, exact=reading.exact)
                    yield reading, first, last, verdict

    def _find(self, field: FieldName, text: str) -> list[Found]:
        """Return each needle's mentions in one text: outside its excluded phrases, the longest of each place."""
        compiled = self._compiled
        mentions: defaultdict[int, list[Found]] = defaultdict(list)
        excluded: defaultdict[int, list[Found]] = defaultdict(list)
        for scan in _scans(text):
            octets = scan.octets
            for key, start, end in compiled.automaton.find_matches_as_indexes(octets, overlapping=True):
                if boundary(octets, start, end):
                    continue
                for reading in compiled.readings(key):
                    verdict = judge(scan, start, end, reading.pattern, exact=reading.exact)
                    if isinstance(verdict, Refusal):
                        continue
                    first, last = verdict.start, verdict.end
                    if scan.written_out:
                        first, last = scan.original(first), scan.original(last - 1) + 1
                    found = Found(field, first, last, verdict.clitics, reading)
                    (excluded if reading.role == "excluded" else mentions)[reading.needle].append(found)
        kept: list[Found] = []
        for needle, places in mentions.items():
            if needle in excluded:
                places = _outside(places, excluded[needle])  # noqa: PLW2901
            kept += _longest(places) if len(places) > 1 else places
        return kept

    def _meant(self, found: list[Found], fields: Mapping[FieldName, str]) -> dict[int, list[Found]]:
        """Return the mentions by needle, without those of another thing of the same name."""
        context = Context(fields)
        by_needle: defaultdict[int, list[Found]] = defaultdict(list)
        asked: defaultdict[int, int] = defaultdict(int)
        for each in found:
            needle = each.reading.needle
            if each.reading.profile is not None:
                asked[needle] += 1
                if asked[needle] > _MOST_ASKED:
                    # A text that repeats a name without end says no more by it.
                    continue
                sense = sense_of(each, context)
                if not sense.counted:
                    continue
                each = each._replace(sense=sense)  # noqa: PLW2901
            by_needle[needle].append(each)
        return by_needle

    def _of_names(self, by_needle: Mapping[int, list[Found]]) -> Iterator[tuple[int, Found]]:
        for needle, found in by_needle.items():
            for number in self._compiled.terms_of(needle):
                for each in found:
                    yield number, each

    def _of_expressions(
        self, by_needle: Mapping[int, list[Found]], fields: Mapping[FieldName, str], source: str
    ) -> Iterator[tuple[int, Found]]:
        if not self._compiled.has_expressions:
            return
        numbers = sorted({n for needle in by_needle for n in self._compiled.expressions_with(needle)})
        words = Words(fields)
        for number in numbers:
            expression, needles = self._compiled.expression(number)
            places = {
                (operand, words.occurrence(each.field, each.start, each.end)): each
                for operand, needle in needles.items()
                for each in by_needle.get(needle, ())
            }
            occurrences: defaultdict[Operand, list[Occurrence]] = defaultdict(list)
            for operand, occurrence in places:
                occurrences[operand].append(occurrence)
            evidence = evaluate(expression, occurrences, source=source)
            borne_out = [places[piece.operand, piece.occurrence] for piece in evidence or ()]
            for each in _longest_in_each_field(borne_out):
                yield number, each

    def _hit(self, number: int, found: Found, text: str) -> FieldHit:
        field, start, end, clitics, _, _ = found
        hit = Hit(self.terms[number], start, end, text[start:end], clitics, say_why(found))
        return FieldHit(field, hit)


def compile_matcher(terms: Sequence[Term], *, use_lexicon: bool = True) -> Matcher:
    """Make a matcher; raises TermInvalid for a term that cannot be looked for.

    A term without spellings is looked for in every form that `used_spellings` proposes; one with spellings in
    these and its name, and in nothing else; an expression by its own rules. `use_lexicon=False` leaves only
    what rules and the transliteration propose, and decides about no sense.
    """
    for term in terms:
        check_term(term)
    return Matcher(terms, use_lexicon=use_lexicon)


def say_why(found: Found) -> str:
    """Return in one sentence what led to a mention: the kind of spelling, the proclitic, the sense."""
    why = _WHY[found.reading.role]
    if found.clitics:
        why = f"{why}, after {found.clitics}"
    return f"{why}; {found.sense.why}" if found.sense else why


def sense_of(found: Found, context: Context) -> SenseVerdict:
    """Decide what an ambiguous name means at a mention."""
    profile = found.reading.profile
    if profile is None:
        raise ValueError("the name has but one sense")
    return decide_sense(profile, context, found.field, found.start, found.end, clitics=found.clitics)


def _scans(text: str) -> Iterator[Scan]:
    """Read a text; one that holds a zero-width non-joiner twice, as it may stand inside a name or end a word."""
    yield Scan(text)
    if ZWNJ in text:
        yield Scan(text, parted=True)


def _outside(found: list[Found], phrases: list[Found]) -> list[Found]:
    """Return the mentions that lie in none of the phrases."""
    phrases = sorted(phrases, key=lambda phrase: phrase.start)
    starts = [phrase.start for phrase in phrases]
    # The furthest end of all phrases that begin there or before.
    ends = list(accumulate((phrase.end for phrase in phrases), max))
    return [
        each
        for each in found
        if (place := bisect_right(starts, each.start)) == 0 or ends[place - 1] < each.end
    ]


def _longest(found: list[Found]) -> list[Found]:
    """Of the overlapping mentions in one field keep the longest, the first of equals."""
    starts: list[int] = []
    kept: list[Found] = []
    for each in sorted(found, key=lambda each: (each.start - each.end, each.start)):
        place = bisect_right(starts, each.start)
        clear = place == 0 or kept[place - 1].end <= each.start
        if clear and (place == len(kept) or each.end <= kept[place].start):
            starts.insert(place, each.start)
            kept.insert(place, each)
    return kept


def _longest_in_each_field(found: list[Found]) -> Iterator[Found]:
    for _, group in groupby(sorted(found, key=lambda each: each.field), key=lambda each: each.field):
        yield from _longest(list(group))
