"""Why an article matches, in the reader's language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from marsad.types import StoredHit
from web.rendering import bdi
from web.senses import say_sense
from web.translation import Language, noop

_CLITICS = re.compile(r"(?P<conjunction>[وف]?)(?P<preposition>[بكل]?)(?P<article>(?:ال|ل)?)")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Equal hits of one term: how it is written there, what stands before it, where, why, how often."""

    spelling: str
    clitics: tuple[str, ...]
    field: Markup
    why: Markup
    sense: Markup
    """What the context decided about a name of several meanings; empty for others."""
    times: int


def explain_hits(language: Language, hits: Iterable[StoredHit]) -> list[Explanation]:
    """Return the reasons for these hits, by place, equal ones counted."""
    counted = Counter((hit.field, hit.clitics, hit.spelling, hit.why) for hit in hits)
    return [
        Explanation(spelling, split_clitics(clitics), _field(language, field), *say_why(language, why), times)
        for (field, clitics, spelling, why), times in counted.items()
    ]


def split_clitics(letters: str) -> tuple[str, ...]:
    """Return the words written onto the next one, apart: وبال is و + ب + ال, and لل is ل + ال."""
    found = _CLITICS.fullmatch(letters)
    if found is None:
        return (letters,) if letters else ()
    parts = (found["conjunction"], found["preposition"], "ال" if found["article"] else "")
    return tuple(part for part in parts if part)


def _field(language: Language, field: str) -> Markup:
    _ = language.gettext
    match field:
        case "title":
            return _("in the headline")
        case "summary":
            return _("in the summary")
        case _:
            return _("in the text")


def say_why(language: Language, why: str) -> tuple[Markup, Markup]:
    """Return what led to a mention: the kind of spelling, and what the context decided ("" if it was not asked).

    The matcher stores it in English, with `, after …` where a proclitic stands before the name and `; …` for
    the sense. What is not known here is shown as it is.
    """
    written, _, sense = why.partition("; ")
    reason = _REASONS.get(written.partition(", after ")[0])
    if reason is None:
        return bdi(why), Markup("")
    return language.gettext(reason), say_sense(language, sense) if sense else Markup("")


_REASONS: Mapping[str, str] = {
    "the name as typed": noop("the name as you typed it"),
    "a spelling given with the term": noop("a spelling that you gave"),
    "a spelling from the lexicon": noop("a spelling from the lexicon"),
    "the letters' names written out": noop("the letters' names written out"),
    "the name spelled word by word": noop("the name spelled word by word"),
    "a spelling by sound": noop("a spelling by sound"),
}
