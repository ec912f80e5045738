"""Terms that are expressions: found where all that they ask for is there, with the mentions that bear it out."""

from __future__ import annotations

from time import perf_counter

import pytest

from marsad.errors import ExpressionInvalid, TermInvalid
from marsad.types import FieldName, Term
from matching.matcher import check_term, compile_matcher

ARTICLE: dict[FieldName, str] = {
    "title": "هواوي تكشف عن معالج جديد",
    "summary": "قالت الشركة إن شريحة H20 لن تصل إلى الصين",
    "text": "وتنافس هواوي شركة إنفيديا في سوق مراكز البيانات، أما إنتل فلم تعلّق على الأمر حتى الآن.",
}


def found(expression: str, *, source: str = "جسر") -> list[tuple[str, str]]:
    """Return the field and the spelling of each mention that bears the expression out."""
    matcher = compile_matcher([Term("watch", expression=expression)])
    return [(field, hit.spelling) for field, hit in matcher.find_in(ARTICLE, source=source)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Huawei AND H20", [("title", "هواوي"), ("summary", "H20"), ("text", "هواوي")]),
        ("Huawei AND Qualcomm", []),
        ("Huawei OR Qualcomm", [("title", "هواوي"), ("text", "هواوي")]),
        ("Huawei NOT H20", []),
        ("Huawei NOT Qualcomm", [("title", "هواوي"), ("text", "هواوي")]),
        ("title:Huawei AND text:Nvidia", [("title", "هواوي"), ("text", "إنفيديا")]),
        ("title:Nvidia", []),
        ("text:H20", [("summary", "H20")]),
        ("Huawei NEAR/3 Nvidia", [("text", "هواوي"), ("text", "إنفيديا")]),
        ("Huawei NEAR/3 Intel", []),
        ('"مراكز البيانات" AND Intel', [("text", "مراكز البيانات"), ("text", "إنتل")]),
        ("(Huawei OR Nvidia) AND source:جسر", [("title", "هواوي"), ("text", "هواوي"), ("text", "إنفيديا")]),
        ("Huawei AND source:مدار", []),
        ("+هواوى", [("title", "هواوي"), ("text", "هواوي")]),
        ("=هواوى", []),
        ("=هواوي", [("title", "هواوي"), ("text", "هواوي")]),
        ("+Nvidia", []),
    ],
)
def test_an_expression_gives_the_mentions_that_bear_it_out(
    expression: str, expected: list[tuple[str, str]]
) -> None:
    assert found(expression) == expected


def test_exact_names_have_nothing_written_onto_them() -> None:
    exact = compile_matcher([Term("x", expression="=هواوي")])
    assert exact.find("وهواوي") == ()
    assert len(exact.find("قالت هواوي: نعم")) == 1
    assert len(compile_matcher([Term("x", expression="+هواوي")]).find("وهواوي")) == 1


def test_expressions_and_names_are_found_side_by_side() -> None:
    both = Term("both", expression="Huawei AND Nvidia")
    matcher = compile_matcher([Term("Huawei"), both, Term("Nvidia")])
    names = [(hit.term.name, hit.spelling) for _, hit in matcher.find_in({"text": "هواوي وإنفيديا"})]
    assert names == [("Huawei", "هواوي"), ("both", "هواوي"), ("both", "إنفيديا"), ("Nvidia", "إنفيديا")]
    assert [hit.term.name for hit in matcher.find("هواوي")] == ["Huawei"]


def test_excluded_phrases_hold_inside_an_expression() -> None:
    term = Term("x", exclude=("هواوي للألعاب",), expression="Huawei AND Nvidia")
    assert compile_matcher([term]).find("هواوي للألعاب وإنفيديا") == ()


@pytest.mark.parametrize(
    "expression", ["", "(", "NOT Huawei", "Huawei AND", "(" * 1000 + "Huawei" + ")" * 1000]
)
def test_a_bad_expression_is_refused_with_its_place(expression: str) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        check_term(Term("x", expression=expression))
    assert 0 <= refused.value.position <= len(expression)


@pytest.mark.parametrize("expression", ["Huawei AND x", 'Huawei AND "؟!"', "Huawei AND في"])
def test_every_name_of_an_expression_is_checked(expression: str) -> None:
    with pytest.raises(TermInvalid):
        check_term(Term("x", expression=expression))


def test_the_label_of_an_expression_is_checked() -> None:
    with pytest.raises(TermInvalid, match="give a name"):
        check_term(Term("!", expression="Huawei"))


def test_ten_thousand_characters_are_refused_at_once() -> None:
    began = perf_counter()
    for term in (Term("x" * 10_000), Term("x", expression="Huawei AND " * 1000)):
        with pytest.raises(TermInvalid):
            check_term(term)
    assert perf_counter() - began < 5


@pytest.mark.parametrize(
    ("expression", "text", "spellings"),
    [
        ('=".NET"', "منصة .NET و NET", [".NET"]),
        ("=Meta", "Meta3 user_Meta_x META وMeta Meta.", ["Meta"]),
        ('="Yahoo!"', "Yahoo و Yahoo!", ["Yahoo!"]),
    ],
)
def test_exact_names_are_those_very_characters_apart(
    expression: str, text: str, spellings: list[str]
) -> None:
    matcher = compile_matcher([Term("x", expression=expression)])
    assert [hit.spelling for hit in matcher.find(text)] == spellings
