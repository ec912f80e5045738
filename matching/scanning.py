"""Scanning: an article as the automaton reads it, one byte a character, with the way back to the original.

The byte of a character stands for its folded form: a Latin letter, digit or sign for itself, an Arabic letter
for its place in Windows-1256, a separator for a space; other scripts share one byte, and what only looks equal
is told apart afterwards. What folding drops is left out, and several separators are one space. Windows-1256 is
the way there because it holds nearly every character of Arabic news and Python encodes it in C: the few that
it lacks (٢٠, ی, presentation forms) are folded one run at a time by an error handler. Only a text with a
character that folds to several (the ligature ﻻ) is written out first.
"""

from __future__ import annotations

import codecs
import unicodedata
from bisect import bisect_left, bisect_right
from itertools import accumulate

from matching.folding import ZWNJ, fold_character, is_arabic, is_word

SPACE, DOT, OTHER_SIGN, OTHER_ARABIC, OTHER_LETTER = 0x20, 0x2E, 0xA7, 0x8A, 0xB5
SIGN, ARABIC, LATIN, DIGIT = range(4)
"""The classes of bytes; a letter of another script counts as Latin: it ends no word."""

_CODEC = "cp1256"
_DROPPED = 0xFD  # the byte of U+200E, which folding drops
_MOST_LEARNED = 20_000
_FIRST_FORM, _LAST_FORM = "\ufb50", "\ufefc"  # Arabic Presentation Forms A and B
_SPACED = frozenset(" \n-_")


class _SeveralCharacters(Exception):
    """A character of the text folds to more than one."""


def octets(folded: str) -> bytes:
    """Return the bytes that stand for folded text."""
    return bytes(map(_OCTETS.__getitem__, folded))


def _octet(folded: str) -> int:
    if folded in _SPACED:
        return SPACE
    if folded.isascii():
        return ord(folded)
    if is_arabic(folded):
        return (folded.encode(_CODEC, "ignore") or bytes([OTHER_ARABIC]))[0]
    return OTHER_LETTER if is_word(folded) else OTHER_SIGN


class _Octets(dict[str, int]):
    """The byte of each folded character, learned when it is first met."""

    def __missing__(self, folded: str) -> int:
        self[folded] = code = _octet(folded)
        return code


class _OctetsOfStrange(dict[str, int]):
    """The byte of each character that the codec lacks, learned when it is first met."""

    def __missing__(self, character: str) -> int:
        folded = fold_character(character)
        if len(folded) > 1:
            raise _SeveralCharacters
        code = _octet(folded) if folded else _DROPPED
        if len(self) < _MOST_LEARNED:
            self[character] = code
        return code


_OCTETS, _OF_STRANGE = _Octets(), _OctetsOfStrange()


def _fold_strange(error: UnicodeError) -> tuple[bytes, int]:
    """Fold what the codec lacks; an error handler in the sense of `codecs.register_error`.

    It answers with bytes of the codec that become those of the scan.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return bytes(map(_OF_STRANGE.__getitem__, error.object[error.start : error.end])), error.end


codecs.register_error("matching.scanning", _fold_strange)

_OF_CODEC = [fold_character(bytes([code]).decode(_CODEC)) for code in range(256)]
_TABLE = bytes(_octet(folded) if folded else SPACE for folded in _OF_CODEC)
_DELETED = bytes(code for code, folded in enumerate(_OF_CODEC) if not folded)
_MARKED = bytes(bool(folded) for folded in _OF_CODEC)


def _class(code: int) -> int:
    if 0x30 <= code <= 0x39:
        return DIGIT
    if code == OTHER_LETTER or (code < 0x80 and chr(code).isalpha()):
        return LATIN
    return ARABIC if is_arabic(bytes([code]).decode(_CODEC)) else SIGN


CLASS = bytes(map(_class, range(256)))
"""The class of each byte of a scan."""


class Scan:
    """One text, read for the automaton.

    `octets` begins and ends with a space. `text` is the original, or, where a character of it folds to
    several, the original with that one written out; each of its characters stands for one byte or none.
    With `parted` a zero-width non-joiner is a space: to the eye it ends a word. Else it is left out.
    """

    __slots__ = ("_encoded", "_levels", "_original", "_origins", "_raw", "octets", "text", "written_out")

    def __init__(self, text: str, *, parted: bool = False) -> None:
        self._origins: list[int] | None = None
        self._levels: list[tuple[list[int], bool]] | None = None
        self.text = self._original = text.replace(ZWNJ, " ") if parted else text
        self.written_out = False
        """Whether `text` is not the original."""
        try:
            self._encoded = f" {self.text} ".encode(_CODEC, "matching.scanning")
        except _SeveralCharacters:
            self.text, self.written_out = self._original.translate(_WRITTEN_OUT), True
            self._encoded = f" {self.text} ".encode(_CODEC, "matching.scanning")
        self._raw = octets = self._encoded.translate(_TABLE, _DELETED)
        while b"  " in octets:
            octets = octets.replace(b"  ", b" ")
        self.octets = octets

    def offset(self, place: int) -> int:
        """Return the code point of `text` that the byte at a place stands for."""
        if self._levels is None:
            self._levels = self._find_levels()
        for dropped, before in self._levels:
            place += bisect_left(dropped, place) if before else bisect_right(dropped, place)
        return place - 1

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the code points of `text` from the first byte of a place to its last, end exclusive."""
        return self.offset(start), self.offset(end - 1) + 1

    def original(self, offset: int) -> int:
        """Return the code point of the original that an offset in `text` came from."""
        if not self.written_out:
            return offset
        if self._origins is None:
            self._origins = [at for at, c in enumerate(self._original) for _ in _WRITTEN_OUT[ord(c)]]
        return self._origins[offset]

    def _find_levels(self) -> list[tuple[list[int], bool]]:
        """Return, from the scan back to the encoded text, after which places bytes were left out."""
        levels: list[tuple[list[int], bool]] = []
        octets = self._raw
        if len(octets) != len(self._encoded):
            pieces = self._encoded.translate(_MARKED).split(b"\0")
            del pieces[-1]
            levels.append((list(accumulate(map(len, pieces))), False))
        while b"  " in octets:
            pieces = octets.split(b"  ")
            ends = accumulate(len(piece) + 1 for piece in pieces[:-1])
            levels.append(([end - 1 for end in ends], True))
            octets = b" ".join(pieces)
        return levels[::-1]


class _WrittenOut(dict[int, str]):
    """What to write for each character, learned when it is first met: mostly itself.

    Presentation forms are written as the letters that they are, which the codec has.
    """

    def __missing__(self, code: int) -> str:
        character = written = chr(code)
        if _FIRST_FORM <= character <= _LAST_FORM or len(fold_character(character)) > 1:
            # NFKC keeps the hamza of ﻷ, which folding loses.
            written = unicodedata.normalize("NFKC", character)
            if any(len(fold_character(each)) > 1 for each in written):
                written = fold_character(character)
        if len(self) < _MOST_LEARNED:
            self[code] = written
        return written


_WRITTEN_OUT = _WrittenOut()
