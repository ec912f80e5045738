"""From an expression to its canonical text."""

from __future__ import annotations

from typing import assert_never

from matching.expressions.nodes import And, Expression, Near, Not, Operand, Or, Source, Within
from matching.expressions.tokens import MARKS, is_bare_word


def format_expression(expression: Expression) -> str:
    """Return the canonical text: `parse_expression` makes an equal expression of it.

    Parentheses and quotation marks stand only where they are needed, AND is written before NOT, and `source:`
    before each name of a source. So it may be longer than what was typed, even longer than an expression may be:
    store what was typed.
    """
    return _format(expression, 0)


def _format(expression: Expression, floor: int) -> str:
    """Write an expression, in parentheses if it binds less tightly than its place asks for."""
    text, strength = _written(expression)
    return f"({text})" if strength < floor else text


def _written(expression: Expression) -> tuple[str, int]:  # noqa: PLR0911 (a table)
    """Return the text, and how tightly its outermost operator binds: OR 0, AND 1, NEAR 2, NOT 3, the rest 4."""
    match expression:
        case Operand(name, strictness):
            return MARKS[strictness] + _quoted(name), 4
        case Source(name):
            return f"source:{_quoted(name)}", 4
        case Within(field, item):
            # Inside the prefix only a name needs no parentheses.
            return f"{field}:{_format(item, 4)}", 4
        case Not(item):
            return f"NOT {_format(item, 3)}", 3
        case Near(left, right, distance):
            return f"{_format(left, 4)} NEAR/{distance} {_format(right, 4)}", 2
        case And(items):
            return " AND ".join(_format(item, 2) for item in items), 1
        case Or(items):
            return " OR ".join(_format(item, 1) for item in items), 0
        case _:
            assert_never(expression)


def _quoted(name: str) -> str:
    return name if is_bare_word(name) else f'"{name}"'
