"""Letter names: how Arabic text spells out acronyms (IBM → آي بي إم) and codes (H20 → إتش 20)."""

from __future__ import annotations

import re
from itertools import islice, product

from matching.folding import fold_text

MAX_FORMS = 200
"""No name gets more spellings by rule than this."""

_NAMES: dict[str, tuple[str, ...]] = {
    "A": ("إيه", "آي"),
    "B": ("بي",),
    "C": ("سي",),
    "D": ("دي",),
    "E": ("إي",),
    "F": ("إف",),
    "G": ("جي",),
    "H": ("إتش", "إيتش"),
    "I": ("آي",),
    "J": ("جيه", "جي"),
    "K": ("كيه", "كي", "كاي"),
    "L": ("إل",),
    "M": ("إم",),
    "N": ("إن",),
    "O": ("أو",),
    "P": ("بي",),
    "Q": ("كيو",),
    "R": ("آر",),
    "S": ("إس",),
    "T": ("تي",),
    "U": ("يو",),
    "V": ("في",),
    "W": ("دبليو", "دابليو"),
    "X": ("إكس",),
    "Y": ("واي",),
    "Z": ("زد", "زي"),
}
LETTER_NAMES = frozenset(fold_text(name) for names in _NAMES.values() for name in names)
"""Every letter name, folded. Their alefs carry any hamza in print: إم, أم and ام are all M."""

# "any", "in", "that", "or", "mother", "so that", "in me", "the": with a number, or in pairs, plain prose.
PROSE = frozenset({"اي", "في", "ان", "او", "ام", "كي", "بي", "ال"})
"""Letter names that are little words too."""
_CONJUNCTIONS = frozenset({"او", "في", "ان", "ام", "ال"})
_ACRONYM = re.compile(r"[A-Z]{2,6}")
_CODE = re.compile(r"([A-Za-z]{1,3})[- ]?([0-9]{1,5})([A-Za-z]?)")


def spell_out(name: str) -> tuple[str, ...]:
    """Return the letter-by-letter Arabic spellings of an acronym or a code, likeliest first, or nothing.

    At most `MAX_FORMS`; forms that would be ordinary prose (V100 → في 100, "in 100") are left out.
    """
    if _ACRONYM.fullmatch(name):
        return acronym_forms(name)
    code = _CODE.fullmatch(name)
    if code is None:
        return ()
    letters, digits, suffix = code.groups()
    return tuple(
        " ".join(filter(None, (head, digits, tail)))
        for head in _rows(letters)
        if not (len(letters) == 1 and fold_text(head) in PROSE - {"بي"})
        for tail in (_rows(suffix) if suffix else ("",))
        if not _reads_on(tail, letters)
    )


def acronym_forms(letters: str) -> tuple[str, ...]:
    """Return the letter names of an acronym, joined by spaces, likeliest first; none that is prose."""
    return tuple(form for form in _rows(letters) if not _is_prose(tuple(form.split())))


def _rows(letters: str) -> tuple[str, ...]:
    choices = product(*(_NAMES[letter] for letter in letters.upper()))
    return tuple(" ".join(form) for form in islice(choices, MAX_FORMS))


def _reads_on(tail: str, letters: str) -> bool:
    """Say whether the letter after a number begins prose: 4 أو is "4 or", but in إتش بي إم 3 إي it is an E."""
    return fold_text(tail) in (PROSE if len(letters) == 1 else _CONJUNCTIONS)


def _is_prose(form: tuple[str, ...]) -> bool:
    return len(form) == 2 and all(fold_text(name) in PROSE for name in form)
