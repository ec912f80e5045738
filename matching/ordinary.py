"""Ordinary words: what Arabic text says every day and what only looks like a name.

Frequencies come from the package wordfreq (Robyn Speer; data CC BY-SA 4.0), a pinned dependency; hamzas are
kept in it, so آبل and ابل have frequencies of their own. A name is also a frequent word of the web, so
frequency alone decides nothing: what tells is how often a string stands with and without the article, or with
and without the letters that would have to be a proclitic.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import product

from wordfreq import get_frequency_list

from matching.folding import is_arabic

_RAREST = 700
"""In centibels below certainty: rarer words than one in ten million are left out."""

# How often each proclitic stands before a name, of all mentions: counted in 7,521 mentions of 38 names.
_SHARES = {"و": 0.037, "ال": 0.02, "ل": 0.017, "ب": 0.003, "لل": 0.002, "وال": 0.001, "ف": 0.001}
_RARE_SHARE = 0.0002
_SURPRISE = 30
LONGEST_IN_ORDINARY = 30
"""Characters, marks included, from which on no spelling is looked up as the end of an ordinary word."""
_LONGEST = 5
_LONGEST_WITH_ALEFS = 12
"""Longer names are no part of a shorter word by chance."""


@cache
def load_frequencies() -> Mapping[str, float]:
    """Return the frequency of each Arabic word that is not rare, hamzas kept; read once a process."""
    frequencies: dict[str, float] = {}
    for line in _read_list().split("\n"):
        centibels, _, words = line.partition(" ")
        frequency = 10 ** (-int(centibels) / 100)
        for word in words.split():
            frequencies[word] = frequencies.get(word, 0.0) + frequency
    return frequencies


def _read_list() -> str:
    """Return the package's list as one string, so that nothing of the much longer original stays in memory."""
    buckets = get_frequency_list("ar", wordlist="best")[: _RAREST + 1]
    lines = [
        f"{centibels} {' '.join(word for word in words if is_arabic(word[0]))}".replace("ى", "ي")
        for centibels, words in enumerate(buckets)
    ]
    get_frequency_list.cache_clear()
    return "\n".join(lines)


@cache
def load_curated() -> frozenset[str]:
    """Return the words that look like a proclitic with a name after it, as reviewed by hand."""
    source = files("matching").joinpath("lexicon", "ordinary.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(source)["ordinary"])


def is_ordinary(letters: str, found: str) -> bool:
    """Say whether a name with the letters before it, hamzas kept, is an ordinary word (و+ابل is a downpour).

    It is when it is listed, or far more frequent than the name with such a proclitic would be.
    """
    curated = load_curated()
    if any(letters[cut:] + found in curated for cut in range(len(letters) + 1)):
        return True
    if len(found) > _LONGEST:
        return False
    frequencies = load_frequencies()
    whole = frequencies.get(letters + found, 0.0)
    return whole > 0 and whole > _most_expected(letters) * frequencies.get(found, 0.0)


def _most_expected(letters: str) -> float:
    share = _SURPRISE * _SHARES.get(letters, _RARE_SHARE)
    # Products often have the article (الآيفون), seldom three times as often as not.
    return 3.0 if letters.endswith("ال") or letters.endswith("لل") else min(share, 0.4)


def is_ordinary_word(spelling: str) -> bool:
    """Say whether a spelling, hamzas kept, is an ordinary word that no name should be looked for by.

    The most frequent words need no proof but their frequency, of short ones any
    trace is enough.
    """
    frequencies = load_frequencies()
    plain = frequencies.get(spelling, 0.0)
    if plain >= _VERY_FREQUENT or (len(spelling) <= 3 and plain > 0):
        return True
    return is_inflected_word(spelling)


def is_word(spelling: str) -> bool:
    """Say whether a spelling, hamzas kept, is a word or name that Arabic text holds at all."""
    return spelling in load_frequencies()


def is_word_with_any_alef(written: str) -> bool:
    """Say whether a string is a word or name that Arabic text holds, with whatever alef stands at each `*`."""
    if len(written) > _LONGEST_WITH_ALEFS:
        # So long a row of letter names is no word, and has too many ways to be written.
        return False
    frequencies = load_frequencies()
    places = [("ا", "أ", "إ", "آ") if letter == "*" else (letter,) for letter in written]
    return any("".join(letters) in frequencies for letters in product(*places))


def is_frequent_word(spelling: str) -> bool:
    """Say whether a spelling is a word that nearly every article may hold: two of them in a row are prose."""
    return load_frequencies().get(spelling, 0.0) >= _IN_PROSE


def is_inflected_word(spelling: str) -> bool:
    """Say whether a spelling, hamzas kept, takes the article or endings as a word of the language does.

    A noun or adjective stands with the article about as often as without (السميك, سميك), a name hardly ever.
    """
    frequencies = load_frequencies()
    plain = frequencies.get(spelling, 0.0)
    definite = frequencies.get("ال" + spelling, 0.0)
    ended = max(frequencies.get(spelling + ending, 0.0) for ending in _ENDINGS)
    return plain >= _FREQUENT and (definite > plain * _WITH_ARTICLE or ended > plain * _WITH_ENDING)


def share_of_articles(word: str) -> float:
    """Return in about what share of articles of average length a word stands, with or without a proclitic."""
    frequencies = load_frequencies()
    frequency = sum(frequencies.get(clitic + word, 0.0) for clitic in ("", *_SHARES))
    return 1 - (1 - min(frequency, 1.0)) ** _WORDS_OF_AN_ARTICLE


_WORDS_OF_AN_ARTICLE = 300
_IN_PROSE = 5e-5
_VERY_FREQUENT = 2e-5
_FREQUENT = 3e-7
_WITH_ARTICLE = 0.12
_WITH_ENDING = 0.3
_ENDINGS = ("ة", "ه", "ها", "ين", "ات", "ون", "هم", "نا", "تها", "ته")
