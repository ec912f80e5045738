"""An expression holds for an article exactly when docs/expressions.md says, and tells what bears it out."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from itertools import product
from typing import assert_never

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matching.expressions import (
    And,
    Evidence,
    Expression,
    Near,
    Not,
    Occurrence,
    Operand,
    Or,
    Source,
    Within,
    evaluate,
    operands,
    parse_expression,
    positive_operands,
)
from tests.matching.expression_trees import FIELDS, trees

AMD, INTEL, NVIDIA = Operand("AMD"), Operand("Intel"), Operand("Nvidia")
Mentions = Mapping[Operand, Sequence[Occurrence]]


def article(title: str = "", summary: str = "", text: str = "") -> dict[Operand, list[Occurrence]]:
    """Return the mentions in an article: a word that is a name is a mention, `AMD|Intel` one of both."""
    found: dict[Operand, list[Occurrence]] = {}
    for field, words in zip(FIELDS, (title, summary, text), strict=True):
        start = 0
        for number, word in enumerate(words.split(" ")):
            for name in word.split("|"):
                mention = Occurrence(field, start, start + len(word), number, number)
                found.setdefault(Operand(name), []).append(mention)
            start += len(word) + 1
    return found


def told(evidence: tuple[Evidence, ...] | None) -> str | None:
    """Write evidence as "title AMD 0, text Intel 3": the field, the name, the number of the word."""
    if evidence is None:
        return None
    return ", ".join(f"{e.occurrence.field} {e.operand.name} {e.occurrence.first_word}" for e in evidence)


@pytest.mark.parametrize(
    ("source", "mentions", "evidence"),
    [
        ("AMD", article(text="قالت AMD ثم AMD"), "text AMD 1, text AMD 3"),
        ("AMD", article(text="قالت Intel"), None),
        ("AMD AND Intel", article(title="AMD", text="قالت Intel"), "title AMD 0, text Intel 1"),
        ("AMD AND Intel", article(title="AMD"), None),
        ("AMD OR Intel", article(title="AMD"), "title AMD 0"),
        ("AMD OR Intel", article(text="Intel", title="AMD"), "title AMD 0, text Intel 0"),
        ("AMD NOT Intel", article(title="AMD"), "title AMD 0"),
        ("AMD NOT Intel", article(title="AMD", summary="Intel"), None),
        ("AMD AND NOT (Intel AND NOT Nvidia)", article(text="AMD Intel Nvidia"), "text AMD 0, text Nvidia 2"),
        ("AMD AND NOT (Intel AND NOT Nvidia)", article(text="AMD Intel"), None),
        ("NOT NOT AMD", article(text="AMD"), "text AMD 0"),
        ("AMD OR AMD AND AMD", article(text="AMD"), "text AMD 0"),
        ("+AMD", article(text="AMD"), None),
        # fields
        ("title:AMD", article(text="AMD"), None),
        ("title:AMD", article(title="AMD", text="AMD"), "title AMD 0"),
        ("text:AMD", article(title="AMD", summary="AMD", text="AMD"), "summary AMD 0, text AMD 0"),
        ("summary:AMD", article(title="AMD", text="AMD"), None),
        ("title:(AMD AND Intel)", article(title="AMD", text="Intel"), None),
        ("text:(AMD AND Intel)", article(summary="AMD", text="Intel"), "summary AMD 0, text Intel 0"),
        ("title:(AMD NOT Intel)", article(title="AMD", text="Intel"), "title AMD 0"),
        ("AMD AND NOT title:Intel", article(title="Intel", text="AMD"), None),
        # near
        ("AMD NEAR/1 Intel", article(text="AMD و Intel"), "text AMD 0, text Intel 2"),
        ("AMD NEAR/1 Intel", article(text="Intel و AMD"), "text Intel 0, text AMD 2"),
        ("AMD NEAR/1 Intel", article(text="AMD Intel"), "text AMD 0, text Intel 1"),
        ("AMD NEAR/1 Intel", article(text="AMD ثم مع Intel"), None),
        ("AMD NEAR/2 Intel", article(text="AMD ثم مع Intel"), "text AMD 0, text Intel 3"),
        ("AMD NEAR/9 Intel", article(title="AMD", text="Intel"), None),
        ("text:(AMD NEAR/9 Intel)", article(summary="AMD", text="Intel"), None),
        ("AMD NEAR/1 Intel", article(text="AMD ق ق ق AMD Intel"), "text AMD 4, text Intel 5"),
        ("AMD NEAR/9 AMD", article(text="AMD"), None),
        ("AMD NEAR/9 AMD", article(text="AMD ثم AMD"), "text AMD 0, text AMD 2"),
        ("AMD NEAR/9 Intel", article(text="AMD|Intel"), None),
        ("AMD NEAR/1 (Intel OR Nvidia)", article(text="Nvidia AMD ق ق Intel"), "text Nvidia 0, text AMD 1"),
        ("AMD NOT (AMD NEAR/1 Intel)", article(text="AMD ق ق Intel"), "text AMD 0"),
        ("AMD NOT (AMD NEAR/2 Intel)", article(text="AMD ق ق Intel"), None),
        # sources
        ("AMD AND source:الجزيره", article(text="AMD"), None),
        ("AMD AND source:الجزيرة", article(text="AMD"), "text AMD 0"),
        ('AMD AND source:"al-jazeera net"', article(text="AMD"), "text AMD 0"),
        ("AMD NOT source:الجزيرة", article(text="AMD"), None),
        ("AMD NOT source:BBC", article(text="AMD"), "text AMD 0"),
        ("AMD AND source:(BBC OR الجزيرة)", article(text="AMD"), "text AMD 0"),
    ],
)
def test_an_expression_holds_as_the_guide_says(source: str, mentions: Mentions, evidence: str | None) -> None:
    expression = parse_expression(source)
    assert told(evaluate(expression, mentions, source="الجزيرة نت (Al Jazeera Net)")) == evidence


def test_names_that_share_a_word_are_near_each_other() -> None:
    mentions = {AMD: [Occurrence("text", 0, 3, 0, 0)], INTEL: [Occurrence("text", 4, 9, 0, 0)]}
    assert told(evaluate(Near(AMD, INTEL, 1), mentions, source="")) == "text AMD 0, text Intel 0"


def test_a_thousand_mentions_are_weighed_at_once() -> None:
    mentions = article(text="AMD Intel " * 5000)
    expression = parse_expression(" AND ".join(["AMD NEAR/50 Intel"] * 50))
    began = time.perf_counter()
    assert len(evaluate(expression, mentions, source="") or ()) == 10_000
    assert time.perf_counter() - began < 10


# ---------------------------------------------------------------- any article

FEW = st.sampled_from([AMD, INTEL, NVIDIA])
TREES = trees(FEW)
SOURCES = st.sampled_from(["BBC", "الجزيرة نت", ""])
WORDS = st.lists(
    st.sampled_from(["ق", "ق", "AMD", "Intel", "Nvidia", "AMD|Intel", "Intel|Nvidia"]), max_size=9
).map(" ".join)
ARTICLES = st.builds(article, WORDS, WORDS, WORDS)


def naively(  # noqa: PLR0911 (a table)
    expression: Expression, mentions: Mentions, source: str, fields: Sequence[str] = FIELDS
) -> bool:
    """Decide an expression as its definition says, pair by pair."""
    match expression:
        case Operand():
            return any(mention.field in fields for mention in mentions.get(expression, ()))
        case Source(name):
            return name.lower().replace(" ", "") in source.lower().replace(" ", "")
        case Near(left, right, distance):
            sides = product(operands(left), operands(right))
            pairs = (pair for a, b in sides for pair in product(mentions.get(a, ()), mentions.get(b, ())))
            return any(a.field == b.field in fields and apart(a, b) <= distance for a, b in pairs)
        case Within(field, item):
            return naively(item, mentions, source, ["summary", "text"] if field == "text" else [field])
        case Not(item):
            return not naively(item, mentions, source, fields)
        case And(items):
            return all(naively(item, mentions, source, fields) for item in items)
        case Or(items):
            return any(naively(item, mentions, source, fields) for item in items)
        case _:
            assert_never(expression)


def apart(one: Occurrence, other: Occurrence) -> float:
    """Return how many words stand between two mentions; those that overlap are never near."""
    first, second = sorted((one, other), key=lambda mention: mention.start)
    return second.first_word - first.last_word - 1 if first.end <= second.start else math.inf


@given(TREES, ARTICLES, SOURCES)
def test_it_holds_exactly_when_its_definition_says(
    expression: Expression, mentions: Mentions, source: str
) -> None:
    evidence = evaluate(expression, mentions, source=source)
    assert (evidence is not None) == naively(expression, mentions, source)
    assert (evaluate(Not(expression), mentions, source=source) is None) == (evidence is not None)


@given(TREES, ARTICLES, SOURCES)
def test_the_evidence_alone_bears_it_out(expression: Expression, mentions: Mentions, source: str) -> None:
    evidence = evaluate(expression, mentions, source=source)
    assume(evidence is not None)
    assert evidence is not None
    alone = {e.operand: [o.occurrence for o in evidence if o.operand == e.operand] for e in evidence}
    assert evaluate(expression, alone, source=source) == evidence
    assert len(set(evidence)) == len(evidence)
    places = [(FIELDS.index(e.occurrence.field), e.occurrence.start, e.occurrence.end) for e in evidence]
    assert places == sorted(places)


@given(TREES, ARTICLES, SOURCES)
def test_it_never_holds_without_one_of_its_positive_names(
    expression: Expression, mentions: Mentions, source: str
) -> None:
    positive = positive_operands(expression)
    assume(positive)
    without = {operand: found for operand, found in mentions.items() if operand not in positive}
    assert evaluate(expression, without, source=source) is None
    evidence = evaluate(expression, mentions, source=source)
    assert evidence is None or {e.operand for e in evidence} & set(positive)


@given(st.lists(TREES, min_size=2, max_size=3).map(tuple), ARTICLES, SOURCES)
def test_de_morgan_holds_with_the_evidence(
    items: tuple[Expression, ...], mentions: Mentions, source: str
) -> None:
    negated = tuple(map(Not, items))
    equal: list[tuple[Expression, Expression]] = [
        (Not(And(items)), Or(negated)),
        (Not(Or(items)), And(negated)),
    ]
    for one, other in equal:
        assert evaluate(one, mentions, source=source) == evaluate(other, mentions, source=source)


@given(trees(FEW, negated=False), ARTICLES, SOURCES, st.data())
def test_more_mentions_never_undo_an_expression_without_not(
    expression: Expression, mentions: Mentions, source: str, data: st.DataObject
) -> None:
    fewer = {operand: [m for m in found if data.draw(st.booleans())] for operand, found in mentions.items()}
    evidence = evaluate(expression, fewer, source=source)
    assert evidence is None or set(evidence) <= set(evaluate(expression, mentions, source=source) or ())
