"""Expressions are read and written as docs/expressions.md says; bad ones are refused with the place."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from marsad.errors import ExpressionFault, ExpressionInvalid, TermInvalid
from matching.expressions import (
    And,
    Expression,
    Near,
    Not,
    Operand,
    Or,
    Source,
    Within,
    format_expression,
    operands,
    parse_expression,
    positive_operands,
)
from tests.conftest import ROOT
from tests.matching.expression_trees import ANY_OPERAND, trees

AMD, INTEL, NVIDIA, HUAWEI = Operand("AMD"), Operand("Intel"), Operand("Nvidia"), Operand("هواوي")

# ---------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("source", "expression"),
    [
        ("Nvidia", NVIDIA),
        ("  هواوي\n", HUAWEI),
        ('"Moore Threads"', Operand("Moore Threads")),
        ("“Moore  Threads ”", Operand("Moore Threads")),
        ("«علي بابا»", Operand("علي بابا")),
        ("”أندرويد”", Operand("أندرويد")),
        ('"Nvidia"', NVIDIA),
        ('"AND"', Operand("AND")),
        ('"A/B: (x)"', Operand("A/B: (x)")),
        ("+Nvidia", Operand("Nvidia", "folded")),
        ("=Nvidia", Operand("Nvidia", "exact")),
        ('="Moore Threads"', Operand("Moore Threads", "exact")),
        ("+«علي بابا»", Operand("علي بابا", "folded")),
        ("\u200f+\u200f«علي بابا»", Operand("علي بابا", "folded")),
        ("C++ OR AT&T", Or((Operand("C++"), Operand("AT&T")))),
        ("#رقائق_هواوي", Operand("#رقائق_هواوي")),
        ("@nvidia OR 01.AI", Or((Operand("@nvidia"), Operand("01.AI")))),
        ("DeepSeek-R1 OR DeepSeek\u2011R1", Or((Operand("DeepSeek-R1"), Operand("DeepSeek\u2011R1")))),
        ("Meta’s OR آبِل", Or((Operand("Meta’s"), Operand("آبِل")))),
        ("\u200fهواوي\u200f AND\u200f \u202bAMD\u202c", And((HUAWEI, AMD))),
        ("ديب\u200cسيك", Operand("ديب\u200cسيك")),
        ("(((AMD)))", AMD),
        ("and OR near", Or((Operand("and"), Operand("near")))),
    ],
)
def test_names_are_read_with_their_marks(source: str, expression: Expression) -> None:
    assert parse_expression(source) == expression


@pytest.mark.parametrize(
    ("source", "expression"),
    [
        ("AMD OR Intel AND Nvidia", Or((AMD, And((INTEL, NVIDIA))))),
        ("(AMD OR Intel) AND Nvidia", And((Or((AMD, INTEL)), NVIDIA))),
        ("AMD AND Intel AND Nvidia", And((AMD, INTEL, NVIDIA))),
        ("AMD AND (Intel AND Nvidia)", And((AMD, And((INTEL, NVIDIA))))),
        ("AMD AND NOT Intel", And((AMD, Not(INTEL)))),
        ("AMD NOT Intel NOT Nvidia", And((AMD, Not(INTEL), Not(NVIDIA)))),
        ("NOT Intel AND AMD", And((Not(INTEL), AMD))),
        ("AMD OR Intel NOT Nvidia", Or((AMD, And((INTEL, Not(NVIDIA)))))),
        ("NOT NOT AMD", Not(Not(AMD))),
        ("NOT (AMD OR Intel) AND Nvidia", And((Not(Or((AMD, INTEL))), NVIDIA))),
        ("AMD NEAR/5 Intel", Near(AMD, INTEL, 5)),
        ("AMD NEAR/٥ Intel", Near(AMD, INTEL, 5)),
        ("AMD NEAR/1 Intel AND Nvidia NEAR/50 AMD", And((Near(AMD, INTEL, 1), Near(NVIDIA, AMD, 50)))),
        ("(AMD OR (Intel OR هواوي)) NEAR/3 Nvidia", Near(Or((AMD, Or((INTEL, HUAWEI)))), NVIDIA, 3)),
        ("AMD AND NOT (Intel NEAR/2 Nvidia)", And((AMD, Not(Near(INTEL, NVIDIA, 2))))),
        ("title:AMD", Within("title", AMD)),
        ("Text: AMD", Within("text", AMD)),
        ("summary:=AMD", Within("summary", Operand("AMD", "exact"))),
        ("title:(AMD OR Intel) AND Nvidia", And((Within("title", Or((AMD, INTEL))), NVIDIA))),
        ("NOT title:AMD AND Intel", And((Not(Within("title", AMD)), INTEL))),
        ("title:(AMD NEAR/4 Intel)", Within("title", Near(AMD, INTEL, 4))),
        ('AMD AND source:"الجزيرة نت"', And((AMD, Source("الجزيرة نت")))),
        ("AMD AND source:(BBC OR Reuters)", And((AMD, Or((Source("BBC"), Source("Reuters")))))),
        ("AMD NOT source:BBC", And((AMD, Not(Source("BBC"))))),
        ('"AMD"AND(Intel)', And((AMD, INTEL))),
    ],
)
def test_operators_bind_not_near_and_or(source: str, expression: Expression) -> None:
    assert parse_expression(source) == expression


# ---------------------------------------------------------------- refusing

F = ExpressionFault
BAD = [
    ("", F.EMPTY, 0, "it is empty; write a name"),
    (" \n\u200f", F.EMPTY, 0, "empty"),
    ("x" * 2001, F.TOO_LONG, 2000, "longer than 2,000 characters"),
    ("(" * 100_000, F.TOO_LONG, 2000, "divide it"),
    ("(" * 1000, F.TOO_DEEP, 50, "nested deeper than 50"),
    ("NOT " * 400 + "AMD", F.TOO_DEEP, 200, "take out parentheses or NOTs"),
    (" OR ".join(["AMD"] * 101), F.TOO_MANY_NAMES, 700, "more than 100 names"),
    ("AMD\x00", F.CONTROL_CHARACTER, 3, r"'\x00' is a control character; take it out"),
    ('"Moore\nThreads\x07"', F.CONTROL_CHARACTER, 14, "control"),
    ("AMD \ud800", F.CONTROL_CHARACTER, 4, "control"),
    ("AMD, Intel", F.UNEXPECTED_CHARACTER, 3, '"," means nothing here; join names with AND or OR'),
    ("AMD، Intel", F.UNEXPECTED_CHARACTER, 3, "join names with AND or OR"),
    ("AMD*", F.UNEXPECTED_CHARACTER, 3, "found in all its spellings anyway"),
    ("AMD near/5 Intel", F.UNEXPECTED_CHARACTER, 8, "write NEAR/5 in capital letters"),
    ("‘Moore Threads’", F.UNEXPECTED_CHARACTER, 0, "double quotation marks"),
    ("AMD AND !Intel", F.UNEXPECTED_CHARACTER, 8, "write NOT"),
    ("AMD ™", F.UNEXPECTED_CHARACTER, 4, "quotation marks around a name that holds it"),
    ('"AMD":Intel', F.UNEXPECTED_CHARACTER, 5, "means nothing here"),
    ('AMD AND "Moore Threads', F.UNTERMINATED_QUOTE, 8, "is never closed; put a second one"),
    ("«", F.UNTERMINATED_QUOTE, 0, "is never closed; put a second one"),
    ("AMD AND (Intel OR Nvidia", F.UNCLOSED_PARENTHESIS, 8, "never closed"),
    ("AMD AND (", F.UNCLOSED_PARENTHESIS, 8, "never closed"),
    ("(AMD OR (Intel)", F.UNCLOSED_PARENTHESIS, 0, "never closed"),
    ("AMD)", F.UNOPENED_PARENTHESIS, 3, "closes nothing"),
    (") AMD", F.UNOPENED_PARENTHESIS, 0, "closes nothing"),
    ("AMD AND ()", F.EMPTY_PARENTHESES, 8, "hold nothing"),
    ("title:()", F.EMPTY_PARENTHESES, 6, "hold nothing"),
    ("Moore Threads", F.NOTHING_BETWEEN, 6, "put AND, OR or NEAR/5 between them, or quotation marks"),
    ("AMD (Intel)", F.NOTHING_BETWEEN, 4, "nothing joins this group"),
    ("(AMD OR Intel) Nvidia", F.NOTHING_BETWEEN, 15, 'nothing joins "Nvidia"'),
    ("AMD title:Intel", F.NOTHING_BETWEEN, 4, "nothing joins"),
    ("(AMD Intel)", F.NOTHING_BETWEEN, 5, "nothing joins"),
    ('"قال «هواوي» اليوم"', F.NOTHING_BETWEEN, 6, "nothing joins"),
    ("Nvidia+AMD", F.NOTHING_BETWEEN, 6, "nothing joins"),
    ("AMD and Intel", F.NOT_AN_OPERATOR, 4, '"and" is read as a word; write AND'),
    ("Not AMD", F.NOT_AN_OPERATOR, 0, "write NOT"),
    ("هواوي و أبل", F.NOT_AN_OPERATOR, 6, "write AND, in Latin capitals"),
    ("هواوي أو أبل", F.NOT_AN_OPERATOR, 6, "write OR"),
    ("AMD -Intel", F.MINUS, 4, "write NOT before a name"),
    ("-Intel", F.MINUS, 0, "write NOT before a name"),
    ("AMD AND", F.DANGLING_OPERATOR, 4, "AND has no name behind it"),
    ("(AMD OR ) AND Intel", F.DANGLING_OPERATOR, 5, "OR has no name behind it"),
    ("OR AMD", F.DANGLING_OPERATOR, 0, "OR has no name before it"),
    ("AMD AND OR Intel", F.DANGLING_OPERATOR, 8, "OR has no name before it"),
    ("AMD NOT", F.DANGLING_OPERATOR, 4, "NOT has no name behind it"),
    ("AMD NEAR/3", F.DANGLING_OPERATOR, 4, "NEAR has no name behind it"),
    ("NEAR/3 AMD", F.DANGLING_OPERATOR, 0, "NEAR has no name before it"),
    ("body:AMD", F.UNKNOWN_FIELD, 0, '"body" is no field; use title:'),
    ("AMD OR https://example.com", F.UNEXPECTED_CHARACTER, 13, "quotation marks"),
    ("title:", F.DANGLING_FIELD, 0, "has nothing to hold"),
    ("title:AND", F.DANGLING_FIELD, 0, "has nothing to hold"),
    ("AMD OR (title:) ", F.DANGLING_FIELD, 8, "has nothing to hold"),
    ("title:NOT AMD", F.DANGLING_FIELD, 0, "has nothing to hold"),
    ("title:(AMD AND text:Intel)", F.NESTED_FIELD, 15, "text: stands inside title:"),
    ("title:(source:BBC)", F.NESTED_FIELD, 7, "stands inside"),
    ("title:text:AMD", F.DANGLING_FIELD, 0, "has nothing to hold"),
    ("+(AMD OR Intel)", F.MISPLACED_MARK, 0, "right before a name"),
    ("AMD + Intel", F.MISPLACED_MARK, 4, "right before a name"),
    ("=+AMD", F.MISPLACED_MARK, 0, "right before a name"),
    ("AMD OR =", F.MISPLACED_MARK, 7, "right before a name"),
    ("+title:AMD", F.MISPLACED_MARK, 0, "after the field"),
    ("AMD AND source:=BBC", F.MISPLACED_MARK, 15, "not a source"),
    ("AMD NEAR Intel", F.NEAR_DISTANCE, 4, "write NEAR/5, with a number from 1 to 50"),
    ("AMD NEAR/ 5 Intel", F.NEAR_DISTANCE, 4, "NEAR/5"),
    ("AMD NEAR/0 Intel", F.NEAR_DISTANCE, 4, "from 1 to 50"),
    ("AMD NEAR/51 Intel", F.NEAR_DISTANCE, 4, "from 1 to 50"),
    ("AMD NEAR/" + "9" * 1900, F.NEAR_DISTANCE, 4, "from 1 to 50"),
    ("AMD NEAR/x Intel", F.NEAR_DISTANCE, 4, "from 1 to 50"),
    ("AMD NEAR/3 NOT Intel", F.NEAR_SIDE, 11, "NOT (A NEAR/5 B)"),
    ("AMD AND NOT Intel NEAR/3 Nvidia", F.NEAR_SIDE, 8, "NOT (A NEAR/5 B)"),
    ("AMD NEAR/3 (Intel AND Nvidia)", F.NEAR_SIDE, 11, "names joined by OR"),
    ("AMD NEAR/3 (Intel OR NOT Nvidia)", F.NEAR_SIDE, 11, "names joined by OR"),
    ("title:AMD NEAR/3 Intel", F.NEAR_SIDE, 0, "put the field before the whole"),
    ("AMD NEAR/3 source:BBC", F.NEAR_SIDE, 11, "join a source to it with AND"),
    ("AMD NEAR/3 Intel NEAR/3 Nvidia", F.NEAR_SIDE, 17, "two names, not three"),
    ('AMD OR ""', F.NAME_WITHOUT_LETTERS, 7, "has no letter or digit"),
    ("AMD OR ...", F.NAME_WITHOUT_LETTERS, 7, "has no letter or digit"),
    ("AMD OR +&", F.NAME_WITHOUT_LETTERS, 7, "has no letter or digit"),
    ("AMD AND source:&", F.NAME_WITHOUT_LETTERS, 15, "has no letter or digit"),
    ("x", F.NAME_TOO_SHORT, 0, '"x" would be found everywhere'),
    ('AMD OR "و."', F.NAME_TOO_SHORT, 7, "at least two"),
    ("x" * 201, F.NAME_TOO_LONG, 0, "longer than 200 characters"),
    ("NOT AMD", F.ONLY_NEGATIVE, 0, "nearly every article; join a name"),
    ("AMD OR NOT Intel", F.ONLY_NEGATIVE, 0, "nearly every article"),
    ("NOT (AMD AND Intel)", F.ONLY_NEGATIVE, 0, "nearly every article"),
    ("title:(NOT AMD)", F.ONLY_NEGATIVE, 0, "nearly every article"),
    ("NOT source:BBC", F.ONLY_NEGATIVE, 0, "nearly every article"),
    ("source:BBC", F.ONLY_SOURCE, 0, "every article of a source"),
    ("source:BBC AND NOT AMD", F.ONLY_SOURCE, 0, "every article of a source"),
    ("AMD OR source:BBC", F.ONLY_SOURCE, 0, "every article of a source"),
]


@pytest.mark.parametrize(("source", "kind", "position", "sentence"), BAD, ids=[row[0][:40] for row in BAD])
def test_a_bad_expression_is_refused_with_its_place_and_the_way_out(
    source: str, kind: ExpressionFault, position: int, sentence: str
) -> None:
    with pytest.raises(TermInvalid, match="the expression cannot be watched") as caught:
        parse_expression(source)
    error = caught.value
    assert isinstance(error, ExpressionInvalid)
    assert (error.kind, error.position) == (kind, position)
    assert f"see character {position + 1}: " in str(error)
    assert sentence in str(error)
    assert "; " in str(error)
    assert error.subject == "" or error.subject in source or error.kind is F.CONTROL_CHARACTER


def test_every_kind_of_fault_is_held_above() -> None:
    assert {kind for _, kind, _, _ in BAD} == set(ExpressionFault)


@pytest.mark.parametrize(
    "piece", ["(", ")", '"', "“”", "+", "=", "a+", "NOT ", "AMD NEAR/", "title:", "\u200f", "a\u064e", "-"]
)
def test_the_longest_input_is_answered_at_once(piece: str) -> None:
    source = (piece * 2000)[:2000]
    began = time.perf_counter()
    with pytest.raises(ExpressionInvalid):
        parse_expression(source)
    assert time.perf_counter() - began < 0.5


# ---------------------------------------------------------------- writing


@given(trees(ANY_OPERAND))
def test_what_is_written_is_read_back_as_it_was(tree: Expression) -> None:
    # With a name that must occur every tree may be watched.
    expression = And((Operand("guard"), tree))
    written = format_expression(expression)
    assume(len(written) <= 2000)
    assert parse_expression(written) == expression
    assert format_expression(parse_expression(written)) == written


@pytest.mark.parametrize(
    ("source", "canonical"),
    [
        ("((AMD)) OR (Intel AND «هواوي»)", "AMD OR Intel AND هواوي"),
        ("AMD NOT Intel", "AMD AND NOT Intel"),
        ("“Moore  Threads”", '"Moore Threads"'),
        ("Title:( AMD ) NOT (Intel NEAR/07 ( Nvidia))", "title:AMD AND NOT (Intel NEAR/7 Nvidia)"),
        ("AMD AND source:(BBC OR “الجزيرة نت”)", 'AMD AND (source:BBC OR source:"الجزيرة نت")'),
        ('"AND" OR +"C++" OR ="-x1"', '"AND" OR +C++ OR ="-x1"'),
    ],
)
def test_the_canonical_text_has_only_what_it_needs(source: str, canonical: str) -> None:
    assert format_expression(parse_expression(source)) == canonical


# ---------------------------------------------------------------- any text

PIECES = st.sampled_from(
    [
        *("AND", "OR", "NOT", "NEAR/3", "NEAR/99", "NEAR", "(", ")", '"', "«", "”", "+", "=", ":", "-", "/"),
        *("title:", "text:", "source:", "body:", "AMD", "هواوي", "و", "x", "\u200f", "\x00", "\n", "™"),
    ]
)
SOUP = st.lists(PIECES, max_size=30)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Return an expression in which one stretch was replaced."""
    written = format_expression(draw(trees(ANY_OPERAND)))
    start, end = sorted(draw(st.lists(st.integers(0, len(written)), min_size=2, max_size=2)))
    end = min(end, start + draw(st.integers(0, 6)))
    return f"{written[:start]}{draw(st.one_of(st.just(''), PIECES))}{written[end:]}"


