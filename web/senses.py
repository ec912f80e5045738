"""What a name of several meanings can mean, and what was decided about it, in the reader's language.

The matcher stores its reasons in English; sentences that nobody knows here are shown as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from matching.lexicon import load_lexicon
from web.rendering import bdi
from web.translation import Language, noop

KINDS: Mapping[str, str] = {
    "company": noop("the company"),
    "product": noop("the product"),
    "model": noop("the model"),
    "chip": noop("the chip"),
    "person": noop("the person"),
    "agency": noop("the agency"),
    "organisation": noop("the organisation"),
    "technology": noop("the technology"),
}
SENSES: Mapping[str, str] = {
    "given_name": noop("a person's first name"),
    "surname": noop("a person's family name"),
    "river": noop("the river"),
    "forest": noop("the forest"),
    "mountain": noop("the mountain"),
    "island": noop("the island"),
    "city": noop("the city"),
    "country": noop("the country"),
    "region": noop("the region"),
    "animal": noop("the animal"),
    "fruit": noop("the fruit"),
    "plant": noop("the plant"),
    "food": noop("food or a restaurant"),
    "drink": noop("a drink"),
    "car": noop("a car"),
    "aircraft": noop("an aircraft"),
    "rocket": noop("a rocket"),
    "ship": noop("a ship"),
    "weapon": noop("a weapon"),
    "military": noop("an army's unit or operation"),
    "wind": noop("the wind"),
    "planet": noop("the planet"),
    "star": noop("a star or something in the sky"),
    "constellation": noop("the constellation or zodiac sign"),
    "myth": noop("a figure of myth"),
    "tale": noop("the tale"),
    "religion": noop("something of religion"),
    "film": noop("a film or series"),
    "music": noop("music"),
    "band": noop("a band"),
    "game": noop("a game"),
    "sport": noop("sport"),
    "team": noop("a team"),
    "word": noop("an ordinary word"),
    "unit": noop("a unit of measurement"),
    "colour": noop("the colour"),
    "time": noop("a time"),
    "building": noop("a building or place"),
    "currency": noop("a coin or an exchange of coins"),
    "bank": noop("a bank or a bank's service"),
    "hotel": noop("a hotel"),
    "shop": noop("a shop"),
    "magazine": noop("a magazine"),
    "newspaper": noop("a newspaper"),
    "medicine": noop("something of medicine"),
    "chemistry": noop("a substance"),
    "body": noop("a part of the body"),
}
"""The senses of `matching/sense/cues.toml` by their names, in the words of their `says`."""
_SOMETHING_ELSE = noop("something else")
_SAID = frozenset((*SENSES.values(), _SOMETHING_ELSE))
_SIGNS = frozenset(
    {
        noop("the quotation marks"),
        noop("the article ال"),
        noop("the missing article"),
        noop("the address"),
        noop("the small letters"),
        noop("the Latin letters"),
        noop("an article without a word of the field"),
    }
)
"""What may stand among the words that decided and is none."""

_COUNTED = re.compile(
    r"counted as the (?P<kind>\w+) (?:because of (?P<words>.+)|as nothing speaks against it)"
)
_LOOKS_LIKE = re.compile(r"not counted: looks like (?P<sense>.+?) because of (?P<words>.+)")
_NOTHING = re.compile(
    r"not counted: nothing around it speaks of the (?P<kind>\w+), so it may be (?P<sense>.+)"
)


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A name that means something of the field (`kind`) and other things besides, in words."""

    kind: Markup
    others: Markup


def find_ambiguity(language: Language, name: str) -> Ambiguity | None:
    """Return what else a name can mean; None when nothing else is known to bear it."""
    entry = load_lexicon().find(name)
    if entry is None or not entry.other:
        return None
    others = [language.gettext(SENSES[other]) for other in entry.other if other in SENSES]
    comma = language.gettext(", ")
    return Ambiguity(_kind(language, entry.kind), comma.join(others or [language.gettext(_SOMETHING_ELSE)]))


def say_sense(language: Language, why: str) -> Markup:
    """Return what the context decided; a sentence of another making as it is, escaped."""
    _ = language.gettext
    if (said := _COUNTED.fullmatch(why)) and said["kind"] in KINDS:
        kind = _kind(language, said["kind"])
        if said["words"] is None:
            return _("counted as %(kind)s, as nothing speaks against it", kind=kind)
        words = _words(language, said["words"])
        return _("counted as %(kind)s because of %(words)s", kind=kind, words=words)
    if (said := _LOOKS_LIKE.fullmatch(why)) and (sense := said["sense"]) in _SAID:
        words = _words(language, said["words"])
        return _("it looks like %(sense)s because of %(words)s", sense=_(sense), words=words)
    if (said := _NOTHING.fullmatch(why)) and said["kind"] in KINDS and (sense := said["sense"]) in _SAID:
        kind = _kind(language, said["kind"])
        return _("nothing around it speaks of %(kind)s, so it may be %(sense)s", kind=kind, sense=_(sense))
    return bdi(why)


def _kind(language: Language, kind: str) -> Markup:
    return language.gettext(KINDS[kind]) if kind in KINDS else bdi(kind)


def _words(language: Language, words: str) -> Markup:
    shown = (language.gettext(word) if word in _SIGNS else bdi(word) for word in words.split("، "))
    return language.gettext(", ").join(shown)
