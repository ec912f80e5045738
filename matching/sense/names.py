"""Clear names of the field: those of the lexicon that mean one thing only speak for an unclear one near them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from matching.folding import fold_text, is_arabic
from matching.lexicon import load_lexicon
from matching.sense.cues import Word

_SHORTEST = {True: 4, False: 3}
"""Letters that an Arabic (True) or Latin name must have; shorter ones are too often something else."""
_WORDS_KEPT = 1 << 14
_NOT_OF_THE_FIELD = frozenset({"agency", "organisation"})
"""Kinds that other news speaks of as much: ministries, courts, space agencies."""
_PARTS = re.compile(r"[^\s\-._]+")


@dataclass(frozen=True, slots=True)
class _Start:
    """What a word may be in names: names by itself, and its forms that begin longer ones."""

    names: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()


_NOTHING = _Start()


class KnownNames(dict[Word, _Start]):
    """Names, looked for among words; what a word may begin is found when it is first met, and remembered."""

    def __init__(self, forms: Iterable[tuple[str, str]]) -> None:
        """Take pairs of a form, in either script, and the name that it stands for."""
        super().__init__()
        self._single: dict[str, str] = {}
        self._longer: defaultdict[tuple[str, str], dict[tuple[str, ...], str]] = defaultdict(dict)
        for form, name in forms:
            first, *further = _PARTS.findall(fold_text(form)) or [""]
            if len(first + "".join(further)) < _SHORTEST[is_arabic(first[:1] or " ")]:
                continue
            if further:
                self._longer[first, further[0]].setdefault(tuple(further[1:]), name)
            else:
                self._single.setdefault(first, name)
        self._heads = frozenset(first for first, _ in self._longer)
        self._seconds = frozenset(second for _, second in self._longer)

    def __missing__(self, word: Word) -> _Start:
        if len(self) >= _WORDS_KEPT:
            self.clear()
        whole = [form for form in word.forms if word.folded.endswith(form)]  # names take no endings
        names = tuple(self._single[form] for form in whole if form in self._single)
        heads = tuple(form for form in whole if form in self._heads)
        self[word] = start = _Start(names, heads) if names or heads else _NOTHING
        return start

    def among(self, words: Sequence[Word]) -> set[str]:
        """Return the names that occur in a row of words."""
        found: set[str] = set()
        starts = [self[word] for word in words]
        for place in [place for place, start in enumerate(starts) if start is not _NOTHING]:
            start = starts[place]
            found.update(start.names)
            follower = words[place + 1].folded if place + 1 < len(words) else ""
            if follower in self._seconds:
                found.update(self._longer_at(words, place, start.heads))
        return found

    def _longer_at(self, words: Sequence[Word], place: int, heads: Sequence[str]) -> Iterator[str]:
        for head in heads:
            for further, name in self._longer.get((head, words[place + 1].folded), {}).items():
                rest = words[place + 2 : place + 2 + len(further)]
                if tuple(word.folded for word in rest) == further:
                    yield name


@cache
def known_names() -> KnownNames:
    """Return the clear names of the lexicon's firms, products and people; indexed once a process.

    Of a name that something else bears only the forms of several parts are clear enough (مون شوت).
    """
    entries = [entry for entry in load_lexicon().entries if entry.kind not in _NOT_OF_THE_FIELD]
    return KnownNames(
        (form, entry.name)
        for entry in entries
        for form in (entry.name, *entry.arabic)
        if not entry.other or len(_PARTS.findall(form)) > 1
    )
