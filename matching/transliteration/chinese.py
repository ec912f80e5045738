"""Chinese names in pinyin: syllable by syllable, in the several traditions of Arabic newsrooms.

Zhipu is تشيبو to a reader of Chinese and زيبو to a reader of English; the tables give both with weights.
"""

from __future__ import annotations

import re
from functools import cache

from matching.transliteration.words import Scored

_BEAM = 60
_SIGNS = re.compile(r"zh|x[iu]|q[iu]|uo|iao|iang|uang|iong|uai|[^aeiou]ui|[jlnh]ian|[zc](?:ong|eng|ao)")
_ENDS_IN_NG = re.compile(r"[aeiou]ng")
_SURELY, _MAYBE, _BARELY = 0.6, 0.35, 0.12

_INITIALS = """
b ب 1
p ب 1
m م 1
f ف 1
d د 1
t ت 1
n ن 1
l ل 1
g ق .3 غ .35 ج .3 ك .05
k ك 1
h ه .92 خ .08
j ج .85 تش .1 جي .05
q تش .55 ك .2 ج .1 ش .1 ق .05
x ش .65 س .15 شي .12 كس .08
zh تش .42 ج .35 ز .12 زه .11
ch تش .8 ش .2
sh ش 1
r ر .95 ج .05
z ز .55 تس .45
c تس .55 س .2 ك .25
s س 1
y ي 1
w و 1
"""
_FINALS = """
a ا 1
o و 1
e ي .55 - .2 ا .1 ه .05 و .1
i ي .95 - .05
u و .95 - .05
ai اي 1
ei ي .55 اي .45
ao او .95 ا .05
ou و .8 او .2
an ان .93 ن .07
en ين .55 ن .45
ang انN .92 نN .08
eng ينN .55 نN .35 انN .1
ong ونN 1
ia يا .8 ا .2
ie يي .35 ي .45 ييه .2
iao ياو .7 او .3
iu يو 1
ian يان .9 ان .1
in ين .9 ن .1
iang يانN .8 انN .2
ing ينN .8 نN .2
iong يونN 1
ua وا 1
uo وو .35 و .5 وا .15
uai واي 1
ui وي .9 و .1
uan وان 1
un ون .75 وين .25
uang وانN 1
ue وي .5 ويه .3 يوي .2
er ير .5 ر .5
"""
_LAST_LETTER_OF_NG = {"غ": 0.45, "ج": 0.4, "ق": 0.1, "ك": 0.05}


def spell_chinese(word: str, *, limit: int) -> tuple[Scored, float]:
    """Return folded spellings of a word read as pinyin, best first, and how Chinese the word looks (0 to 1)."""
    share = _looks_chinese(word)
    if not share:
        return [], 0.0
    beams: list[dict[tuple[str, int], float]] = [{} for _ in range(len(word) + 1)]
    beams[0]["", 0] = 1.0
    syllables = _syllables()
    for start in range(len(word)):
        for (spelling, count), score in sorted(beams[start].items(), key=lambda item: -item[1])[:_BEAM]:
            for end in range(start + 1, min(start + 6, len(word)) + 1):
                for arabic, weight in syllables.get(word[start:end], ()):
                    bare = not start and word[0] in "aeo" and arabic[0] != "ا"
                    state = (f"{spelling}ا{arabic}" if bare else spelling + arabic, count + 1)
                    # A cut into fewer syllables is the likelier one.
                    beams[end][state] = beams[end].get(state, 0.0) + score * weight * 0.2
    totals: dict[str, float] = {}
    for (spelling, _), score in beams[-1].items():
        totals[spelling] = totals.get(spelling, 0.0) + score
    whole = sum(totals.values())
    ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return [(spelling, score / whole) for spelling, score in ranked], share


def _looks_chinese(word: str) -> float:
    if not _pinyin().fullmatch(word):
        return 0.0
    if _SIGNS.search(word):
        return _SURELY
    several = _pinyin_syllable().fullmatch(word) is None
    if _ENDS_IN_NG.search(word):
        return _MAYBE if several else _BARELY
    return _BARELY if several else 0.0


@cache
def _syllables() -> dict[str, Scored]:
    initials, finals = _read(_INITIALS), _read(_FINALS)
    spelled: dict[str, Scored] = {}
    for final, endings in finals.items():
        written = [form for ending, weight in endings for form in _with_ng(ending, weight)]
        if final[0] in "aeo":
            spelled[final] = [(f or "ا", w) for f, w in written]
        for initial, beginnings in initials.items():
            if (initial in "jqx") <= (final[0] in "iu"):
                spelled[initial + final] = [(b + e, v * w) for b, v in beginnings for e, w in written]
    return spelled


def _with_ng(ending: str, weight: float) -> Scored:
    if not ending.endswith("N"):
        return [(ending, weight)]
    return [(ending[:-1] + letter, weight * share) for letter, share in _LAST_LETTER_OF_NG.items()]


def _read(table: str) -> dict[str, Scored]:
    result: dict[str, Scored] = {}
    for line in table.strip().splitlines():
        latin, *cells = line.split()
        pairs = zip(cells[::2], cells[1::2], strict=True)
        result[latin] = [("" if arabic == "-" else arabic, float(weight)) for arabic, weight in pairs]
    return result


@cache
def _pinyin_syllable() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_syllables(), key=lambda syllable: -len(syllable))))


@cache
def _pinyin() -> re.Pattern[str]:
    return re.compile(f"(?:{_pinyin_syllable().pattern})+")
