"""The words around a mention."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matching.snippets import snippet


def test_a_short_text_is_shown_whole() -> None:
    text = "قالت هواوي اليوم"
    assert snippet(text, 5, 10) == ("قالت ", " اليوم")


def test_long_text_is_cut_at_words_with_an_ellipsis() -> None:
    text = "كلمة " * 40 + "هواوي" + " كلمة" * 40
    before, after = snippet(text, 200, 205, width=12)
    assert before == "…كلمة كلمة "
    assert after == " كلمة كلمة…"


def test_line_breaks_become_one_space() -> None:
    assert snippet("سطر\n\n  أول هواوي\tثان", 11, 16) == ("سطر أول ", " ثان")


@given(st.text(), st.integers(0, 50), st.integers(0, 50), st.integers(1, 30))
def test_any_span_of_any_text_has_a_snippet_of_bounded_length(text: str, a: int, b: int, width: int) -> None:
    start, end = sorted((min(a, len(text)), min(b, len(text))))
    before, after = snippet(text, start, end, width)
    assert len(before) <= width + 1
    assert len(after) <= width + 1
