"""The lexicon is data that a person reviewed; its shape is held here."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from marsad.types import Term
from matching.folding import fold_text, is_arabic
from matching.letters import MAX_FORMS, spell_out
from matching.lexicon import expand, load_lexicon, lookup_key
from matching.proposals import arabic_spellings, propose_spellings
from matching.terms import check_term


def test_every_entry_has_the_shape_that_the_header_tells() -> None:
    content = tomllib.loads(files("matching").joinpath("lexicon.toml").read_text(encoding="utf-8"))
    assert set(content) == {"ordinary", "entry"}
    for row in content["entry"]:
        assert {"name", "arabic"} <= set(row) <= {"name", "arabic", "not"}
        assert row["name"].isascii()
        assert row["arabic"]
        assert len(set(row["arabic"])) == len(row["arabic"])


def test_no_two_entries_share_a_form() -> None:
    owners: dict[str, str] = {}
    for entry in load_lexicon().entries:
        for form in {lookup_key(form) for form in (entry.name, *entry.arabic)}:
            assert owners.setdefault(form, entry.name) == entry.name


def test_every_form_can_be_looked_for_and_stays_within_the_bound() -> None:
    for entry in load_lexicon().entries:
        assert len(entry.arabic) <= MAX_FORMS
        assert all(any(map(is_arabic, fold_text(form))) for form in entry.arabic)
        check_term(Term(entry.name, spellings=entry.arabic, exclude=entry.exclude))


def test_there_are_enough_names() -> None:
    assert len(load_lexicon().entries) >= 80


def test_the_latin_g_is_read_in_four_ways() -> None:
    assert expand(["گوگل"]) == ("جوجل", "غوغل", "قوقل", "كوكل")


def test_braces_stand_for_letter_names() -> None:
    assert "أوبن إيه آي" in expand(["أوبن {AI}"])


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("Nvidia", "إنفيديا"),
        ("deepseek", "ديب سيك"),
        ("H20", "إتش 20"),
        ("GB200", "جي بي 200"),
        ("LG", "إل جي"),
        ("Google Gemini", "جوجل جيميني"),
        ("Qwen3", "كوين 3"),
        ("GPT-4", "جي بي تي 4"),
    ],
)
def test_the_best_spelling_comes_first(name: str, spelling: str) -> None:
    assert arabic_spellings(name)[0] == spelling


def test_the_name_itself_is_always_proposed() -> None:
    assert propose_spellings("Foobarium")[0].spelling == "Foobarium"
    assert arabic_spellings("Nvidia", use_lexicon=False) == ()


@pytest.mark.parametrize("name", ["V100", "N20", "O1", "A", "NVIDIAS", "H2O2", "x"])
def test_codes_that_would_read_as_prose_are_not_spelled_out(name: str) -> None:
    assert spell_out(name) == ()


@pytest.mark.parametrize("name", ["KKKKKK", "HAWKJZ", "AAAAAA", "KAH12345K"])
def test_the_number_of_forms_is_bounded(name: str) -> None:
    assert len(propose_spellings(name)) <= MAX_FORMS + 1
