"""Names: cut a name into words, spell each word by every means, and combine the ranked results.

A word is spelled by the word list, as a compound of listed words (CrowdStrike, snowflake), by the learned
model, or letter by letter; the sources are mixed with fixed shares, so that scores are comparable.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from math import exp, log1p

from matching.folding import fold_text, squeeze
from matching.transliteration.chinese import spell_chinese
from matching.transliteration.english import spell_english
from matching.transliteration.hamza import write_hamza
from matching.transliteration.letter_names import spell_letters
from matching.transliteration.model import load_model
from matching.transliteration.words import Scored, listed_spellings, load_words


@dataclass(frozen=True, slots=True)
class Candidate:
    """An Arabic spelling of a name and how likely it is to be in use (0 to 1)."""

    spelling: str
    score: float


# Bounds: a name of any length costs about as much as a long real one.
_MOST_CHARACTERS = 80
_MOST_WORDS = 6
_MOST_CUTS = 8
_KEPT = 60
_KEPT_OF_PART = 12
_LONGEST_COMPOUND = 24
_LONGEST_ACRONYM = 5
_LEAST_LETTERS = 2  # a spelling of one letter is found in any text

# Shares of the sources, chosen on names that are not in the training file.
_SPLIT_SHARE = 0.75  # camel case is spoken as separate words more often than as one
_LISTED_SHARE = 0.88
_INFLECTED_SHARE = 0.6
_LETTERS_SHARE = 0.75
_ENGLISH_SHARE = 0.5
_AGREED_SHARE = 0.5  # to what the model and the English rules both say
_MIXED_G = 0.15  # one newsroom writes every hard g of a name alike
_HIGHEST, _IN_USE_AT_ONCE, _NEARLY_ALL = 0.93, 2.5, 0.999999

_CHUNK = re.compile(r"[A-Za-z0-9]+")
_TOKEN = re.compile(r"[0-9]+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LETTERS_THEN_WORD = re.compile(r"([A-Z]{2,})([a-z]+)")
_DOT = re.compile(r"\.(?=(?:com|net|org|io|ai)\b)", re.IGNORECASE)
_HARD_G = re.compile(r"g(?!h)", re.IGNORECASE)
_SOFT_G = re.compile(r"j|g[eiy]|ch", re.IGNORECASE)
_G_LETTERS = frozenset("جغق")
_VOWELS = frozenset("aeiouy")
# How words begin; what begins otherwise (Nvidia, Zscaler) has its first letter read by its name.
_ONSET = re.compile(
    r"[aeiouy]|[^aeiouy]h?[aeiouywr]|[bcfgkpsvz]l|chr|d[jzw]|gn|kn|[lm]l|mc|p[st]|qu|s[cfkmnpqtv]|schw?|t[sw]|zh"
)
# Letters that begin names by their own name (iTunes, eBay, Xbox), and how long such a name is at least.
_PREFIX_LETTERS = {"e": 4, "i": 4, "x": 4, "g": 5, "u": 5, "n": 5, "z": 5}
_SHORT_ENDINGS = frozenset({"ai", "ly", "fy", "up"})
_COMPOUND_PLAUSIBILITY = {2: 0.15, 3: 0.5}  # by the length of the shorter part; 0.8 when both are longer
_DIGITS = {"1": "ون", "2": "تو", "3": "ثري", "4": "فور", "7": "سفن", "8": "إيت", "9": "ناين"}
_WORD_SIGNS = {"&": " and ", "+": " plus ", "@": " at "}
# Letters that do not decompose into a plain letter and an accent.
_PLAIN_LETTERS = dict(zip("øØłŁßıæ'’", ("o", "O", "l", "L", "ss", "i", "ae", "", ""), strict=True))


def transliterate(name: str, *, limit: int = 40) -> tuple[Candidate, ...]:
    """Return Arabic spellings of a Latin name, best first, distinct after folding; none without letters.

    The name may hold several words, camel case, digits and hyphens. Needs no lexicon: words come from a list of
    English words and from a model learned from other names.
    """
    merged: Scored = []
    for tokens, share in _cuts(name):
        merged += [(spelling, share * score) for spelling, score in _spell_tokens(tokens)]
    if len(_HARD_G.findall(name)) > 1 and not _SOFT_G.search(name):
        merged = [(s, score * (_MIXED_G if len(_G_LETTERS & set(s)) > 1 else 1.0)) for s, score in merged]
    return tuple(Candidate(spelling, _calibrated(share)) for spelling, share in _merge(merged)[:limit])


def _calibrated(share: float) -> float:
    """Turn a share among all spellings into the chance to be in use: most names have more than one in use."""
    return _HIGHEST * (1.0 - exp(_IN_USE_AT_ONCE * log1p(-min(share, _NEARLY_ALL))))


def _plain(name: str) -> str:
    spoken = "".join(_WORD_SIGNS.get(c, c) for c in name[:_MOST_CHARACTERS])
    decomposed = unicodedata.normalize("NFKD", spoken)
    return "".join(_PLAIN_LETTERS.get(c, c) for c in decomposed if not unicodedata.combining(c))


def _cuts(name: str) -> list[tuple[tuple[str, ...], float]]:
    """Return the ways of cutting a name into tokens, with their shares."""
    plain = _plain(name)
    spoken = _DOT.sub(" dot ", plain)
    if spoken == plain:
        return _cuts_of_chunks(plain)
    # Booking.com is بوكينج دوت كوم or بوكينج كوم.
    return [(tokens, share / 2) for reading in (spoken, plain) for tokens, share in _cuts_of_chunks(reading)]


def _cuts_of_chunks(name: str) -> list[tuple[tuple[str, ...], float]]:
    chunks = _CHUNK.findall(name)[:_MOST_WORDS]
    if not any(map(str.isalpha, "".join(chunks))):
        return []
    cuts: list[tuple[tuple[str, ...], float]] = [((), 1.0)]
    for chunk in chunks:
        longer = ((t + more, a * b) for t, a in cuts for more, b in _cut_chunk(chunk))
        cuts = list(islice(longer, _MOST_CUTS))
    return cuts


def _cut_chunk(chunk: str) -> Iterator[tuple[tuple[str, ...], float]]:
    tokens = tuple(_TOKEN.findall(chunk))
    if len(tokens) == 1 and chunk.isalpha():
        yield tokens, 1.0
        return
    alternatives: dict[tuple[str, ...], float] = {tokens: 1.0}
    if found := _LETTERS_THEN_WORD.fullmatch(chunk):
        # The last capital begins a word (UB Tech) or ends the letters (VM ware).
        head, tail = found.groups()
        if tail in load_words() and (head[-1].lower() + tail) not in load_words():
            alternatives = {(head, tail): 0.8, tokens: 0.2}
    if chunk.isalpha() and len(tokens) <= 3:
        alternatives = {cut: share * _SPLIT_SHARE for cut, share in alternatives.items()}
        alternatives[chunk.lower(),] = 1 - _SPLIT_SHARE
    yield from alternatives.items()


def _spell_tokens(tokens: Sequence[str]) -> Scored:
    """Spell the tokens one by one and combine: the product of their scores."""
    return _product([_spell_token(token, alone=len(tokens) == 1) for token in tokens])


def _product(parts: Iterable[Scored]) -> Scored:
    combined: Scored = [("", 1.0)]
    for part in parts:
        joined = [(f"{head} {tail}".strip(), a * b) for head, a in combined for tail, b in part]
        combined = sorted(joined, key=lambda item: -item[1])[:_KEPT]
    return combined


def _spell_token(token: str, *, alone: bool) -> Scored:
    if token.isdigit():
        return [(token, 0.8), (_DIGITS[token], 0.2)] if token in _DIGITS else [(token, 1.0)]
    if len(token) == 1:
        return spell_letters(token)
    if token.isupper() and len(token) <= _LONGEST_ACRONYM and token.lower() not in load_words():
        return _spell_capitals(token, alone=alone)
    return spell_word(token.lower())


def _spell_capitals(token: str, *, alone: bool) -> Scored:
    """Spell capitals: beside other words letter by letter before all; alone only as a word, and doubtfully."""
    readable = not _VOWELS.isdisjoint(token.lower())
    word_share = 0.5 if readable and len(token) >= 4 else 0.15
    if alone:
        return _mix((spell_word(token.lower()), word_share))
    return _mix((spell_word(token.lower()), word_share), (spell_letters(token), 1 - word_share))


@lru_cache(maxsize=2048)
def spell_word(word: str) -> Scored:
    """Spell one word of the letters a to z, best first."""
    if len(word) == 1:
        return spell_letters(word)
    if _is_unpronounceable(word):
        return _mix((spell_letters(word), _LETTERS_SHARE), (_spell_unlisted(word), 1 - _LETTERS_SHARE))
    unlisted = _spell_unlisted(word)
    if listed := listed_spellings(word):
        return _mix((listed, _LISTED_SHARE), (unlisted, 1 - _LISTED_SHARE))
    if inflected := _spell_inflected(word):
        return _mix((inflected, _INFLECTED_SHARE), (unlisted, 1 - _INFLECTED_SHARE))
    compound, plausibility = _spell_compound(word)
    return _mix((compound, plausibility), (unlisted, 1 - plausibility)) if compound else unlisted


def _is_unpronounceable(word: str) -> bool:
    """Say whether a word is an acronym typed without capitals: short, without a vowel, not listed."""
    return len(word) <= _LONGEST_ACRONYM and _VOWELS.isdisjoint(word) and word not in load_words()


def _spell_unlisted(word: str) -> Scored:
    """Spell a word that no list holds: as other names are spelled, as English sounds, as pinyin sounds."""
    learned = load_model().spell(word, limit=_KEPT)
    english = spell_english(word, limit=_KEPT)
    chinese, share = spell_chinese(word, limit=_KEPT)
    by_sound = dict(english)
    agreed = [(s, (p * by_sound[s]) ** 0.5) for s, p in learned if s in by_sound]
    rest = (1 - share) * (1 - _AGREED_SHARE)
    mixed = _mix(
        (learned, rest * (1 - _ENGLISH_SHARE)),
        (english, rest * _ENGLISH_SHARE),
        (agreed, (1 - share) * _AGREED_SHARE),
        (chinese, share),
    )
    return [(write_hamza(spelling, word), score) for spelling, score in mixed]


def _spell_inflected(word: str) -> Scored:
    """Spell the plural of a listed word: -s is heard as z after a voiced sound."""
    stem = word.removesuffix("s")
    if stem == word or len(stem) < 3 or stem.endswith("s"):
        return []
    z = 0.1 if stem[-1] in "ptkf" else 0.6
    return [
        (spelling + ending, score * weight)
        for spelling, score in listed_spellings(stem)
        for ending, weight in (("ز", z), ("س", 1 - z))
    ]


def _spell_part(part: str) -> Scored:
    if len(part) == 1 or _is_unpronounceable(part):
        return spell_letters(part)
    return listed_spellings(part) or _spell_inflected(part) or _spell_unlisted(part)


def _spell_compound(word: str) -> tuple[Scored, float]:
    """Spell a word as listed words in a row, with how plausible that is; nothing if it is none."""
    spelled: Scored = []
    total = 0.0
    for parts, plausibility in _compounds(word):
        choices = (_spell_part(part)[:_KEPT_OF_PART] for part in parts)
        spelled += [(spelling, score * plausibility) for spelling, score in _product(choices)]
        total += plausibility
    share = min(0.85, total)
    return _mix((spelled, 1 / total)) if spelled else [], share


def _compounds(word: str) -> Iterator[tuple[tuple[str, ...], float]]:
    words = load_words()
    if len(word) > _LONGEST_COMPOUND:
        return
    if not _ONSET.match(word) and len(word) > _LONGEST_ACRONYM:
        # vmware: letters before a word, as many as leave a listed word; nvidia: the first letter alone.
        sizes = (size for size in (1, 2, 3) if word[size:] in words and _VOWELS.isdisjoint(word[:size]))
        size = next(sizes, 1)
        yield (word[:size], word[size:]), 0.5
    elif len(word) >= _PREFIX_LETTERS.get(word[0], _LONGEST_COMPOUND) and word[1:] in words:
        yield (word[0], word[1:]), 0.5
    for cut in range(2, len(word) - 1):
        head, tail = word[:cut], word[cut:]
        shortest = min(len(head), len(tail))
        if head in words and tail in words:
            known_ending = tail in _SHORT_ENDINGS and len(head) > 3
            yield (head, tail), 0.6 if known_ending else _COMPOUND_PLAUSIBILITY.get(shortest, 0.8)
        elif shortest >= 3 and ((head in words and cut >= 4) or (tail in words and len(tail) >= 4)):
            yield (head, tail), 0.5 if _is_unpronounceable(tail) else 0.15


def _mix(*sources: tuple[Iterable[tuple[str, float]], float]) -> Scored:
    return _merge([(s, score * share) for scored, share in sources for s, score in scored])


def _merge(scored: Iterable[tuple[str, float]]) -> Scored:
    """Add up the scores of spellings that are one after folding; the likeliest way of writing stands for all."""
    totals: dict[str, float] = defaultdict(float)
    shown: dict[str, tuple[float, str]] = {}
    for spelling, score in scored:
        key = squeeze(fold_text(spelling))
        if len(key) < _LEAST_LETTERS:
            continue
        totals[key] += score
        shown[key] = max(shown.get(key, (0.0, "")), (score, spelling))
    ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    return [(shown[key][1], total) for key, total in ranked][: _KEPT * 2]
