"""Why an article matches, in the reader's language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from marsad.types import StoredHit
from web.translation import Language

_CLITICS = re.compile(r"(?P<conjunction>[وف]?)(?P<preposition>[بكل]?)(?P<article>(?:ال|ل)?)")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Equal hits of one term: how it is written there, what stands before it, where, why, and how often."""

    spelling: str
    clitics: tuple[str, ...]
    field: Markup
    why: Markup
    times: int


def explain_hits(language: Language, hits: Iterable[StoredHit]) -> list[Explanation]:
    """Return the reasons for these hits, by place, equal ones counted."""
    counted = Counter((hit.field, hit.clitics, hit.spelling, hit.why) for hit in hits)
    return [
        Explanation(spelling, split_clitics(clitics), _field(language, field), _why(language, why), times)
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


def _why(language: Language, why: str) -> Markup:
    """The matcher stores its reason in English, followed by `, after …` where clitics stand before the name."""
    _ = language.gettext
    reason = why.partition(", after ")[0]
    known = {
        "the name as typed": _("the name as you typed it"),
        "a spelling given with the term": _("a spelling that you gave"),
        "a spelling from the lexicon": _("a spelling from the lexicon"),
        "the letters' names written out": _("the letters' names written out"),
        "the name spelled word by word": _("the name spelled word by word"),
    }
    return known.get(reason, Markup("{}").format(reason))
