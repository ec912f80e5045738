"""The word list: English words of names with the spellings that newsrooms transcribe them by (`words.tsv`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

Scored = list[tuple[str, float]]
"""Spellings and their probabilities."""

_LATIN_G = "گ"
_G_IN_ARABIC = {"ج": 0.44, "غ": 0.40, "ق": 0.10, "ك": 0.06}
_NEXT_RANK = 0.5  # each further spelling of a line is half as likely as the one before


@cache
def load_words() -> Mapping[str, str]:
    """Read the list that comes with the package, spellings unparsed; read once a process."""
    return parse_words(files("matching").joinpath("words.tsv").read_text(encoding="utf-8"))


def parse_words(source: str) -> dict[str, str]:
    """Read lines `word<TAB>spelling|spelling`; lines that begin with # are comments."""
    lines = (line.split("\t") for line in source.splitlines() if "\t" in line and not line.startswith("#"))
    return {word: spellings.strip() for word, spellings, *_ in lines}


def listed_spellings(word: str) -> Scored:
    """Return the listed spellings of a word with probabilities, likeliest first; a Latin g is written out."""
    spellings = load_words().get(word, "")
    weights: dict[str, float] = {}
    for rank, spelling in enumerate(spellings.split("|") if spellings else ()):
        letters = _G_IN_ARABIC if _LATIN_G in spelling else {_LATIN_G: 1.0}
        for letter, share in letters.items():
            form = spelling.replace(_LATIN_G, letter)
            weights[form] = weights.get(form, 0.0) + share * _NEXT_RANK**rank
    total = sum(weights.values())
    return [(form, weight / total) for form, weight in sorted(weights.items(), key=lambda item: -item[1])]
