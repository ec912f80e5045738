"""Folding: one form for what reads the same.

One letter has one folded form, whatever the keyboard, font or house style: presentation forms and
full-width letters (NFKD), short vowels, tatweel and invisible controls dropped, Arabic and Persian
letters and digits united, alef and hamza carriers without their hamza, quotation marks and hyphens of
every shape made one, Latin letters casefolded and without accents.

Folding loses evidence on purpose (إبل and آبل both become ابل); `evidence` keeps the hamza forms, so that
a decision about a hit can look at what was really written. `matching.scanning` folds whole articles and knows
the way back to the original.
"""

from __future__ import annotations

import unicodedata

TATWEEL = "\u0640"
ZWNJ = "\u200c"
TANWIN = frozenset("\u064b\u064c\u064d\u08f0\u08f1\u08f2\ufe70\ufe71\ufe72\ufe74")

_MARKS_IN_A_ROW = 30
_MOST_LEARNED = 20_000
"""Characters whose folded form is kept: no text of this world holds more, a hostile one may."""
SEPARATORS = " \n-._"
"""What may stand between the parts of a name; `squeeze` takes these out of folded text."""

_CHANGING_MARKS = frozenset("\u0653\u0654\u0655")
_HAMZA_FORMS = frozenset("أإآؤئ")
_SIGNS = {
    **dict.fromkeys('"“”„‟«»‹›″〝〞＂', '"'),
    **dict.fromkeys("'‘’‚‛`´ʼʹ′＇", "'"),
    **dict.fromkeys("\n\v\f\x85\u2028\u2029", "\n"),
    "\u2212": "-",
    "…": ".",
    "\r": "",
    TATWEEL: "",
}
_LETTERS = {
    **dict.fromkeys("ىیېۍ", "ي"),
    **dict.fromkeys("کڪگڭݣ", "ك"),
    **dict.fromkeys("ھہە", "ه"),
    **dict.fromkeys("ٱ", "ا"),
    "چ": "ج",
    "پ": "ب",
    "ڤ": "ف",
    "ڨ": "ق",
    "ژ": "ز",
}
_DROPPED = frozenset({"Mn", "Me", "Cf"})
_SPACE = frozenset({"Zs", "Cc", "Cs"})
_UNTOUCHED = frozenset({"So", "Sk", "No", "Co", "Cn"})  # ™ must not become the letters TM


def fold_text(text: str) -> str:
    """Fold a text. Idempotent: `fold_text(fold_text(x)) == fold_text(x)`."""
    return text.translate(_TABLE)


def fold_character(character: str) -> str:
    """Fold one character: to nothing (marks, tatweel, controls), one, or several (ligatures) characters."""
    return _TABLE[ord(character)]


def squeeze(folded: str) -> str:
    """Take the separators out of folded text, so that ديب سيك, ديب-سيك and ديبسيك are one string."""
    for separator in SEPARATORS:
        folded = folded.replace(separator, "")
    return folded


def evidence(text: str) -> str:
    """Fold a text but keep أ إ آ ؤ ئ as they were written, one character for each folded one."""
    composed = unicodedata.normalize("NFKC", _stream_safe(text))
    return "".join(c if c in _HAMZA_FORMS else _TABLE[ord(c)] for c in composed)


def _stream_safe(text: str) -> str:
    """Cut runs of combining marks after the 30th (UAX #15 §13): sorting a run takes the square of its length."""
    if len(text) <= _MARKS_IN_A_ROW:
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if _begins_with_mark(character) else 0
        if run <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def _begins_with_mark(character: str) -> bool:
    return unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) != 0


def without_marks(text: str) -> str:
    """Return a text without what folding drops, but for the marks that change a letter (U+0653 to U+0655)."""
    return text.translate(_WITHOUT_MARKS)


def is_arabic(character: str) -> bool:
    """Say whether a folded character is an Arabic letter."""
    return "\u0620" <= character <= "\u06d3" and character.isalpha()


def is_word(character: str) -> bool:
    """Say whether a folded character is a letter of any script or a digit."""
    return character.isalpha() or "0" <= character <= "9"


def _fold_once(character: str) -> str:
    category = unicodedata.category(character)
    if (sign := _sign(character, category)) is not None:
        return sign
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in _UNTOUCHED:
        return character
    # A mark that has a shape of its own (U+FE70) decomposes to a space and the mark.
    plain = unicodedata.normalize("NFKD", _LETTERS.get(character, character)).strip() or character
    return plain.casefold()


def _sign(character: str, category: str) -> str | None:
    """Fold what is neither letter nor digit: quotation marks, hyphens, spaces, marks, controls."""
    if character in _SIGNS:
        return _SIGNS[character]
    if category in _DROPPED:
        return ""
    if category in _SPACE:
        return " "
    return "-" if category == "Pd" else None


def _fold_character(character: str) -> str:
    """Fold one character until nothing changes any more: that makes `fold` idempotent."""
    result = _fold_once(character)
    while (again := "".join(map(_fold_once, result))) != result:
        result = again
    return result


class _FoldTable(dict[int, str]):
    """A table for `str.translate` that learns a character when it first meets it."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < _MOST_LEARNED:
            self[code] = folded
        return folded


_TABLE = _FoldTable()


class _WithoutMarks(dict[int, str]):
    """Every character for itself, and nothing for one that folding drops."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = character if _TABLE[code] or character in _CHANGING_MARKS else ""
        if len(self) < _MOST_LEARNED:
            self[code] = kept
        return kept


_WITHOUT_MARKS = _WithoutMarks()