def read(source: str) -> Expression | ExpressionInvalid:
    try:
        return parse_expression(source)
    except ExpressionInvalid as error:
        return error


@given(st.one_of(st.text(max_size=60), SOUP.map(" ".join), SOUP.map("".join), damaged()))
@example("title:\u200f")
def test_any_text_is_read_or_refused_with_a_place(source: str) -> None:
    result = read(source)
    if isinstance(result, ExpressionInvalid):
        assert 0 <= result.position <= len(source)
        assert "\n" not in str(result)
    else:
        assert parse_expression(format_expression(result)) == result
        assert set(positive_operands(result)) <= set(operands(result))
        assert positive_operands(result)


# ---------------------------------------------------------------- names


def test_operands_are_told_once_in_order_and_without_sources() -> None:
    expression = parse_expression("AMD AND (Intel OR +AMD) NOT (AMD NEAR/2 هواوي) AND source:BBC")
    assert operands(expression) == (AMD, INTEL, Operand("AMD", "folded"), HUAWEI)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("AMD OR Intel", (AMD, INTEL)),
        ("(AMD OR Intel) AND Nvidia", (NVIDIA,)),
        ("AMD AND Intel", (AMD,)),
        ("AMD OR Intel AND Nvidia", (AMD, INTEL)),
        ("NOT Intel AND AMD", (AMD,)),
        ("(AMD OR Intel) NEAR/3 Nvidia", (NVIDIA,)),
        ("NOT (NOT AMD OR NOT Intel)", (AMD,)),
        ("NOT (NOT AMD AND NOT Intel)", (AMD, INTEL)),
        ("source:BBC AND title:(AMD OR AMD)", (AMD,)),
    ],
)
def test_positive_operands_are_as_few_as_can_be_told(source: str, names: tuple[Operand, ...]) -> None:
    assert positive_operands(parse_expression(source)) == names


# ---------------------------------------------------------------- the guide

GUIDE, _, REFUSED = (
    (ROOT / "docs" / "expressions.md").read_text(encoding="utf-8").partition("## What is refused\n")
)
ROW = re.compile(r"^\| `([^`]+)` \|", re.M)


@pytest.mark.parametrize("source", ROW.findall(GUIDE))
def test_every_example_of_the_guide_is_read(source: str) -> None:
    parse_expression(source)


@pytest.mark.parametrize("source", ROW.findall(REFUSED))
def test_every_bad_example_of_the_guide_is_refused(source: str) -> None:
    with pytest.raises(ExpressionInvalid):
        parse_expression(source)
