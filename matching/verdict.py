"""The verdict on a candidate: is the name really written there, by itself?

The automaton knows no word boundaries, hamzas or vowel marks. Boundaries are looked at in the bytes of the scan,
which refuses most candidates before anything else is worked out; the rest in the original text.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from matching.clitics import INTERROGATIVE, apart, may_be_proclitic, run_before
from matching.folding import SEPARATORS, TANWIN, evidence, fold_character, fold_text, is_arabic, squeeze
from matching.letters import LETTER_NAMES, PROSE
from matching.ordinary import is_ordinary
from matching.patterns import Pattern, hamza_agrees, mark_points
from matching.scanning import ARABIC, CLASS, DIGIT, LATIN, SIGN, SPACE, Scan, letters, octets

_JOINT = re.compile(r"(?!\n\n)[ \n]?[-._]?[ \n]?")
_CODE_JOINTS = frozenset({" ", "\n", "-", "_"})
_INSIDE = frozenset({(ARABIC, ARABIC), (LATIN, LATIN), (DIGIT, LATIN), (DIGIT, DIGIT)})
"""(class of the last byte, of the one after it) between which no name ends: Qwen3 holds Qwen, H200 no H20."""
_ENDS_INSIDE = bytes((CLASS[a], CLASS[b]) in _INSIDE for a in range(256) for b in range(256))
"""The same for each pair of bytes: this is asked of every candidate, and nearly always the answer."""
_DECIMAL = b".,"
_LETTERS = frozenset(map(octets, LETTER_NAMES - PROSE))
_LONGEST_LETTER = 8


class Refusal(StrEnum):
    """Why a candidate is no mention."""

    BEGINS_INSIDE = "begins_inside"
    ENDS_INSIDE = "ends_inside"
    JOINTS = "joints"
    """Something else than one separator stands between its parts, or one stands inside a part."""
    MORE_LETTERS = "more_letters"
    """It is a piece of a longer row of letter names: BMG in كيه بي إم جي (KPMG)."""
    TANWIN = "tanwin"
    HAMZA = "hamza"
    ORDINARY = "ordinary"
    """With the letters before it, it is an ordinary word."""
    OTHER_CHARACTERS = "other_characters"
    NOT_EXACT = "not_exact"


class Mention(NamedTuple):
    """A confirmed place: code points of the scanned text, and the proclitic before it ("" if there is none)."""

    start: int
    end: int
    clitics: str


def boundary(scan: bytes, start: int, end: int) -> Refusal | None:
    """Refuse a candidate whose neighbours continue the word: Arabic letters but proclitics, Latin ones, digits."""
    last, after, before = scan[end - 1], scan[end], CLASS[scan[start - 1]]
    if _ENDS_INSIDE[last << 8 | after]:
        return Refusal.ENDS_INSIDE
    if after == _DECIMAL[0] and CLASS[last] == DIGIT == CLASS[scan[end + 1]]:
        return Refusal.ENDS_INSIDE
    first = CLASS[scan[start]]
    if before == SIGN:
        decimal = first == DIGIT == CLASS[scan[start - 2]] and scan[start - 1] in _DECIMAL
        return Refusal.BEGINS_INSIDE if decimal else None
    if first == ARABIC:
        # Latin letters and digits may touch an Arabic name: 5Gهواوي is two words.
        inside = before == ARABIC and not may_be_proclitic(run_before(scan, start))
    else:
        inside = before != ARABIC and first != SIGN
    return Refusal.BEGINS_INSIDE if inside else None


def judge(scan: Scan, start: int, end: int, pattern: Pattern, *, exact: bool = False) -> Mention | Refusal:
    """Confirm or refuse a candidate that `boundary` let pass; `start` and `end` are places in the scan's bytes.

    `exact` wants the very characters of the spelling, with nothing written onto them.
    """
    text = scan.text
    first, stop = scan.offset(start), scan.offset(end - 1) + 1
    while stop < len(text) and unicodedata.category(text[stop]) == "Mn":
        stop += 1
    surface = text[first:stop]
    refuse = _refuse_remembered if len(surface) <= _LONGEST_REMEMBERED else _refuse_surface
    if refusal := refuse(surface, pattern):
        return refusal
    if pattern.all_or_none and _is_in_longer_row(scan.octets, start, end):
        return Refusal.MORE_LETTERS
    run = run_before(scan.octets, start)
    if exact and (surface != pattern.spelling or run):
        return Refusal.NOT_EXACT
    if not run:
        return Mention(first, stop, letters(apart(scan.octets, start)))
    return _behind_letters(scan, start, run, Mention(first, stop, ""))


def _behind_letters(scan: Scan, start: int, run: bytes, mention: Mention) -> Mention | Refusal:
    """Decide about a name that Arabic letters touch; before a Latin one they need be no proclitic."""
    touching = _with_hamza(scan, start, letters(run))
    bare_alef = touching == "ا"
    if CLASS[scan.octets[start]] == ARABIC:
        if bare_alef:
            return Refusal.BEGINS_INSIDE
        if is_ordinary(touching, _as_written(scan.text[mention.start : mention.end])):
            return Refusal.ORDINARY
    return mention if bare_alef or not may_be_proclitic(run) else mention._replace(clitics=touching)


def _is_in_longer_row(scan: bytes, start: int, end: int) -> bool:
    """Say whether the word before or after a row of letter names is one more; `في` may be V, but is "in"."""
    words = scan[max(0, start - 1 - _LONGEST_LETTER) : max(0, start - 1)] if scan[start - 1] == SPACE else b""
    before = words.rsplit(b" ", 1)[-1]
    after = scan[end + 1 : end + 1 + _LONGEST_LETTER].split(b" ", 1)[0] if scan[end] == SPACE else b""
    return before in _LETTERS or after in _LETTERS


def _with_hamza(scan: Scan, start: int, run: str) -> str:
    """Return the letters before a name; of a single alef its hamza tells the interrogative from a letter."""
    if run != "ا":
        return run
    carried = evidence(scan.text[scan.offset(start - 1) : scan.offset(start)])
    return INTERROGATIVE if carried == INTERROGATIVE else run


def _refuse_surface(surface: str, pattern: Pattern) -> Refusal | None:
    """Refuse what the candidate's own characters rule out."""
    folded = mark_points(fold_text(surface))
    if squeeze(folded) != pattern.key:
        return Refusal.OTHER_CHARACTERS
    if not _joints_allowed(folded, pattern):
        return Refusal.JOINTS
    # Names are never declined: ميتاً and ميتًا are the word "dead".
    if is_arabic(pattern.key[-1]) and not TANWIN.isdisjoint(_last_two_letters(surface)):
        return Refusal.TANWIN
    found = _as_written(surface)
    if len(found) == len(pattern.written) and not hamza_agrees(pattern.written, found):
        return Refusal.HAMZA
    return None


