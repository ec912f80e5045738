"""What stands around a mention: its phrase, its sentence, its article."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from marsad.types import FieldName
from matching.sense.cues import Word, read_word
from matching.sense.names import KnownNames, known_names
from matching.sense.reading import Reading
from matching.sense.values import Evidence, SenseProfile

# Everything but Latin-1 signs, controls, spaces, _ and Arabic or general punctuation; marks belong to their word.
_WORD = re.compile(r"[^\x00-/:-@\[-`{-\xbf،؛؟\u2000-\u206f]{1,40}")
_SENTENCE_END = re.compile(r"[.!?؟؛…](?:(?=[\s\"»”)])(?<![\s.]\w.)|$)|\n")
_PHRASE_BREAK = re.compile(r"[،,:؛;()\[\]\n]|[.!?؟](?=\s)| [-–—] ")
_CLITICS = re.compile(r"(?:(?<=\W)|^)(?:[وف]?[بكل]?(?:ال|لل)?|أ)\u0640*\s?[\"'“”„«‹(\[#@_]*\s?$")
_LONGEST_SENTENCE = 300

Weigh = Callable[[Reading, "Context"], Iterable[Evidence]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The words of the sentence before and after a mention, nearest first, and the raw text that they come from.

    `phrase_before` and `phrase_after` say how many of them no comma, colon, bracket or dash parts from it.
    """

    before: Sequence[Word]
    after: Sequence[Word]
    phrase_before: int
    phrase_after: int
    text_before: str
    text_after: str


class Context:
    """One article as evidence: made from its fields, read lazily, asked about any number of mentions."""

    def __init__(self, fields: Mapping[FieldName, str], names: KnownNames | None = None) -> None:
        """Take an article's fields, and the clear names of the field if they are not those of the lexicon."""
        self.fields = fields
        self._names = names
        self._remembered: dict[tuple[SenseProfile, str], tuple[Evidence, ...]] = {}

    @property
    def known(self) -> KnownNames:
        """Return the clear names of the field that are looked for."""
        return self._names or known_names()

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Return all words of the article in their order."""
        return read_words("\n".join(self.fields.values()))

    @cached_property
    def distinct(self) -> tuple[Word, ...]:
        """Return the words of the article, each once."""
        return tuple(dict.fromkeys(self.words))

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the clear names of the field that occur anywhere in the article."""
        return frozenset(self.known.among(self.words))

    def remembered(self, reading: Reading, weigh: Weigh) -> tuple[Evidence, ...]:
        """Return what the whole article says to one profile: weighed once, for all its mentions."""
        key = (reading.profile, reading.mention)
        known = self._remembered.get(key)
        if known is None:
            known = self._remembered[key] = tuple(weigh(reading, self))
        return known

    def around(self, field: FieldName, start: int, end: int, clitics: str) -> Surroundings:
        """Return what stands around a mention in its sentence, the proclitics of the mention left out."""
        text = self.fields[field]
        before = text[max(0, start - _LONGEST_SENTENCE) : start]
        before = before[max((found.end() for found in _SENTENCE_END.finditer(before)), default=0) :]
        if clitics:
            before = _CLITICS.sub("", before)
        after = text[end : end + _LONGEST_SENTENCE]
        if found := _SENTENCE_END.search(after):
            after = after[: found.start()]
        return Surroundings(
            read_words(before)[::-1],
            read_words(after),
            len(_WORD.findall(_PHRASE_BREAK.split(before)[-1])),
            len(_WORD.findall(_PHRASE_BREAK.split(after, maxsplit=1)[0])),
            before,
            after,
        )


def read_words(text: str) -> tuple[Word, ...]:
    """Return the words of a text as cues see them; an underscore parts words (#رقائق_هواوي)."""
    return tuple(map(read_word, _WORD.findall(text)))
