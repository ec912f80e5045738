"""The lexicon: names of the field with their Arabic spellings, as reviewed data (`lexicon.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice, product

from matching.folding import fold_text, squeeze
from matching.letters import MAX_FORMS, acronym_forms

_LATIN_G = "گ"
_G_IN_ARABIC = "جغقك"
_LETTERS = re.compile(r"\{([A-Z]+)\}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One name: its Latin form, its Arabic spellings written out (likeliest first), what it is not."""

    name: str
    arabic: tuple[str, ...]
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Every entry by each of its forms, folded and squeezed; and the words that only look like a name."""

    entries: tuple[Entry, ...]
    by_form: Mapping[str, Entry]
    ordinary: frozenset[str]

    def find(self, name: str) -> Entry | None:
        """Return the entry that has this name as its Latin form or as one of its Arabic spellings."""
        return self.by_form.get(lookup_key(name))


def lookup_key(name: str) -> str:
    """Return the form under which a name is looked up: folded, without separators."""
    return squeeze(fold_text(name))


@cache
def load_lexicon() -> Lexicon:
    """Read the lexicon that comes with the package; read once a process."""
    return parse_lexicon(files("matching").joinpath("lexicon.toml").read_text(encoding="utf-8"))


def parse_lexicon(source: str) -> Lexicon:
    """Read a lexicon in TOML; raises KeyError or tomllib.TOMLDecodeError if it is not one."""
    content = tomllib.loads(source)
    entries = tuple(
        Entry(row["name"], expand(row["arabic"]), tuple(row.get("not", ()))) for row in content["entry"]
    )
    by_form: dict[str, Entry] = {}
    for entry in entries:
        for form in (entry.name, *entry.arabic):
            by_form.setdefault(lookup_key(form), entry)
    return Lexicon(entries, by_form, frozenset(content["ordinary"]))


def expand(spellings: list[str]) -> tuple[str, ...]:
    """Write out the shorthands گ and {ABC}; keep the order, drop repetitions, at most `MAX_FORMS`."""
    written = (form for spelling in spellings for form in _expand_one(spelling))
    return tuple(islice(dict.fromkeys(written), MAX_FORMS))


def _expand_one(spelling: str) -> list[str]:
    pieces = _LETTERS.split(spelling)
    # Every second piece is what stood in braces.
    choices = [acronym_forms(piece) if index % 2 else (piece,) for index, piece in enumerate(pieces)]
    forms = ["".join(choice) for choice in product(*choices)]
    if _LATIN_G not in spelling:
        return forms
    return [form.replace(_LATIN_G, letter) for form in forms for letter in _G_IN_ARABIC]
