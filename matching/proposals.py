"""Spelling proposals: how Arabic text may write a name that a user typed in Latin letters.

Each source of proposals is a function from a name to scored spellings; `propose_spellings` merges them,
best first. A learned transliteration joins here as one more source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Literal

from matching.folding import is_arabic
from matching.letters import MAX_FORMS, spell_out
from matching.lexicon import Lexicon, load_lexicon

Origin = Literal["name", "lexicon", "letters", "parts"]

_SEPARATOR = re.compile(r"[\s\-\u2010\u2011\u2013._]+")
_LETTERS_THEN_DIGITS = re.compile(r"([A-Za-z]{4,})([0-9][0-9A-Za-z]*)")
_LONGEST_IN_LEXICON = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """A spelling to look for; `score` orders them (1 is certain), `origin` says what proposed it."""

    spelling: str
    score: float
    origin: Origin


def propose_spellings(name: str, *, use_lexicon: bool = True) -> tuple[Proposal, ...]:
    """Return the spellings of a name, best first, without repetition; the name as typed comes first.

    `use_lexicon=False` leaves only what rules say. At most about 200.
    """
    lexicon = load_lexicon() if use_lexicon else None
    best: dict[str, Proposal] = {}
    for proposal in (Proposal(name, 1.0, "name"), *_from_sources(name, lexicon)):
        known = best.get(proposal.spelling)
        if known is None or known.score < proposal.score:
            best[proposal.spelling] = proposal
    return tuple(sorted(best.values(), key=lambda proposal: -proposal.score))


def excluded_phrases(name: str) -> tuple[str, ...]:
    """Return the phrases that hold this name and mean something else, as far as the lexicon knows."""
    entry = load_lexicon().find(name)
    return entry.exclude if entry else ()


def _from_sources(name: str, lexicon: Lexicon | None) -> Iterator[Proposal]:
    if entry := lexicon.find(name) if lexicon else None:
        yield Proposal(entry.name, 0.99, "lexicon")
    if known := list(_from_word(name, lexicon)):
        yield from known
    else:
        yield from _from_parts(name, lexicon)


def _from_word(name: str, lexicon: Lexicon | None) -> Iterator[Proposal]:
    """Spell a name as a whole: as the lexicon has it, else letter by letter."""
    entry = lexicon.find(name) if lexicon else None
    if entry:
        yield from (
            Proposal(form, 0.98 / (1 + rank / 10), "lexicon") for rank, form in enumerate(entry.arabic)
        )
    else:
        yield from (Proposal(form, 0.6 / (1 + rank), "letters") for rank, form in enumerate(spell_out(name)))


def _from_parts(name: str, lexicon: Lexicon | None) -> Iterator[Proposal]:
    """Spell a name of several words word by word; a word that nothing spells stays as it is."""
    words = _words(name)
    choices = list(_choices(words, lexicon)) if len(words) > 1 else []
    spelled = islice(product(*choices), MAX_FORMS) if any(len(choice) > 1 for choice in choices) else ()
    for combination in spelled:
        score = 0.9
        for part in combination:
            score *= part.score
        yield Proposal(" ".join(part.spelling for part in combination), score, "parts")


def _words(name: str) -> list[str]:
    words: list[str] = []
    for word in filter(None, _SEPARATOR.split(name)):
        glued = _LETTERS_THEN_DIGITS.fullmatch(word)
        words.extend(glued.groups() if glued else (word,))
    return words


def _choices(words: list[str], lexicon: Lexicon | None) -> Iterator[tuple[Proposal, ...]]:
    """Yield, for each stretch of words, its spellings; the longest stretch that the lexicon knows wins."""
    start = 0
    while start < len(words):
        for length in range(min(_LONGEST_IN_LEXICON, len(words) - start), 0, -1):
            stretch = " ".join(words[start : start + length])
            spelled = tuple(_from_word(stretch, lexicon))
            if spelled or length == 1:
                # A Latin word beside Arabic ones is possible (ديب سيك R1) but less likely.
                entry = lexicon.find(stretch) if lexicon else None
                yield (*spelled, Proposal(entry.name if entry else stretch, 0.3, "name"))
                start += length
                break


def arabic_spellings(name: str, *, use_lexicon: bool = True) -> tuple[str, ...]:
    """Return the proposed spellings that hold Arabic letters, best first."""
    proposals = propose_spellings(name, use_lexicon=use_lexicon)
    return tuple(proposal.spelling for proposal in proposals if any(map(is_arabic, proposal.spelling)))
