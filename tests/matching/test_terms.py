"""A term that cannot be looked for is refused with its reason."""

from __future__ import annotations

import pytest

from marsad.errors import TermInvalid
from marsad.types import Term
from matching.matcher import check_term, compile_matcher


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "no letter or digit"),
        ("   ", "no letter or digit"),
        ("«»!?", "no letter or digit"),
        ("\u064e\u0640", "no letter or digit"),
        ("x", "a single letter"),
        ("و", "a single letter"),
        ("N" * 201, "longer than 200"),
        ("Nvi\ndia", "control character"),
        ("Nvi\x00dia", "control character"),
        ("\ud800abc", "control character"),
    ],
)
def test_a_term_that_cannot_be_looked_for_is_refused(name: str, reason: str) -> None:
    with pytest.raises(TermInvalid, match=reason):
        compile_matcher([Term(name)])


def test_spellings_and_excluded_phrases_are_checked_too() -> None:
    with pytest.raises(TermInvalid, match='the spelling ""'):
        check_term(Term("Meta", spellings=("",)))
    with pytest.raises(TermInvalid, match="the excluded phrase"):
        check_term(Term("Meta", exclude=("؟",)))


@pytest.mark.parametrize("name", ["H20", "C++", "xAI", "01.AI", "هواوي", "SK Hynix", "华为", "N" * 200])
def test_an_ordinary_name_is_accepted(name: str) -> None:
    check_term(Term(name))
