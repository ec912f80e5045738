"""Spelling proposals: how Arabic text may write a name that a user typed in Latin letters.

Each source of proposals is a function from a name to scored spellings; `propose_spellings` merges them,
best first, and says of each whether a bare name uses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import nlargest
from typing import Literal

from matching.folding import fold_text, is_arabic, squeeze
from matching.letters import MAX_FORMS, spell_out
from matching.lexicon import Entry, Lexicon, load_lexicon, lookup_key
from matching.ordinary import is_frequent_word, is_ordinary_word, is_word
from matching.transliteration import transliterate

Origin = Literal["name", "lexicon", "letters", "parts", "sound"]
Off = Literal["unlikely", "short", "ordinary"]

_SEPARATOR = re.compile(r"(?:[\s\-\u2010\u2011\u2013_/]|(?<!\d)\.|\.(?!\d))+")
"""What parts the words of a name; a decimal point does not."""
_PIECES = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z'’&]+|\d+|[^\sA-Za-z\d]+|[A-Z]")
_LETTERS_THEN_DIGITS = re.compile(r"([A-Za-z]{4,})([0-9][0-9A-Za-z]*)")
_DIGITS = re.compile(r"\d+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_LONGEST_IN_LEXICON = 4
_LONG = 6
"""Shorter names have no room for spellings that nobody listed."""
_IN_VERSIONS = frozenset({"product", "model", "chip"})
_TRANSCRIBED = frozenset({"company", "product", "model", "chip"})
_TRANSLATED = frozenset({"agency", "organisation", "technology"})
_CANDIDATES = 40
_OF_A_PART = 8
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """A spelling to look for; `score` orders them (1 is certain), `origin` says what proposed it.

    `off` says why a bare name does not use it by itself; None when it does.
    """

    spelling: str
    score: float
    origin: Origin
    off: Off | None = None


def propose_spellings(name: str, *, use_lexicon: bool = True) -> tuple[Proposal, ...]:
    """Return the spellings of a name, best first, without repetition; the name as typed comes first.

    `use_lexicon=False` leaves only what rules and the transliteration say. At most about 200.
    """
    return _propose(name, use_lexicon)


@lru_cache(maxsize=16384)
def _used(name: str, use_lexicon: bool) -> tuple[Proposal, ...]:
    """Remember what the names of a whole installation come to: they are compiled anew with every change."""
    return tuple(proposal for proposal in _propose(name, use_lexicon) if proposal.off is None)


@lru_cache(maxsize=256)
def _propose(name: str, use_lexicon: bool) -> tuple[Proposal, ...]:
    lexicon = load_lexicon() if use_lexicon else None
    best: dict[str, Proposal] = {}
    for proposal in (Proposal(name, 1.0, "name"), *_from_sources(name, lexicon)):
        key = squeeze(fold_text(proposal.spelling)) if proposal.origin == "sound" else proposal.spelling
        known = best.get(key) or best.get(proposal.spelling)
        if known is None or known.score < proposal.score:
            best[key] = proposal
    ranked = sorted(best.values(), key=lambda proposal: -proposal.score)
    return tuple(_judge(place, proposal) for place, proposal in enumerate(ranked[: MAX_FORMS + 1]))


def used_spellings(name: str, *, use_lexicon: bool = True) -> tuple[Proposal, ...]:
    """Return the proposals that a bare name uses, best first."""
    return _used(name, use_lexicon)


def excluded_phrases(name: str) -> tuple[str, ...]:
    """Return the phrases that hold this name and mean something else, as far as the lexicon knows."""
    entry = load_lexicon().find(name)
    return entry.exclude if entry else ()


def arabic_spellings(name: str, *, use_lexicon: bool = True) -> tuple[str, ...]:
    """Return the proposed spellings that hold Arabic letters, best first."""
    proposals = propose_spellings(name, use_lexicon=use_lexicon)
    return tuple(proposal.spelling for proposal in proposals if any(map(is_arabic, proposal.spelling)))


def _from_sources(name: str, lexicon: Lexicon | None) -> Iterator[Proposal]:
    if entry := _find_entry(name, lexicon):
        yield from _from_entry(entry, name)
        yield from _by_letter(name)
        if _is_qualified(entry):
            yield from _by_sound(name, 1.0)
        # Newsrooms find ever new ways to write a long name; a short one has no room for them.
        if _is_spoken(entry):
            yield from _by_sound(name, 0.5)
        return
    words = _split(name)
    if len(words) == 1:
        yield from _from_word(name, lexicon)
    else:
        yield from _from_parts(words, lexicon)


def _is_qualified(entry: Entry) -> bool:
    """Say whether an entry lists its name only with what it is («شركة …») and yet nothing else bears it."""
    listed = bool(entry.arabic) and all(" " in form for form in entry.arabic)
    return listed and not entry.other and entry.kind in _TRANSCRIBED and not entry.name.isupper()


def _find_entry(name: str, lexicon: Lexicon | None) -> Entry | None:
    """Return the entry of a name, unless all that it knows is how to write another version.

    An Arabic name is also looked up without its article: الآيفون is آيفون.
    """
    entry = None
    if lexicon:
        entry = lexicon.find(name) or (lexicon.find(name[2:]) if name.startswith("ال") else None)
    if entry and _is_narrower(entry, name):
        return None
    if entry is None or not entry.arabic or any(_is_version(form, entry, name) for form in entry.arabic):
        return entry
    return None


def _from_entry(entry: Entry, name: str) -> Iterator[Proposal]:
    """Propose an entry's forms; of a name with a number only those of the same number.

    Mate 60 and Mate 70 are two names of one series: who watches the one does not watch the other.
    """
    for rank, form in enumerate((entry.name, *entry.aliases)):
        if (_numbered(form) == _numbered(name) or not _numbered(name)) and not _is_sibling(form, entry, name):
            yield Proposal(form, 0.99 if rank else 0.995, "lexicon")
    for rank, form in enumerate(entry.arabic):
        if _is_version(form, entry, name):
            yield Proposal(form, 0.98 / (1 + rank / 10), "lexicon")


def _is_narrower(entry: Entry, name: str) -> bool:
    """Say whether a name is one of several that an entry sums up: Qwen3-Max, where the entry is Qwen3."""
    typed, listed = lookup_key(name), lookup_key(entry.name)
    longer = typed != listed and typed.startswith(listed)
    return longer and entry.kind in _IN_VERSIONS and bool(_DIGITS.search(name))


def _is_sibling(form: str, entry: Entry, name: str) -> bool:
    """Say whether a form is another of a family of names (Qwen3-Coder, where Qwen3-Max was typed)."""
    typed, other = _SEPARATOR.split(fold_text(name)), _SEPARATOR.split(fold_text(form))
    if lookup_key(name) == lookup_key(entry.name) or len(typed) < 2:
        return False
    return typed[0] == other[0] and len(other) > 1 and typed != other


def _is_version(form: str, entry: Entry, name: str) -> bool:
    if not _numbered(name) or lookup_key(name) == lookup_key(entry.name):
        return True
    return _DIGITS.findall(fold_text(form)) == _DIGITS.findall(fold_text(name))


def _numbered(form: str) -> list[str]:
    """Return the words of a form that hold a digit, folded."""
    return [word for word in _SEPARATOR.split(fold_text(form)) if _DIGITS.search(word)]


def _is_spoken(entry: Entry) -> bool:
    """Say whether a name is transcribed by its sound: not letter by letter, not translated, and not ambiguous."""
    name = entry.name
    translated = entry.kind in _TRANSLATED or any(letter.isdigit() for letter in name)
    short = len(_LATIN.findall(name)) < _LONG
    return bool(entry.arabic) and not (entry.other or name.isupper() or translated or short)


def _from_word(word: str, lexicon: Lexicon | None) -> Iterator[Proposal]:
    """Spell a word as the lexicon has it, else letter by letter, else by sound."""
    if entry := _find_entry(word, lexicon):
        yield from (each for each in _from_entry(entry, word) if any(map(is_arabic, each.spelling)))
        return
    spelled = tuple(_by_letter(word))
    yield from spelled
    yield from _by_sound(word, 0.3 if spelled else 1.0)


def _by_letter(word: str) -> Iterator[Proposal]:
    spelled = spell_out(word if _has_vowel(word) else word.upper())
    yield from (Proposal(form, 0.9 / (1 + rank / 10), "letters") for rank, form in enumerate(spelled))


def _by_sound(name: str, weight: float) -> Iterator[Proposal]:
    if len(_LATIN.findall(name)) >= _SHORTEST:
        for candidate in transliterate(name, limit=_CANDIDATES):
            yield Proposal(candidate.spelling, weight * candidate.score, "sound")


def _from_parts(words: list[str], lexicon: Lexicon | None) -> Iterator[Proposal]:
    """Spell a name of several words word by word; a word that nothing spells stays as it is."""
    best: list[tuple[float, tuple[Proposal, ...]]] = [(1.0, ())]
    for choice in _choices(words, lexicon):
        longer = ((score * part.score, (*parts, part)) for score, parts in best for part in choice)
        # Without a bound the number of combinations grows with every word.
        best = nlargest(MAX_FORMS, longer, key=lambda pair: pair[0])
    for score, parts in best:
        origins = {part.origin for part in parts}
        if origins != {"name"}:
            origin: Origin = "sound" if "sound" in origins else "parts"
            yield Proposal(" ".join(part.spelling for part in parts), 0.95 * score, origin)


def _choices(words: list[str], lexicon: Lexicon | None) -> Iterator[tuple[Proposal, ...]]:
    """Yield, for each stretch of words, its spellings; the longest stretch that the lexicon knows wins."""
    start = 0
    while start < len(words):
        for length in range(min(_LONGEST_IN_LEXICON, len(words) - start), 0, -1):
            stretch = " ".join(words[start : start + length])
            entry = _find_entry(stretch, lexicon)
            if entry or length == 1:
                spelled = sorted(_from_word(stretch, lexicon), key=lambda proposal: -proposal.score)
                # A Latin word beside Arabic ones is possible (ديب سيك R1) but less likely.
                latin = Proposal(entry.name if entry else stretch, 0.3 if spelled else 1.0, "name")
                yield (*spelled[: _OF_A_PART * 3], latin)
                start += length
                break


def _split(name: str) -> list[str]:
    """Split a name into words: at separators, before a number, and around capitals that are read by letter."""
    words: list[str] = []
    for word in filter(None, _SEPARATOR.split(name)):
        glued = _LETTERS_THEN_DIGITS.fullmatch(word)
        for piece in glued.groups() if glued else (word,):
            words.extend(_split_capitals(piece))
    return words


def _split_capitals(word: str) -> list[str]:
    """Split OpenAI into Open and AI, and leave DeepSeek, IBM and H20 whole."""
    pieces = _PIECES.findall(word)
    capitals = [piece for piece in pieces if len(piece) > 1 and piece.isupper() and piece.isalpha()]
    if not capitals or len(pieces) < 2 or any(piece.isdigit() for piece in pieces):
        return [word]
    joined: list[str] = []
    for piece in pieces:
        if joined and piece not in capitals and joined[-1] not in capitals:
            joined[-1] += piece
        else:
            joined.append(piece)
    # xAI is read letter by letter as a whole.
    return joined if all(len(piece) > 1 for piece in joined) else [word.upper()]


def _has_vowel(word: str) -> bool:
    return any(letter in "aeiouyAEIOUY" for letter in word) or not 2 <= len(word) <= 5


def _judge(place: int, proposal: Proposal) -> Proposal:
    if proposal.origin != "sound":
        return proposal
    return replace(proposal, off=_why_off(place, proposal))


def _why_off(place: int, proposal: Proposal) -> Off | None:
    """Say why a spelling by sound is not used by itself."""
    parts = proposal.spelling.split()
    whole = "".join(parts)
    if len(whole) < _SHORTEST:
        return "short"
    if _is_counted_word(parts, proposal.score):
        return "ordinary"
    if any(map(is_ordinary_word, _with_any_alef(whole))) or (
        len(parts) > 1 and all(map(is_frequent_word, parts))
    ):
        return "ordinary"
    if proposal.score < _LIKELY and is_word(whole):
        # What is hardly this name and known all the same is something else.
        return "ordinary"
    if proposal.score < _THRESHOLD or place > _MOST_BY_SOUND or (len(whole) == _SHORTEST and place > 2):
        return "unlikely"
    return None


def _is_counted_word(parts: list[str], score: float) -> bool:
    """Say whether a spelling is a word beside a number, which is prose: مات 70 is "70 died", not Mate 70."""
    words = [part for part in parts if not part.isdigit() and "٫" not in part]
    if len(words) != 1 or len(parts) == 1:
        return False
    return is_frequent_word(words[0]) or (score < _LIKELY and is_word(words[0]))


def _with_any_alef(spelling: str) -> tuple[str, ...]:
    """Return the ways to write a word that begins with an alef: text has it with any hamza or none."""
    return tuple(alef + spelling[1:] for alef in "اأإآ") if spelling[0] in "اأإآ" else (spelling,)


_MOST_BY_SOUND = 24
_LIKELY, _THRESHOLD = 0.1, 0.001
"""Scores are about the chance that a spelling is in use (`matching.transliteration`)."""
