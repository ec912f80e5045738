"""Expressions: names joined by AND, OR, NOT and NEAR/n, held to fields and sources.

`parse_expression` reads one, and refuses a bad one with the place of the fault; `evaluate` decides, from where
its names occur in one article, whether it holds and what bears it out. docs/expressions.md is the user's guide.
"""

from matching.expressions.evaluation import Evidence, Occurrence, evaluate
from matching.expressions.grammar import parse_expression
from matching.expressions.nodes import (
    And,
    Expression,
    Near,
    Not,
    Operand,
    Or,
    Source,
    Strictness,
    Within,
    operands,
    positive_operands,
)
from matching.expressions.writing import format_expression

__all__ = [
    "And",
    "Evidence",
    "Expression",
    "Near",
    "Not",
    "Occurrence",
    "Operand",
    "Or",
    "Source",
    "Strictness",
    "Within",
    "evaluate",
    "format_expression",
    "operands",
    "parse_expression",
    "positive_operands",
]
