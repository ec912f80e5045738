"""The verdict on a candidate: is the name really written there, by itself?

The automaton sees neither word boundaries nor hamzas nor vowel marks; here they are looked at, in the
folded text and, for evidence, in the original.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from matching.clitics import is_proclitic, proclitic_apart, touching_letters
from matching.folding import SEPARATORS, TANWIN, ZWNJ, Folded, evidence, is_arabic, is_word, squeeze
from matching.patterns import Pattern, hamza_agrees

_JOINT = re.compile(r"(?!\n\n)[ \n]?[-._]?[ \n]?")
_SEPARATOR_RUN = re.compile(f"[{re.escape(SEPARATORS)}]+")
_CODE_JOINTS = frozenset({" ", "\n", "-", "_"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A confirmed place: code points of the original, and the proclitic before it ("" if there is none)."""

    start: int
    end: int
    clitics: str


class TextView:
    """One text seen three ways: squeezed (what the automaton read), folded, original."""

    def __init__(self, folded: Folded) -> None:
        self.folded = folded.text
        self.original = folded.original
        self.offsets = folded.offsets()
        self._places = _places(folded.text)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the folded span of a squeezed one."""
        return self._places[start], self._places[end - 1] + 1

    def gaps(self, start: int, end: int) -> dict[int, str]:
        """Return the separators inside a squeezed span, by their position in it."""
        places = self._places[start:end]
        if places[-1] - places[0] == end - start - 1:
            return {}
        pairs = enumerate(pairwise(places), start=1)
        return {index: self.folded[a + 1 : b] for index, (a, b) in pairs if b - a > 1}

    def source(self, start: int, end: int) -> str:
        """Return the original of a folded span, with the marks on its last letter."""
        return self.original[self.offsets[start] : self.end_in_original(end)]

    def end_in_original(self, end: int) -> int:
        """Return the end in the original of a folded span, past the marks on its last letter."""
        place = self.offsets[end - 1] + 1
        while place < len(self.original) and unicodedata.category(self.original[place]) == "Mn":
            place += 1
        return place

    def parted_at(self, place: int) -> bool:
        """Say whether a zero-width non-joiner stands right before the folded position."""
        begin = self.offsets[place - 1]
        return ZWNJ in self.original[begin : self.offsets[place]]


def _places(folded: str) -> list[int]:
    """Return, for each squeezed character, its place in the folded text."""
    places: list[int] = []
    start = 0
    for run in _SEPARATOR_RUN.finditer(folded):
        places.extend(range(start, run.start()))
        start = run.end()
    places.extend(range(start, len(folded)))
    return places


def judge(view: TextView, start: int, end: int, pattern: Pattern, ordinary: frozenset[str]) -> Mention | None:
    """Confirm or refuse a candidate, given as a span of the squeezed text."""
    if not _joints_allowed(view, start, end, pattern):
        return None
    begin, stop = view.span(start, end)
    letters = touching_letters(view.folded, begin, view.original, view.offsets)
    if not (_begins_there(view, begin, letters) and _ends_there(view, stop)):
        return None
    found = _as_written(view, begin, stop)
    if _has_tanwin(view, stop) or _is_ordinary(letters, found, ordinary):
        return None
    if len(found) == len(pattern.written) and not hamza_agrees(pattern.written, found):
        return None
    clitics = letters if is_proclitic(letters) else "" if letters else proclitic_apart(view.folded, begin)
    return Mention(view.offsets[begin], view.end_in_original(stop), clitics)


def _joints_allowed(view: TextView, start: int, end: int, pattern: Pattern) -> bool:
    gaps = view.gaps(start, end)
    if pattern.all_or_none and len(gaps) not in (0, len(pattern.joints)):
        return False
    for index, gap in gaps.items():
        if index not in pattern.joints:
            return False
        before_number = pattern.key[index].isdigit() and not pattern.key[index - 1].isdigit()
        if gap not in _CODE_JOINTS if before_number else not _JOINT.fullmatch(gap):
            return False
    return True


def _begins_there(view: TextView, begin: int, letters: str) -> bool:
    """Arabic letters may touch a Latin name or a code; before an Arabic name they must be a proclitic."""
    if is_arabic(view.folded[begin]):
        return not letters or is_proclitic(letters)
    if not begin or letters or view.parted_at(begin):
        return True
    before = view.folded[begin - 1]
    if view.folded[begin].isdigit() and before in ".," and view.folded[max(0, begin - 2)].isdigit():
        return False
    return not is_word(before) or not is_word(view.folded[begin])


def _ends_there(view: TextView, stop: int) -> bool:
    """A name that ends in a letter may have a number after it (Qwen3); a code may not (H20 in H200)."""
    if stop == len(view.folded) or view.parted_at(stop):
        return True
    last, after = view.folded[stop - 1], view.folded[stop]
    if not is_word(last) or not is_word(after):
        further = view.folded[stop + 1 : stop + 2]
        return not (last.isdigit() and after == "." and further.isdigit())
    if is_arabic(last):
        return not is_arabic(after)
    if is_arabic(after):
        return True
    return after.isdigit() and not last.isdigit()


def _has_tanwin(view: TextView, stop: int) -> bool:
    """Names are never declined: ميتاً and ميتًا are the word "dead"."""
    return is_arabic(view.folded[stop - 1]) and not TANWIN.isdisjoint(view.source(max(0, stop - 2), stop))


def _as_written(view: TextView, begin: int, stop: int) -> str:
    """Return the span with its hamzas, without separators; a ligature may reach over its beginning."""
    first = begin
    while first and view.offsets[first - 1] == view.offsets[begin]:
        first -= 1
    return squeeze(evidence(view.source(first, stop))[begin - first :])


def _is_ordinary(letters: str, found: str, ordinary: frozenset[str]) -> bool:
    """Say whether the name with all or some of the letters before it is an ordinary word (و+كابل)."""
    return any(letters[cut:] + found in ordinary for cut in range(len(letters) + 1))
