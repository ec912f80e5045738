"""Letters called by their names inside a name (OpenAI, iPhone, X Corp), with weights.

Whole acronyms are spelled by `matching.letters`; here only what a ranked product needs.
"""

from __future__ import annotations

from matching.transliteration.words import Scored

_NAMES = """
a إيه .6 أي .4
b بي 1
c سي 1
d دي 1
e إي 1
f إف 1
g جي 1
h إتش .9 إيتش .1
i آي 1
j جيه .55 جي .45
k كيه .55 كي .3 كاي .15
l إل 1
m إم 1
n إن 1
o أو 1
p بي 1
q كيو 1
r آر 1
s إس 1
t تي 1
u يو 1
v في 1
w دبليو .85 دابليو .15
x إكس 1
y واي 1
z زد .6 زي .4
"""
_KEPT = 12


def _read() -> dict[str, Scored]:
    rows = (line.split() for line in _NAMES.strip().splitlines())
    return {
        letter: [(name, float(weight)) for name, weight in zip(cells[::2], cells[1::2], strict=True)]
        for letter, *cells in rows
    }


_BY_LETTER = _read()


def spell_letters(letters: str) -> Scored:
    """Return the letter names of letters a to z in a row, joined by spaces, best first."""
    spelled: Scored = [("", 1.0)]
    for letter in letters.lower():
        spelled = sorted(
            ((f"{head} {name}".strip(), a * b) for head, a in spelled for name, b in _BY_LETTER[letter]),
            key=lambda item: -item[1],
        )[:_KEPT]
    return spelled
