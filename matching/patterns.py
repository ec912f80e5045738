"""Patterns: a spelling made ready for the automaton, with what a mention of it may look like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations

from matching.folding import evidence, fold_text, squeeze
from matching.letters import LETTER_NAMES
from matching.scanning import octets

ANY = "*"
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LETTER_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")
_SEPARATORS = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212._]+")
_POINT, _POINTS = "٫", (".", ",", "٫")
_DECIMAL = re.compile(r"(?<=\d)[.,٫](?=\d)")
_DECORATION = "!?,;:\"'()[]«»“”،؛؟ "
_SPACE, _LATIN_JOINTS, _DOTTED = (b" ",), (b" ", b"."), (b" ", b".", b". ")
_FREE_JOINTS = 4
"""With more joints than this, they stand all, none, all but one, or only one."""


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A spelling as the automaton knows it, and the conditions on a place where it is found.

    `spelling` is what was given, without punctuation around it; `key` is folded and squeezed; `written` has the
    same length and keeps hamzas (`ANY` where every alef will do); `joints` are the positions in `key` at which
    separators may stand; if `all_or_none`, they stand at every joint or at none (letter names: "إيه إم دي", not
    "أيام دي").
    """

    spelling: str
    key: str
    written: str
    joints: frozenset[int]
    all_or_none: bool

    def octets(self, *, glued: bool = True) -> Iterator[bytes]:
        """Yield what the automaton looks for: the key's bytes with each separator that may stand at the joints.

        Unless `glued` a separator stands at one of them at least.
        Other separators than these are a space to the automaton, or have a dot before it.
        """
        if "." in self.spelling and glued:
            # A full stop with a space behind it, as in Warner Bros. Discovery.
            yield b" ".join(octets(fold_text(mark_points(self.spelling))).split())
        points = _POINTS if _POINT in self.key else (_POINT,)
        for letters in (octets(self.key.replace(_POINT, point)) for point in points):
            yield from self._joined(letters, glued=glued)

    def _joined(self, letters: bytes, *, glued: bool) -> Iterator[bytes]:
        signs = _DOTTED if self.all_or_none else _LATIN_JOINTS if self.key.isascii() else _SPACE
        for chosen in _choices(sorted(self.joints), all_or_none=self.all_or_none):
            if not (chosen or glued):
                continue
            ends = (*chosen, len(letters))
            parts = [letters[a:b] for a, b in zip((0, *chosen), ends, strict=True)]
            yield from (sign.join(parts) for sign in (signs if chosen else _SPACE))


@lru_cache(maxsize=8192)
def make_pattern(spelling: str) -> Pattern:
    """Turn a spelling into a pattern; the key is empty when nothing in it can be looked for."""
    bare = spelling.strip(_DECORATION)
    marked = mark_points(_LETTER_DIGIT.sub(" ", _CAMEL.sub(" ", bare)))
    parts = [part for part in _SEPARATORS.split(marked) if squeeze(fold_text(part))]
    keys = [squeeze(fold_text(part)) for part in parts]
    joints: set[int] = set()
    position = 0
    for key in keys[:-1]:
        position += len(key)
        joints.add(position)
    return Pattern(
        spelling=bare,
        key="".join(keys),
        written="".join(_written(part, key) for part, key in zip(parts, keys, strict=True)),
        joints=frozenset(joints),
        all_or_none=len(keys) > 1 and all(key in LETTER_NAMES for key in keys),
    )


def mark_points(text: str) -> str:
    """Write every decimal point as the Arabic one, which is no separator: GPT-3.5 has two parts, not three."""
    return _DECIMAL.sub(_POINT, text)


def hamza_agrees(written: str, found: str) -> bool:
    """Say whether the hamzas that were found can be a way of writing the listed ones.

    آبل is also written أبل and ابل, إنتل also أنتل and انتل; but إبل is never آبل, nor بئرين ever بيرين.
    """
    return all(map(_letter_agrees, written, found))


def _letter_agrees(listed: str, found: str) -> bool:
    if listed in "أآ":
        return found != "إ"
    if listed in "اوي":
        return found == listed
    return True


def _choices(joints: list[int], *, all_or_none: bool) -> Iterator[tuple[int, ...]]:
    """Yield, without repetition, at which of the joints a separator stands."""
    count = len(joints)
    if all_or_none and count > 1:
        sizes: tuple[int, ...] = (0, count)
    elif count <= _FREE_JOINTS:
        sizes = tuple(range(count + 1))
    else:
        sizes = (0, 1, count - 1, count)
    return chain.from_iterable(combinations(joints, size) for size in sizes)


def _written(part: str, key: str) -> str:
    """Return the part with its hamzas; a bare alef at its beginning may stand for any, unlike one inside."""
    kept = squeeze(evidence(part))
    if len(kept) != len(key):
        return ANY * len(key)
    if key in LETTER_NAMES:
        return "".join(ANY if letter in "اأإآ" else letter for letter in kept)
    return ANY + kept[1:] if kept.startswith("ا") else kept
