"""The catalogue: Arabic news sources that marsad knows, offered at set-up and polled once a user confirms."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class CatalogueSource:
    """One address of a news house; `group` is "technology", "business", "science" or "general"."""

    id: str
    name_ar: str
    name_en: str
    country: str | None
    """ISO 3166-1 alpha-2, two of them joined by "/", or None where it is not known."""
    group: Literal["technology", "business", "science", "general"]
    shape: Literal["feed", "listing"]
    url: str
    note_ar: str | None = None
    note_en: str | None = None
    """What is known to be in the way, in plain words."""


def load_catalogue() -> tuple[CatalogueSource, ...]:
    """Return the catalogue in its order: technology first; the tests hold its form."""
    file = Path(__file__).with_name("catalogue.toml")
    found = tomllib.loads(file.read_text(encoding="utf-8"))["source"]
    return tuple(CatalogueSource(**{"country": None, **row}) for row in found)
