"""What a bare name is looked for by: the lexicon, the letters' names, the sound, and never an ordinary word."""

from __future__ import annotations

from time import perf_counter

import pytest

from matching.folding import fold_text, squeeze
from matching.letters import MAX_FORMS, spell_out
from matching.ordinary import is_frequent_word
from matching.proposals import arabic_spellings, propose_spellings, used_spellings


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("Nvidia", "إنفيديا"),
        ("deepseek", "ديب سيك"),
        ("H20", "إتش 20"),
        ("GB200", "جي بي 200"),
        ("LG", "إل جي"),
        ("Qwen3", "كوين 3"),
        ("GPT-4", "جي بي تي 4"),
    ],
)
def test_the_best_spelling_comes_first(name: str, spelling: str) -> None:
    assert arabic_spellings(name)[0] == spelling


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        # Invented: no list can have them.
        ("Veltrona", "فلترونا"),
        ("Brightforge", "برايت فورج"),
        ("Tarvexia", "تارفكسيا"),
        ("CloudHarbor", "كلاود هاربور"),
        ("Nimbura", "نيمبورا"),
        ("ZephyrAI", "زفير إيه آي"),
        ("Quellmark Labs", "كويل مارك لابز"),
    ],
)
def test_a_name_that_nobody_listed_is_spelled_by_its_sound(name: str, spelling: str) -> None:
    used = {squeeze(fold_text(proposal.spelling)) for proposal in used_spellings(name)}
    assert squeeze(fold_text(spelling)) in used


def test_the_name_itself_is_always_proposed_and_used() -> None:
    for name in ("Foobarium", "Nvidia", "H20", "هواوي", "华为", "C++"):
        assert propose_spellings(name)[0].spelling == name
        assert propose_spellings(name)[0].off is None


@pytest.mark.parametrize("name", ["Mina", "Salem", "Kamal", "Noor", "Kan", "Bada", "Minan", "Kalam", "Samik"])
def test_a_spelling_by_sound_that_is_an_ordinary_word_is_proposed_but_not_used(name: str) -> None:
    words = [p for p in propose_spellings(name, use_lexicon=False) if is_frequent_word(p.spelling)]
    assert all(proposal.off for proposal in words)


def test_the_likeliest_spellings_are_used_and_the_unlikely_ones_shown() -> None:
    proposals = [p for p in propose_spellings("Veltrona") if p.origin == "sound"]
    assert proposals[0].off is None
    assert proposals[-1].off == "unlikely"
    assert [p.score for p in proposals] == sorted((p.score for p in proposals), reverse=True)


@pytest.mark.parametrize("name", ["V100", "N20", "O1", "A", "NVIDIAS", "H2O2", "x"])
def test_codes_that_would_read_as_prose_are_not_spelled_out(name: str) -> None:
    assert spell_out(name) == ()


@pytest.mark.parametrize(
    "name", ["KKKKKK", "HAWKJZ", "AAAAAA", "KAH12345K", "x" * 200, "Aa Bb Cc Dd Ee Ff Gg Hh"]
)
def test_the_number_of_forms_is_bounded(name: str) -> None:
    assert len(propose_spellings(name)) <= MAX_FORMS + 1


def test_words_that_the_lexicon_knows_are_spelled_as_it_has_them() -> None:
    assert "غوغل كلاود" in {proposal.spelling for proposal in used_spellings("Google Cloud")}
    assert "ديب سيك آر 1" in {proposal.spelling for proposal in used_spellings("DeepSeek-R1")}


def test_a_version_is_not_looked_for_by_the_names_of_other_versions() -> None:
    mate = {proposal.spelling for proposal in used_spellings("Mate 70")}
    assert "ميت 70" in mate
    assert not any("60" in spelling or spelling == "هواوي ميت" for spelling in mate)
    assert {"Mate 60", "Mate 70"} <= {proposal.spelling for proposal in used_spellings("Huawei Mate")}


def test_many_words_are_proposed_for_at_once() -> None:
    began = perf_counter()
    assert len(propose_spellings("Nvidia " * 28)) <= MAX_FORMS + 1
    assert perf_counter() - began < 10


def test_a_ticker_leads_to_its_company_only_in_capitals() -> None:
    assert "إريكسون" in {proposal.spelling for proposal in used_spellings("ERIC")}
    assert "إريكسون" not in {proposal.spelling for proposal in used_spellings("Eric")}


def test_a_narrower_name_than_an_entry_is_not_looked_for_by_the_wider_one() -> None:
    spellings = {proposal.spelling for proposal in used_spellings("Qwen3-Max")}
    assert "كوين 3 ماكس" in spellings
    assert not {"Qwen3", "كوين 3", "Qwen3-Coder"} & spellings
