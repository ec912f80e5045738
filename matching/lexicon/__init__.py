"""The lexicon: names of the field with their Arabic spellings, as reviewed data (the TOML files beside this)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice, product
from typing import Any

from matching.folding import fold_text, squeeze
from matching.letters import MAX_FORMS, acronym_forms

FILES = (
    "companies",
    "companies_internet",
    "companies_industry",
    "companies_arab",
    "hardware",
    "asia",
    "models",
    "products",
    "people",
    "agencies",
)
"""Where a form belongs to two entries, the one in the earlier file has it."""

_LATIN_G = "گ"
_G_IN_ARABIC = "جغقك"
_LETTERS = re.compile(r"\{([A-Z]+)\}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that has a name: its Latin forms, its Arabic spellings (likeliest first), and what it is not.

    `other` names what else bears the name, which makes it ambiguous; `support` and `against` are words near
    it that speak for this thing or for the other. `tickers` only find the entry.
    """

    name: str
    kind: str
    arabic: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    tickers: tuple[str, ...] = ()
    maker: str | None = None
    exclude: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Every entry, and by each of its forms, folded and squeezed, the entry that the form leads to.

    A ticker leads there only as it is written: DASH is the company's, Dash may be anybody's.
    """

    entries: tuple[Entry, ...]
    by_form: Mapping[str, Entry]
    by_ticker: Mapping[str, Entry]

    def find(self, name: str) -> Entry | None:
        """Return the entry that has this name as a Latin form, an Arabic spelling or a ticker."""
        return self.by_form.get(lookup_key(name)) or self.by_ticker.get(name.strip())


def lookup_key(name: str) -> str:
    """Return the form under which a name is looked up: folded, without separators."""
    return squeeze(fold_text(name))


@cache
def load_lexicon() -> Lexicon:
    """Read the lexicon that comes with the package; read once a process."""
    folder = files("matching").joinpath("lexicon")
    sources = (folder.joinpath(f"{name}.toml").read_text(encoding="utf-8") for name in FILES)
    return parse_lexicon(sources)


def parse_lexicon(sources: Iterable[str]) -> Lexicon:
    """Read a lexicon in TOML; raises KeyError or tomllib.TOMLDecodeError if it is not one."""
    entries = tuple(_entry(row) for source in sources for row in tomllib.loads(source)["entry"])
    by_form: dict[str, Entry] = {}
    for forms in (_names, _aliases, _arabic):
        for entry in entries:
            for form in forms(entry):
                by_form.setdefault(lookup_key(form), entry)
    by_ticker = {ticker: entry for entry in reversed(entries) for ticker in entry.tickers}
    return Lexicon(entries, by_form, by_ticker)


def _entry(row: Mapping[str, Any]) -> Entry:
    rest = {key: tuple(row.get(key, ())) for key in ("aliases", "tickers", "other", "support", "against")}
    return Entry(
        row["name"],
        row["kind"],
        expand(row["arabic"]),
        maker=row.get("maker"),
        exclude=tuple(row.get("not", ())),
        **rest,
    )


def _names(entry: Entry) -> tuple[str, ...]:
    return (entry.name,)


def _aliases(entry: Entry) -> tuple[str, ...]:
    return entry.aliases


def _arabic(entry: Entry) -> tuple[str, ...]:
    return entry.arabic


def expand(spellings: Iterable[str]) -> tuple[str, ...]:
    """Write out the shorthands گ and {ABC}; keep the order, drop repetitions, at most `MAX_FORMS`."""
    written = (form for spelling in spellings for form in _expand_one(spelling))
    return tuple(islice(dict.fromkeys(written), MAX_FORMS))


def _expand_one(spelling: str) -> Iterator[str]:
    pieces = _LETTERS.split(spelling)
    # Every second piece is what stood in braces.
    choices = [acronym_forms(piece) if index % 2 else (piece,) for index, piece in enumerate(pieces)]
    for choice in product(*choices):
        form = "".join(choice)
        if _LATIN_G in form:
            yield from (form.replace(_LATIN_G, letter) for letter in _G_IN_ARABIC)
        else:
            yield form