_refuse_remembered = lru_cache(maxsize=16384)(_refuse_surface)
"""The same spellings come again and again; longer ones are full of marks and come once."""
_LONGEST_REMEMBERED = 64


def _joints_allowed(folded: str, pattern: Pattern) -> bool:
    gaps = _gaps(folded)
    if pattern.all_or_none and len(gaps) not in (0, len(pattern.joints)):
        return False
    for index, gap in gaps.items():
        if index not in pattern.joints:
            return False
        before_number = pattern.key[index].isdigit() and not pattern.key[index - 1].isdigit()
        if gap not in _CODE_JOINTS if before_number else not _JOINT.fullmatch(gap):
            return False
    return True


def _gaps(folded: str) -> dict[int, str]:
    """Return the separators inside a folded name, by their position among its letters."""
    gaps: dict[int, str] = {}
    count = 0
    for character in folded:
        if character in SEPARATORS:
            gaps[count] = gaps.get(count, "") + character
        else:
            count += 1
    return gaps


def _last_two_letters(surface: str) -> str:
    """Return the end of a name from its last letter but one: there a tanwin may stand."""
    place, count = len(surface), 0
    while place and count < 2:
        place -= 1
        count += bool(fold_character(surface[place]))
    return surface[place:]


def _as_written(surface: str) -> str:
    """Return a name with its hamzas, without separators."""
    return squeeze(evidence(surface))
