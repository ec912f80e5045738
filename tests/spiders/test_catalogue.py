"""The catalogue: every row can be offered, added and fetched."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

import pytest

from marsad.addresses import canonical_url
from marsad.names import check_name
from spiders.catalogue import CatalogueSource, load_catalogue

CATALOGUE = load_catalogue()
ARABIC = range(0x0600, 0x0700)


@pytest.mark.parametrize("source", CATALOGUE, ids=lambda source: source.id)
def test_a_row_has_both_names_and_an_address_as_it_is_stored(source: CatalogueSource) -> None:
    assert any(ord(letter) in ARABIC for letter in source.name_ar)
    assert any(letter.isascii() and letter.isalpha() for letter in source.name_en)
    assert check_name(source.name_ar, "source") == source.name_ar
    assert check_name(source.name_en, "source") == source.name_en
    assert canonical_url(source.url) == source.url
    assert (source.note_ar is None) == (source.note_en is None)
    assert source.id.replace("-", "").isalnum()
    assert source.id == source.id.lower()
    for code in (source.country or "XX").split("/"):
        assert len(code) == 2
        assert code.isupper()


@pytest.mark.parametrize("name", ["group", "shape"])
def test_a_row_keeps_to_the_words_of_its_type(name: str) -> None:
    allowed = {"technology", "business", "science", "general"} if name == "group" else {"feed", "listing"}
    assert name in {field.name for field in fields(CatalogueSource)}
    assert {getattr(source, name) for source in CATALOGUE} == allowed


@pytest.mark.parametrize("name", ["id", "name_ar", "name_en", "url"])
def test_no_row_comes_twice(name: str) -> None:
    counts = Counter(getattr(source, name) for source in CATALOGUE)
    assert [value for value, count in counts.items() if count > 1] == []


def test_technology_comes_first_and_a_page_of_links_is_announced() -> None:
    assert CATALOGUE[0].group == "technology"
    assert [s.id for s in CATALOGUE if s.shape == "listing" and s.note_en is None] == []


@pytest.mark.testbed
def test_every_house_that_is_not_reported_away_is_there(testbed: object) -> None:
    """The origins of the five articles among them."""
    from pathlib import Path

    assert isinstance(testbed, Path)
    header, *lines = (testbed / "catalogue.tsv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(header.split("\t"), line.split("\t"), strict=False)) for line in lines]
    away = ("dead", "off:", "duplicate", "parked", "general headlines", "political", "old path", "alias")
    alive = {row["id"] for row in rows if not any(word in row["status"] for word in away)}
    known = {source.id for source in CATALOGUE}
    assert alive - known == set()
    assert {"techalarab", "ektisadi", "hitecweb", "alarabiya-aswaq", "almayadeen"} <= known
