"""Cues: words that tell in which sense a name is used, read from `cues.toml`, and how a word finds its cues."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from matching.clitics import PROCLITICS
from matching.folding import fold_text, is_arabic

Role = Literal["before", "after", "beside", "titled", "strong", "words"]

TECH = ("company", "market", "product", "model", "chip", "person", "verb")
"""The groups of cues that speak for the field; every other group is a sense that a name can have besides."""

PEOPLE = ("given_name", "surname")
"""The senses that are names of people."""

_ROLES: tuple[Role, ...] = ("before", "after", "beside", "titled", "strong", "words")
_SHORTEST_STEM = 3
_ENDINGS = ("ات", "ين", "ون", "ان", "تين", "تان", "هما", "ها", "هم", "ه", "نا", "ية", "ي", "ة", "ا")
_FEMININE = frozenset({"ات", "تين", "تان"})
_SUFFIXED = frozenset({"ها", "هم", "ه", "هما", "نا"})
_WORDS_KEPT = 1 << 14


@dataclass(frozen=True, slots=True)
class Cue:
    """One listed word or pair of words: its group, where it must stand, how it is shown to people."""

    group: str
    role: Role
    shown: str
    further: str = ""
    """The second word of a pair, folded; "" for a single word."""
    personal: bool = False
    """A name, title or verb of people: neither endings nor a preposition may come between it and the name."""


@dataclass(frozen=True, slots=True)
class Sense:
    """Another meaning that a name can have: what to call it, and how much it weighs by itself."""

    says: str
    prior: float
    article: float


@dataclass(frozen=True, slots=True)
class CueBook:
    """All cues by their first word, folded, and the senses by their names."""

    by_word: Mapping[str, tuple[Cue, ...]]
    senses: Mapping[str, Sense]
    function: frozenset[str]
    feminine_lookalikes: frozenset[str]
    accusative: frozenset[str]
    amounts: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """A word of a text as cues see it: folded, with every form that may be what a list names, and its cues."""

    written: str
    folded: str
    forms: frozenset[str]
    cues: tuple[Cue, ...]
    function: bool
    """A word of grammar (في, إن): nothing before it is said of what comes after it."""


@cache
def load_cues() -> CueBook:
    """Read the cues that come with the package; read once a process."""
    return parse_cues(files("matching.sense").joinpath("cues.toml").read_text(encoding="utf-8"))


def parse_cues(source: str) -> CueBook:
    """Read cues in TOML; raises KeyError or tomllib.TOMLDecodeError if it is not such a list."""
    content = tomllib.loads(source)
    by_word: defaultdict[str, list[Cue]] = defaultdict(list)
    people = [(sense, content["people"], True) for sense in PEOPLE]
    groups = [(name, lists, False) for name, lists in (content["tech"] | content["sense"]).items()]
    for group, lists, personal in [*groups, *people]:
        for role in _ROLES:
            for shown in dict.fromkeys(lists.get(role, ())):
                first, _, further = fold_text(shown).partition(" ")
                by_word[first].append(Cue(group, role, shown, further, personal))
    senses = {
        name: Sense(lists["says"], float(lists["prior"]), float(lists.get("article", 0)))
        for name, lists in content["sense"].items()
    }
    grammar = {name: frozenset(map(fold_text, words)) for name, words in content["grammar"].items()}
    return CueBook({word: tuple(cues) for word, cues in by_word.items()}, senses, **grammar)


@lru_cache(maxsize=_WORDS_KEPT)
def read_word(written: str) -> Word:
    """Look a word up, as it stands in the text; remembered, since texts repeat their words."""
    folded = fold_text(written)
    forms = tuple(dict.fromkeys(_forms(folded)))
    book = load_cues()
    found = dict.fromkeys(
        cue
        for form in forms
        for cue in book.by_word.get(form, ())
        if not cue.personal or folded.endswith(form)
    )
    return Word(written, folded, frozenset(forms), tuple(found), folded in book.function)


def _forms(folded: str) -> Iterator[str]:
    """Yield the word, then what is left without its proclitics and endings: والشركات → شركات → شركة."""
    yield folded
    if not folded or not is_arabic(folded[0]):
        return
    stems = [folded] + [folded[len(clitic) :] for clitic in _PROCLITICS if folded.startswith(clitic)]
    for stem in stems:
        if len(stem) < _SHORTEST_STEM:
            continue
        yield stem
        yield from _without_ending(stem)


def _without_ending(stem: str) -> Iterator[str]:
    for ending in _ENDINGS:
        rest = stem[: -len(ending)]
        if len(rest) < _SHORTEST_STEM or not stem.endswith(ending):
            continue
        yield rest
        if ending in _FEMININE:
            yield rest + "ة"
        elif ending in _SUFFIXED and rest.endswith("ت"):
            yield rest[:-1] + "ة"


_PROCLITICS = tuple(sorted(PROCLITICS, key=len, reverse=True))
