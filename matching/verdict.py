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

from matching.clitics import BARE_ALEF, INTERROGATIVE, apart, read_proclitic, run_before
from matching.folding import (
    SEPARATORS,
    TANWIN,
    evidence,
    fold_character,
    fold_text,
    is_arabic,
    is_word,
    squeeze,
    without_marks,
)
from matching.letters import LETTER_NAMES, PROSE
from matching.ordinary import LONGEST_IN_ORDINARY, is_ordinary
from matching.patterns import Pattern, hamza_agrees, mark_points
from matching.scanning import ARABIC, CLASS, DIGIT, DOT, LATIN, OTHER_SIGN, SIGN, SPACE, Scan, octets

_JOINT = re.compile(r"(?!\n\n)[ \n]?[-._]?[ \n]?")
_CODE_JOINTS = frozenset({" ", "\n", "-", "_"})
_INSIDE = frozenset({(ARABIC, ARABIC), (LATIN, LATIN), (DIGIT, LATIN), (DIGIT, DIGIT)})
"""(class of the last byte, of the one after it) between which no name ends: Qwen3 holds Qwen, H200 no H20."""
_ENDS_INSIDE = bytes((CLASS[a], CLASS[b]) in _INSIDE for a in range(256) for b in range(256))
"""The same for each pair of bytes: this is asked of every candidate, and nearly always the answer."""
_DECIMAL = bytes((DOT, ord(","), OTHER_SIGN))
"""The last one also stands for ٫, the Arabic decimal point."""
_LONGEST_DOMAIN = 4
_PLAIN_ENDS = frozenset({"", " ", "\n", ".", "،", ",", ":", '"', "”", "»", ")"})
"""What mostly comes after a name, and is no mark on its last letter."""
_LETTERS = frozenset(map(octets, (LETTER_NAMES - PROSE) | {"بي"}))
_STEPS = frozenset(map(octets, ("ان", "ام", "اي", "كي", "ال")))
"""Little words that are letters of a row if the word before them is one: سي إن بي سي is CNBC."""
_SURE = frozenset({"إم", "آي", "إي", "إل"})
"""Letter names that are prose only with another hamza."""
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
    if after in _DECIMAL and CLASS[last] == DIGIT == CLASS[scan[end + 1]]:
        return Refusal.ENDS_INSIDE
    first = CLASS[scan[start]]
    if before == SIGN:
        if _ends_domain(scan, start, end):
            return Refusal.BEGINS_INSIDE
        decimal = first == DIGIT == CLASS[scan[start - 2]] and scan[start - 1] in _DECIMAL
        return Refusal.BEGINS_INSIDE if decimal else None
    if first == ARABIC:
        # Latin letters and digits may touch an Arabic name: 5Gهواوي is two words.
        inside = before == ARABIC and read_proclitic(run_before(scan, start)) is None
    else:
        inside = before != ARABIC and first != SIGN
    return Refusal.BEGINS_INSIDE if inside else None


def judge(
    scan: Scan, start: int, end: int, pattern: Pattern, *, exact: str | None = None
) -> Mention | Refusal:
    """Confirm or refuse a candidate that `boundary` let pass; `start` and `end` are places in the scan's bytes.

    `exact` are the very characters that are wanted, with nothing written onto them.
    """
    text = scan.text
    first, stop = scan.span(start, end)
    if text[stop : stop + 1] not in _PLAIN_ENDS:
        stop = _end_of_marks(text, stop)
    if exact is not None:
        return _judge_exactly(text, first, exact)
    surface = text[first:stop]
    run = run_before(scan.octets, start)
    refusal = None if surface == pattern.spelling else _refuse(surface, pattern)
    if refusal is None and pattern.all_or_none and _is_in_longer_row(scan, start, end):
        refusal = Refusal.MORE_LETTERS
    if refusal is not None:
        return refusal
    if not run:
        return Mention(first, stop, apart(scan.octets, start))
    clitics = read_proclitic(run)
    if clitics == BARE_ALEF:
        clitics = INTERROGATIVE if _has_hamza(scan, start) else None
    if CLASS[scan.octets[start]] == ARABIC:
        if clitics is None:
            refusal = Refusal.BEGINS_INSIDE
        elif stop - first <= LONGEST_IN_ORDINARY and is_ordinary(
            clitics, _written_remembered(without_marks(surface))
        ):
            refusal = Refusal.ORDINARY
    # Before a Latin name any Arabic letters may stand.
    return refusal or Mention(first, stop, clitics or "")


def _judge_exactly(text: str, first: int, exact: str) -> Mention | Refusal:
    """Confirm a candidate whose first letter is at `first` if just these characters stand there, apart."""
    start = first - next((at for at, c in enumerate(exact) if is_word(fold_character(c)[:1] or " ")), 0)
    stop = start + len(exact)
    around = (text[start - 1 : start] if start > 0 else "", text[stop : stop + 1])
    if start < 0 or text[start:stop] != exact or any(_is_part(character) for character in around):
        return Refusal.NOT_EXACT
    return Mention(start, stop, "")


def _is_part(character: str) -> bool:
    """Say whether a character continues a word: letters, digits, marks, tatweel, the underscore."""
    return character == "_" or character.isalnum() or (character != "" and not fold_character(character))


def _refuse(surface: str, pattern: Pattern) -> Refusal | None:
    if without_marks(surface) == pattern.spelling and TANWIN.isdisjoint(surface):
        # The listed spelling under vowel marks and tatweel: nothing else is to be looked at.
        return None
    remembered = len(surface) <= _LONGEST_REMEMBERED
    return _refuse_remembered(surface, pattern) if remembered else _refuse_surface(surface, pattern)


def _has_hamza(scan: Scan, start: int) -> bool:
    """Say whether the alef before a name is the interrogative, which carries a hamza."""
    return evidence(scan.text[scan.offset(start - 1) : scan.offset(start)]) == INTERROGATIVE


def _end_of_marks(text: str, stop: int) -> int:
    """Return the end of a name past the marks on its last letter."""
    while stop < len(text) and unicodedata.category(text[stop]) == "Mn":
        stop += 1
    return stop


def _is_in_longer_row(scan: Scan, start: int, end: int) -> bool:
    """Say whether the word before or after a row of letter names is one more; `في` may be V, but is "in"."""
    scanned = scan.octets
    first = scanned.rfind(b" ", 0, max(0, start - 1)) + 1 if scanned[start - 1] == SPACE else start - 1
    last = scanned.find(b" ", end + 1) if scanned[end] == SPACE else end
    if _is_letter(scan, first, start - 1) or _is_letter(scan, end + 1, last):
        return True
    further = scanned.rfind(b" ", 0, max(0, first - 1)) + 1
    return scanned[first : start - 1] in _STEPS and _is_letter(scan, further, first - 1)


def _is_letter(scan: Scan, begin: int, stop: int) -> bool:
    if not 0 < stop - begin <= _LONGEST_LETTER:
        return False
    if scan.octets[begin:stop] in _LETTERS:
        return True
    first, last = scan.span(begin, stop)
    return evidence(scan.text[first:last]) in _SURE


def _ends_domain(scan: bytes, start: int, end: int) -> bool:
    """Say whether a short name is the end of a web address: net in aljazeera.net is not .NET."""
    if scan[start - 1] != DOT or scan[end] == DOT or end - start > _LONGEST_DOMAIN:
        return False
    return CLASS[scan[start]] == LATIN and CLASS[scan[start - 2]] in (LATIN, DIGIT)


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


_written_remembered = lru_cache(maxsize=4096)(_as_written)
