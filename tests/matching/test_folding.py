"""Folding gives one form to what reads the same."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.folding import evidence, fold_text, squeeze

WILD = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "ابهواويةىأإآؤئکیچپڤگ٢۲\u0640\u064b\u0650\u200c\u200e\u202bﻻﻷﷲ“”«»\u2011\u00a0Hh20_-. \n"
        ),
    )
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ﻫﻮﺍﻭﻱ", "هواوي"),
        ("هُواوِيْ", "هواوي"),
        ("لـهـــواوي", "لهواوي"),
        ("\u202bهواوي\u202c\u200f", "هواوي"),
        ("هواوى", "هواوي"),
        ("هواوی", "هواوي"),
        ("أبل إبل آبل ٱبل", "ابل ابل ابل ابل"),
        ("ا\u0653بل", "ابل"),
        ("أپل", "ابل"),
        ("نڤيديا", "نفيديا"),
        ("گوگل", "كوكل"),
        ("H٢٠ H۲۰", "h20 h20"),
        ("ＮＶＩＤＩＡ", "nvidia"),
        ("DeepSeek\u2011R1", "deepseek-r1"),
        ("“أندرويد” «أندرويد»", '"اندرويد" "اندرويد"'),
        ("قال\u00a0هواوي", "قال هواوي"),
        ("Räikkönen", "raikkonen"),
        ("Nvidia™", "nvidia™"),
        ("ﷲ", "الله"),
        ("ثم…", "ثم."),
        ("ﹰميتا", "ميتا"),
    ],
)
def test_one_form_for_what_reads_the_same(written: str, folded: str) -> None:
    assert fold_text(written) == folded


def test_letters_that_tell_words_apart_stay_apart() -> None:
    assert len({fold_text(letter) for letter in "تثدذسصزظطةهجغق"}) == 14


def test_evidence_of_many_marks_in_a_row_takes_no_time_and_stays_the_same() -> None:
    # Sorting them takes the square of their number: an hour for a page that a stranger wrote.
    for marks in ("\u0301\u0323", "\u0670\u0655\u064b", "\u0f73", "\uff9e\u0301"):
        began = perf_counter()
        assert evidence("إ" + marks * 100_000 + "بل") == "إبل"
        assert perf_counter() - began < 5


def test_evidence_keeps_the_hamza_that_folding_loses() -> None:
    assert evidence("إِبِل وآبـل ﺃﺑﻞ ا\u0653بل") == "إبل وآبل أبل آبل"


def test_squeezing_takes_out_the_separators_of_names() -> None:
    assert squeeze("ديب سيك ديب-سيك a.b_c") == "ديبسيكديبسيكabc"


@given(WILD)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold_text(text)
    assert fold_text(once) == once
