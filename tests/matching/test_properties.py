"""What holds for every text."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from marsad.types import Term
from matching.folding import fold_text, is_arabic
from matching.lexicon import load_lexicon
from matching.matcher import compile_matcher
from matching.ordinary import is_ordinary
from tests.matching.test_folding import WILD

NAMES = {
    "Huawei": "هواوي",
    "Nvidia": "إنفيديا",
    "DeepSeek": "ديب سيك",
    "Samsung": "سامسونغ",
    "H20": "H20",
    "Tencent": "Tencent",
    "Alibaba": "علي بابا",
    "IBM": "آي بي إم",
}
# What a name means is another matter, held in test_sense.
EACH = {name: compile_matcher([Term(name, sense=False)]) for name in NAMES}
ALL = compile_matcher([Term(name, sense=False) for name in NAMES])
# Tanwin is left out: it says that the word is no name.
MARKS = st.text(st.sampled_from("\u064e\u064f\u0650\u0652\u0640\u200f\u202b\u202c"), max_size=2)
CLITICS = st.sampled_from(
    ["", "و", "ف", "ب", "ك", "ل", "ول", "وب", "ال", "وال", "بال", "لل", "لـ", 'و"', "لـ ”", "بـ «"]
)
BEFORE = st.sampled_from(["", " ", "،", "قالت ", "\n", "(", ": "])
AFTER = st.sampled_from(["", " ", "، ", " قالت", "\n", ")", "”", "."])
PIECES = st.lists(
    st.sampled_from(
        [*NAMES, *NAMES.values(), "DeepSeek-R1", "كابل", "و", "لـ", " ", " ", "-", "”", "قال", "ـ", "ين", "0"]
    ),
    max_size=15,
).map("".join)


@st.composite
def decorated(draw: st.DrawFn, name: str) -> str:
    """Return the name with vowel marks, tatweel and controls after its Arabic letters."""
    return "".join(c + draw(MARKS) if "\u0620" < c < "\u06d4" else c for c in name)


@given(st.data(), st.sampled_from(sorted(NAMES)), BEFORE, CLITICS, AFTER)
def test_proclitics_marks_and_tatweel_never_hide_a_mention(
    data: st.DataObject, name: str, before: str, clitic: str, after: str
) -> None:
    assume(not (name == "Huawei" and "ال" in clitic))  # a family name; held in test_mentions
    mention = data.draw(decorated(NAMES[name]))
    text = f"{before}{clitic}{mention}{after}"
    (hit,) = EACH[name].find(text)
    assert text[hit.start : hit.end].rstrip("\u0640\u200f\u202b\u202c") in mention
    assert hit.start >= len(before) + len(clitic)


@given(st.sampled_from(["Huawei", "Nvidia", "Samsung", "Alibaba"]), st.sampled_from("متسشحعغ"), st.booleans())
def test_a_name_inside_a_longer_arabic_word_is_not_found(name: str, letter: str, before: bool) -> None:
    spelling = NAMES[name]
    assert not EACH[name].find(f"قال {letter}{spelling}" if before else f"قال {spelling}{letter}")


@given(st.sampled_from(["H20", "Tencent"]), st.from_regex(r"[A-Za-z]{1,3}", fullmatch=True), st.booleans())
def test_a_latin_name_inside_a_longer_word_is_not_found(name: str, letters: str, before: bool) -> None:
    assert not EACH[name].find(f"{letters}{name}" if before else f"{name}{letters}")


@given(st.one_of(PIECES, WILD))
def test_many_terms_find_what_each_finds_alone(text: str) -> None:
    together = ALL.find(text)
    alone = [hit for matcher in EACH.values() for hit in matcher.find(text)]
    assert sorted(together, key=repr) == sorted(alone, key=repr)
    assert list(together) == sorted(together, key=lambda hit: (hit.start, hit.end))


@given(st.one_of(PIECES, WILD))
def test_every_hit_is_a_piece_of_the_text(text: str) -> None:
    for hit in ALL.find(text):
        assert 0 <= hit.start < hit.end <= len(text)
        assert hit.spelling == text[hit.start : hit.end]


LISTED = [(entry.name, form) for entry in load_lexicon().entries for form in entry.arabic]
ARABIC = [
    (name, form) for name, form in LISTED if all(c == " " or is_arabic(fold_text(c)[:1] or "x") for c in form)
]


@given(st.data(), st.sampled_from(ARABIC), BEFORE, CLITICS, AFTER)
def test_every_listed_spelling_is_found_after_proclitics_and_under_marks(
    data: st.DataObject, listed: tuple[str, str], before: str, clitic: str, after: str
) -> None:
    name, form = listed
    assume(not form.startswith("ال"))  # its article would be doubled
    assume(not is_ordinary(fold_text(clitic).strip(' "'), form.replace(" ", "")))
    mention = data.draw(decorated(form))
    matcher = compile_matcher([Term(name, (form,), sense=False)])
    found = matcher.find(f"{before}{clitic}{mention}{after}")
    assert len(found) == 1
    assert found[0].start >= len(before) + len(clitic)


@given(st.sampled_from(ARABIC), st.sampled_from("ضظ"), st.booleans())
def test_no_listed_spelling_is_found_inside_a_longer_word(
    listed: tuple[str, str], letter: str, before: bool
) -> None:
    name, form = listed
    text = f"قال {letter}{form}" if before else f"قال {form}{letter}"
    assert compile_matcher([Term(name, (form,))]).find(text) == ()
