"""An article is read one byte a character, and every byte knows where it came from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marsad.types import Term
from matching.folding import fold_text
from matching.matcher import compile_matcher
from matching.scanning import SPACE, Scan, octets
from tests.matching.test_folding import WILD
from tests.matching.test_properties import PIECES

NAMES = ("Huawei", "DeepSeek", "Nvidia", "H20", "IBM", "DeepSeek-R1", "华为")
MATCHER = compile_matcher([Term(name) for name in NAMES])
TEXT = st.one_of(PIECES, WILD, st.lists(st.one_of(PIECES, WILD), max_size=3).map(" ".join))
# What the codec lacks, and what it stands for.
STRANGE = {"ي": "ی", "ك": "ک", "ف": "ڤ", "2": "٢", "0": "۰", "-": "\u2011", "ه": "ﻫ", "و": "ﻮ", "N": "Ｎ"}


@given(TEXT)
def test_every_byte_stands_for_a_character_of_the_original(text: str) -> None:
    scan = Scan(text)
    for place, code in enumerate(scan.octets[1:-1], start=1):
        if code != SPACE:
            offset = scan.offset(place)
            assert octets(fold_text(scan.text[offset])) == bytes([code])
            assert fold_text(scan.text[offset]) in fold_text(text[scan.original(offset)])


@given(TEXT)
def test_nothing_but_separators_and_what_folding_drops_is_left_out(text: str) -> None:
    spaced = b" " + octets(fold_text(text)) + b" "
    assert Scan(text).octets.split() == spaced.split()
    assert b"  " not in Scan(text).octets[1:-1].strip()


@given(TEXT)
def test_a_text_that_must_be_written_out_first_has_the_same_hits(text: str) -> None:
    """A ligature at the end sends the whole text the slow way."""
    assert Scan(text + " ﷲ").written_out
    assert MATCHER.find(text + " ﷲ") == MATCHER.find(text + " الله")


@given(TEXT, st.sets(st.sampled_from(sorted(STRANGE))))
def test_characters_that_the_codec_lacks_have_the_same_hits(text: str, chosen: set[str]) -> None:
    strange = "".join(STRANGE[c] if c in chosen else c for c in text)
    assert _places(strange) == _places(text)


def _places(text: str) -> list[tuple[str, int, int]]:
    return [(hit.term.name, hit.start, hit.end) for hit in MATCHER.find(text)]


def test_a_zero_width_non_joiner_may_stand_inside_a_name_and_may_end_a_word() -> None:
    assert _places("ديب\u200cسيك") == [("DeepSeek", 0, 7)]
    assert _places("مسؤولو\u200cهواوي") == [("Huawei", 7, 12)]
    assert _places("هوا\u200cوي") == [("Huawei", 0, 6)]


def test_names_of_other_scripts_are_told_apart() -> None:
    assert _places("شركة 华为 الصينية") == [("华为", 5, 7)]
    assert _places("شركة 中国 الصينية") == []
