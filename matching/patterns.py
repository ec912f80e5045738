"""Patterns: a spelling made ready for the automaton, with what a mention of it may look like."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matching.folding import evidence, fold_text, squeeze
from matching.letters import LETTER_NAMES

ANY = "*"
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LETTER_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")
_SEPARATORS = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212._]+")
_DECORATION = "!?,;:\"'()[]«»“”،؛؟ "


@dataclass(frozen=True, slots=True)
class Pattern:
    """A spelling as the automaton knows it, and the conditions on a place where it is found.

    `key` is folded and squeezed; `written` has the same length and keeps hamzas (`ANY` where every alef
    will do); `joints` are the positions in `key` at which separators may stand; if `all_or_none`, they
    stand at every joint or at none (letter names: "إيه إم دي", not "أيام دي").
    """

    key: str
    written: str
    joints: frozenset[int]
    all_or_none: bool


def make_pattern(spelling: str) -> Pattern:
    """Turn a spelling into a pattern; the key is empty when nothing in it can be looked for."""
    marked = _LETTER_DIGIT.sub(" ", _CAMEL.sub(" ", spelling.strip(_DECORATION)))
    parts = [part for part in _SEPARATORS.split(marked) if squeeze(fold_text(part))]
    keys = [squeeze(fold_text(part)) for part in parts]
    joints: set[int] = set()
    position = 0
    for key in keys[:-1]:
        position += len(key)
        joints.add(position)
    return Pattern(
        key="".join(keys),
        written="".join(_written(part, key) for part, key in zip(parts, keys, strict=True)),
        joints=frozenset(joints),
        all_or_none=len(keys) > 1 and all(key in LETTER_NAMES for key in keys),
    )


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


def _written(part: str, key: str) -> str:
    """Return the part with its hamzas; a bare alef at its beginning may stand for any, unlike one inside."""
    kept = squeeze(evidence(part))
    if len(kept) != len(key):
        return ANY * len(key)
    if key in LETTER_NAMES:
        return "".join(ANY if letter in "اأإآ" else letter for letter in kept)
    return ANY + kept[1:] if kept.startswith("ا") else kept
