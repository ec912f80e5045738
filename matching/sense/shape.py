"""Evidence in the shape of a mention and of what touches it: script and case, article, numbers, brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matching.folding import fold_text, is_arabic, squeeze
from matching.sense.context import Surroundings
from matching.sense.cues import PEOPLE, TECH, Word, load_cues, read_word
from matching.sense.names import KnownNames
from matching.sense.values import Evidence, SenseProfile

_VERSIONED = frozenset({"model", "product", "chip", "technology"})
_FLYING = frozenset({"rocket", "ship", "aircraft", "planet"})
_BESIDE = 24

_VERSION = re.compile(r"[\s\-‑–]?v?(\d{1,3})(\.\d{1,2})?(?![\d,.]\d|\d|\s?[%٪])(?:\s(\w+))?")
_NEXT_WORD = re.compile(r"[ \-‑]\w")
_QUANTITY = re.compile(r"(?<![\d.,\w])(\d+(?:[.,]\d+)?)\s?-?$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_GLOSS = re.compile(r"[\"'”»]?\s?[(\[«\"]\s?([^()\[\]«»\"]{2,40})[)\]»\"]")
_ADDRESS_AFTER = re.compile(r"\.(?:com|ai|io|org|net|cn|sa|eg|ae)\b", re.IGNORECASE)
_CAPITAL_AFTER = re.compile(r"[ \-‑]([A-ZÀ-Ý][a-zà-ÿ]{2,})")
_CAPITAL_BEFORE = re.compile(r"\b([A-ZÀ-Ý][a-zà-ÿ]{2,})[ \-‑]$")
_HYPHENED_BEFORE = re.compile(r"([\u0621-\u064a]{2,})[\-‑]$")
_OPENED = re.compile(r"[\"“”„«‹]\s?$")
_CLOSED = re.compile(r"\s?[\"“”»›]")


def shape_evidence(
    profile: SenseProfile, mention: str, clitics: str, near: Surroundings, known: KnownNames
) -> Iterator[Evidence]:
    """Yield what the shape of a mention says: how it is written and what touches it."""
    if is_arabic(fold_text(mention)[:1]):
        yield from _article(profile, clitics)
    else:
        yield from _latin(profile, mention, near, known)
    yield from _numbers(profile, near)
    yield from _gloss(profile, mention, near)
    if _HYPHENED_BEFORE.search(near.text_before) and (sense := _first_of(profile, PEOPLE)):
        yield Evidence(-3.0, f"{near.before[0].written}-", sense)
    yield from _grammar(profile, mention, clitics, near)
    if _OPENED.search(near.text_before[-3:]) and _CLOSED.match(near.text_after):
        yield Evidence(0.5, "the quotation marks")


def _first_of(profile: SenseProfile, senses: tuple[str, ...]) -> str:
    return next((sense for sense in senses if sense in profile.other), "")


def _article(profile: SenseProfile, clitics: str) -> Iterator[Evidence]:
    """The article: firms hardly ever have it, rivers, animals and family names do (الأمازون, الهواوي)."""
    senses = load_cues().senses
    weights = [(senses[name].article, name) for name in profile.other if name in senses]
    most, name = max(weights, default=(0.0, ""))
    if clitics.endswith(("ال", "لل")):
        if most > 0:
            yield Evidence(-most, "the article ال", name)
    elif most >= 1 and name not in PEOPLE:
        yield Evidence(0.4, "the missing article")


def _latin(profile: SenseProfile, mention: str, near: Surroundings, known: KnownNames) -> Iterator[Evidence]:
    """Latin letters in Arabic text are mostly the thing of the field, unless they are a whole foreign name."""
    addressed = near.text_before.endswith(("@", "/", "#")) or _ADDRESS_AFTER.match(near.text_after)
    if addressed:
        yield Evidence(2.5, "the address")
    if mention.islower() and not profile.name.islower() and not addressed:
        if "word" in profile.other or profile.spelling_is_word:
            yield Evidence(-3.5, "the small letters", "word")
        return
    yield Evidence(1.2, "the Latin letters")
    sense = _first_of(profile, PEOPLE)
    if not sense:
        return
    for found in (_CAPITAL_AFTER.match(near.text_after), _CAPITAL_BEFORE.search(near.text_before)):
        if found and not _of_the_field(found[1], known):
            yield Evidence(-2.6, found[1], sense)


def _of_the_field(word: str, known: KnownNames) -> bool:
    seen = read_word(word)
    return any(cue.group in TECH for cue in seen.cues) or bool(known.among((seen,)))


def _grammar(profile: SenseProfile, mention: str, clitics: str, near: Surroundings) -> Iterator[Evidence]:
    """Firms are feminine, so their verbs are (أبرمت أمازون); a second name may follow a first one."""
    before = near.before[0] if near.phrase_before and clitics == "" else None
    firm = profile.is_firm and not profile.spelling_is_word and not profile.may_be_a_woman(mention)
    if before and firm and not before.cues and _is_feminine_verb(before):
        yield Evidence(1.5, before.written)
    if before and "word" in profile.other and _agrees(mention, before):
        yield Evidence(-2.0, before.written, "word")
    follower = near.after[0] if near.phrase_after and _NEXT_WORD.match(near.text_after) else None
    if follower and "given_name" in profile.other and is_unknown(follower):
        yield Evidence(-0.8, follower.written, "given_name")


def _is_feminine_verb(word: Word) -> bool:
    folded = word.folded
    if len(folded) < 4 or not folded.endswith("ت") or folded.endswith("ات") or folded.startswith("ال"):
        return False
    return word.forms.isdisjoint(load_cues().feminine_lookalikes)


def _agrees(mention: str, before: Word) -> bool:
    """Say whether an adjective in the accusative may agree with the noun before it: طفلا ميتا."""
    ends = fold_text(mention).endswith("ا") and before.folded.endswith("ا") and len(before.folded) > 3
    return ends and is_arabic(before.folded[0]) and before.folded not in load_cues().accusative


def is_unknown(word: Word) -> bool:
    """Say whether a word may be anything, a family name too: Arabic, no cue, no article, no word of grammar."""
    folded = word.folded
    known = word.cues or word.function or folded.startswith(("ال", "لل")) or len(folded) < 3
    verb = folded.startswith(("ي", "ت", "سي", "ست"))
    return not known and not verb and is_arabic(folded[0]) and not folded.endswith(("ات", "ة", "ها", "هم"))


def _numbers(profile: SenseProfile, near: Surroundings) -> Iterator[Evidence]:
    """5 ميكرون is a length, كلود 3.5 a version, فالكون 9 a rocket (which `cues.toml` knows)."""
    if "unit" in profile.other:
        quantity = _QUANTITY.search(fold_text(near.text_before[-_BESIDE:]))
        if quantity and not _YEAR.fullmatch(quantity[1]):
            yield Evidence(-3.5, quantity[1], "unit")
    version = _VERSION.match(fold_text(near.text_after[:_BESIDE]))
    if version and profile.kind in _VERSIONED and version[3] not in load_cues().amounts:
        whole = version[2] is None
        points = 0.6 if whole and not _FLYING.isdisjoint(profile.other) else 2.0
        yield Evidence(points, version[1] + (version[2] or ""))


def _gloss(profile: SenseProfile, mention: str, near: Surroundings) -> Iterator[Evidence]:
    """The name in the other script beside it, in brackets: آبل (Apple)."""
    found = _GLOSS.match(near.text_after)
    if not found or mention.isascii():
        return
    if squeeze(fold_text(found[1])).startswith(squeeze(fold_text(profile.name))):
        yield Evidence(1.8, f"({found[1].strip()})")
