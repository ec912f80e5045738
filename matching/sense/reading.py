"""How a word reads to one profile: the hints that it gives about the sense of the profile's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from matching.folding import fold_text
from matching.sense.cues import TECH, Cue, Role, Word
from matching.sense.values import Evidence, SenseProfile

_OTHERS: dict[str, float] = {"before": 1.4, "after": 2.0, "beside": 3.0, "titled": 2.0}
_OTHERS_ELSEWHERE = 1.2
"""A cue for another meaning is worth more: it is chosen for this name, those for the field are general.

People who speak or bear a title do so in technology news too: there only what touches the name tells.
"""
_ANYWHERE: dict[str, tuple[float, float, float]] = {
    "strong": (1.8, 1.2, 0.35),
    "words": (0.8, 0.45, 0.12),
    "own": (1.8, 1.2, 0.45),
}
_FIRM_WORD_FOR_A_PRODUCT = 0.5
_VERB_OF_A_WOMAN = 0.3
_WORDS_KEPT = 2_000
_PROFILES_KEPT = 128


@dataclass(frozen=True, slots=True)
class Hint:
    """What one cue says about one name: where it must stand, with which sign and strength, for which sense."""

    role: Role | Literal["own"]
    further: str
    factor: float
    shown: str
    sense: str = ""
    personal: bool = False
    anywhere: tuple[Evidence, ...] = field(init=False)
    """What it is worth within three words, in the sentence, in the article; () if it must touch the name."""

    def __post_init__(self) -> None:
        weights = _ANYWHERE.get(self.role, ())
        object.__setattr__(self, "anywhere", tuple(map(self.worth, weights)))

    def worth(self, points: float) -> Evidence:
        """Return it as evidence of so many log-odds."""
        return Evidence(points * self.factor, self.shown, self.sense)


_hint = lru_cache(maxsize=1 << 14)(Hint)
"""Profiles share their hints: there are many profiles, and most hints are the same for all."""


class Reading(dict[Word, tuple[Hint, ...]]):
    """The hints of every word for one profile, found when a word is first met, and remembered within limits."""

    def __init__(self, profile: SenseProfile, mention: str) -> None:
        """Take a profile, and the folded mention: it is never a cue itself (إبل beside ابل)."""
        super().__init__()
        self.profile = profile
        self.mention = mention
        self._support = frozenset(map(fold_text, profile.support))
        self._against = frozenset(map(fold_text, profile.against))
        self._own = self._support | self._against

    def __missing__(self, word: Word) -> tuple[Hint, ...]:
        if not word.cues and self._own.isdisjoint(word.forms):
            return ()
        if len(self) >= _WORDS_KEPT:
            self.clear()
        self[word] = hints = tuple(self._hints(word))
        return hints

    def told(self, words: Sequence[Word]) -> dict[int, tuple[Hint, ...]]:
        """Return the hints of a row of words by their places, where there are any."""
        own = self._own
        cues = [place for place, word in enumerate(words) if word.cues or not own.isdisjoint(word.forms)]
        return {place: hints for place in cues if (hints := self[words[place]])}

    def concerned(self, words: Iterable[Word]) -> list[Word]:
        """Return the words that can be cues at all; most cannot."""
        own = self._own
        return [word for word in words if word.cues or not own.isdisjoint(word.forms)]

    def _hints(self, word: Word) -> Iterator[Hint]:
        if self.mention in word.forms:
            return
        supports = not self._support.isdisjoint(word.forms)
        opposes = not supports and not self._against.isdisjoint(word.forms)
        if supports:
            yield _hint("own", "", 1.0, word.written)
        elif opposes:
            yield _hint("own", "", -_OTHERS_ELSEWHERE, word.written, next(iter(self.profile.other), "word"))
        others = [cue for cue in word.cues if cue.group in self.profile.other and not supports]
        # A word that a bearer of the name shares with the field (تداول of coins and of shares) proves nothing.
        told = supports or opposes or any(cue.role in _ANYWHERE for cue in others)
        for cue in others:
            if not (opposes and cue.role in _ANYWHERE):
                factor = -_OTHERS.get(cue.role, _OTHERS_ELSEWHERE)
                yield _hint(cue.role, cue.further, factor, cue.shown, cue.group, personal=cue.personal)
        for cue in word.cues:
            if cue.group in TECH and not opposes and not (told and cue.role in _ANYWHERE):
                yield _hint(cue.role, cue.further, self._tech_factor(cue), cue.shown)

    def _tech_factor(self, cue: Cue) -> float:
        if cue.group == "company" and not self.profile.is_firm:
            return _FIRM_WORD_FOR_A_PRODUCT
        return _VERB_OF_A_WOMAN if cue.group == "verb" and self.profile.may_be_a_woman(self.mention) else 1.0


@lru_cache(maxsize=_PROFILES_KEPT)
def reading_of(profile: SenseProfile, mention: str) -> Reading:
    """Return how words read to a profile; remembered."""
    return Reading(profile, mention)
