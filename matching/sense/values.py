"""The values that the decision takes and gives."""

from __future__ import annotations

from dataclasses import dataclass

_FIRMS = frozenset({"company", "agency", "organisation"})


@dataclass(frozen=True, slots=True)
class SenseProfile:
    """A name of several meanings: what it is in the field, what else bears it, words that speak for either.

    `other` names senses of `cues.toml`; `support` and `against` are single words. `spelling_is_word` says that
    the spelling found (or the name as typed) is an ordinary word of its language.
    """

    name: str
    kind: str
    other: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    spelling_is_word: bool = False

    @property
    def is_firm(self) -> bool:
        """Say whether it is a firm or the like: Arabic speaks of these in the feminine."""
        return self.kind in _FIRMS

    def may_be_a_woman(self, spelling: str) -> bool:
        """Say whether a spelling may be the first name of a woman, whose verbs are feminine too (تمارا)."""
        return "given_name" in self.other and spelling.endswith(("ا", "ة"))


@dataclass(frozen=True, slots=True)
class SenseVerdict:
    """What was decided about one mention: the words that decided it, a sentence, the log-odds (above 0 counts)."""

    counted: bool
    because: tuple[str, ...]
    why: str
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: log-odds for the field, what to show, the sense it speaks for ("" is the field)."""

    points: float
    shown: str
    sense: str = ""
