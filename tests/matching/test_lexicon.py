"""The lexicon is data that a person reviewed; its shape is held here, and that no entry undoes another."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from marsad.types import Term
from matching.folding import fold_text, is_arabic
from matching.letters import MAX_FORMS
from matching.lexicon import FILES, expand, load_lexicon, lookup_key
from matching.matcher import compile_matcher
from matching.ordinary import is_frequent_word, load_curated
from matching.sense.cues import load_cues
from matching.terms import check_term

FOLDER = files("matching").joinpath("lexicon")


@pytest.mark.parametrize("name", FILES)
def test_every_file_has_the_shape_that_the_schema_tells(name: str) -> None:
    schema = json.loads(FOLDER.joinpath("schema.json").read_text(encoding="utf-8"))
    content = tomllib.loads(FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    faults = [
        f"{fault.json_path}: {fault.message}" for fault in Draft202012Validator(schema).iter_errors(content)
    ]
    assert faults == []


def test_every_file_in_the_folder_is_read() -> None:
    found = {each.name.removesuffix(".toml") for each in FOLDER.iterdir() if each.name.endswith(".toml")}
    assert found == {*FILES, "ordinary"}


def test_no_two_entries_have_the_same_latin_form() -> None:
    owners: dict[str, str] = {}
    for entry in load_lexicon().entries:
        for form in {lookup_key(form) for form in (entry.name, *entry.aliases)}:
            assert owners.setdefault(form, entry.name) == entry.name


def test_every_form_leads_to_an_entry_that_has_it() -> None:
    for entry in load_lexicon().entries:
        for form in (entry.name, *entry.aliases, *entry.tickers, *entry.arabic):
            found = load_lexicon().find(form)
            assert found is not None
            forms = (found.name, *found.aliases, *found.tickers, *found.arabic)
            assert lookup_key(form) in map(lookup_key, forms)


def test_every_form_can_be_looked_for_and_stays_within_the_bound() -> None:
    for entry in load_lexicon().entries:
        assert len(entry.arabic) <= MAX_FORMS
        assert all(any(map(is_arabic, fold_text(form))) for form in entry.arabic)
        check_term(Term(entry.name, spellings=(*entry.aliases, *entry.arabic), exclude=entry.exclude))


def test_every_maker_is_an_entry() -> None:
    lexicon = load_lexicon()
    assert [e.name for e in lexicon.entries if e.maker and lexicon.find(e.maker) is None] == []


def test_what_else_bears_a_name_is_a_sense_that_has_cues() -> None:
    senses = set(load_cues().senses)
    assert {other for entry in load_lexicon().entries for other in entry.other} <= senses


def test_a_spelling_that_is_a_frequent_word_is_ambiguous() -> None:
    frequent = {
        (entry.name, form)
        for entry in load_lexicon().entries
        if not entry.other
        for form in entry.arabic
        if is_frequent_word(form)
    }
    # Their names are what the word is frequent for.
    assert frequent <= KNOWN_BY_EVERYBODY


KNOWN_BY_EVERYBODY = {("Twitter", "تويتر"), ("Facebook", "فيسبوك"), ("YouTube", "يوتيوب")}


def test_there_are_enough_names_of_every_kind() -> None:
    entries = load_lexicon().entries
    assert len(entries) >= 600
    for kind in ("company", "product", "model", "chip", "person", "agency", "organisation", "technology"):
        assert sum(entry.kind == kind for entry in entries) >= 10, kind


def test_a_ticker_finds_its_company_and_is_not_looked_for() -> None:
    entry = load_lexicon().find("NVDA")
    assert entry is not None
    assert entry.name == "Nvidia"
    assert compile_matcher([Term("Nvidia")]).find("تداول NVDA اليوم") == ()


def test_words_that_look_like_a_proclitic_and_a_name_are_listed() -> None:
    assert {"وابل", "كابل", "كلاما"} <= load_curated()


def test_the_latin_g_is_read_in_four_ways() -> None:
    assert expand(["گوگل"]) == ("جوجل", "غوغل", "قوقل", "كوكل")


def test_braces_stand_for_letter_names() -> None:
    assert "أوبن إيه آي" in expand(["أوبن {AI}"])


def test_a_bare_name_finds_itself_and_every_spelling_that_is_listed_with_it() -> None:
    """Of every twentieth entry: no phrase that is no mention, no other spelling, no rule hides it."""
    lost = []
    for entry in load_lexicon().entries[::20]:
        matcher = compile_matcher([Term(entry.name, sense=False)])
        lost += [
            (entry.name, form)
            for form in (entry.name, *entry.arabic)
            if not matcher.find(f"قالت: {form} هنا")
        ]
    assert lost == []
