"""What an expression is made of, and which of its names can bring it about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

from marsad.types import FieldName

Strictness = Literal["name", "folded", "exact"]
"""How a name is looked for.

`name`: in every spelling proposed for it; `folded`: only as typed, after folding (letter case, hamza and vowel
marks do not count); both behind proclitics too. `exact`: these very characters, as a whole word, no proclitics.
"""


@dataclass(frozen=True, slots=True)
class Operand:
    """A name to look for; a name of several words is one operand."""

    name: str
    strictness: Strictness = "name"


@dataclass(frozen=True, slots=True)
class Source:
    """Holds for every article of a source whose name contains this one, folded and without separators."""

    name: str


@dataclass(frozen=True, slots=True)
class Near:
    """Both sides occur in one field with at most `distance` words between them, in either order.

    Each side is an Operand, or an Or of sides.
    """

    left: Expression
    right: Expression
    distance: int


@dataclass(frozen=True, slots=True)
class Within:
    """The item holds when only this field is looked at; `text` stands for the summary and the text."""

    field: FieldName
    item: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """The item does not hold."""

    item: Expression


@dataclass(frozen=True, slots=True)
class And:
    """Every item holds; there are two or more."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one item holds; there are two or more."""

    items: tuple[Expression, ...]


Expression = Operand | Source | Near | Within | Not | And | Or


def operands(expression: Expression) -> tuple[Operand, ...]:
    """Return every name to look for, negated ones too, each once, in the order in which they are written."""
    return tuple(dict.fromkeys(_leaves(expression)))


def positive_operands(expression: Expression) -> tuple[Operand, ...]:
    """Return names of which at least one must occur for the expression to hold, as few as can be told.

    An article in which none of them occurs need not be evaluated. Of the parts of an AND each would do: the
    one with the fewest names is taken, the first of equals. Empty only for what `parse_expression` refuses.
    """
    return tuple(dict.fromkeys(needed(expression, holds=True) or ()))


def needed(expression: Expression, *, holds: bool, sources_count: bool = False) -> tuple[Operand, ...] | None:
    """Return names of which at least one occurs whenever the expression does (or does not) hold.

    None when it may come to that with no name occurring. With `sources_count` a named source is taken for as
    much as a name.
    """
    match expression:
        case Operand():
            return (expression,) if holds else None
        case Source():
            return () if holds and sources_count else None
        case Near(left, right):
            return _fewest([needed(side, holds=True) for side in (left, right)]) if holds else None
        case Within(_, item):
            return needed(item, holds=holds, sources_count=sources_count)
        case Not(item):
            return needed(item, holds=not holds, sources_count=sources_count)
        case And(items) | Or(items):
            parts = [needed(item, holds=holds, sources_count=sources_count) for item in items]
            # By De Morgan an OR that does not hold is an AND of items that do not.
            return _fewest(parts) if isinstance(expression, And) is holds else _together(parts)
        case _:
            assert_never(expression)


def _fewest(parts: list[tuple[Operand, ...] | None]) -> tuple[Operand, ...] | None:
    return min((part for part in parts if part is not None), key=len, default=None)


def _together(parts: list[tuple[Operand, ...] | None]) -> tuple[Operand, ...] | None:
    known = [part for part in parts if part is not None]
    return tuple(operand for part in known for operand in part) if len(known) == len(parts) else None


def _leaves(expression: Expression) -> Iterator[Operand]:
    match expression:
        case Operand():
            yield expression
        case Source():
            pass
        case Near(left, right):
            yield from _leaves(left)
            yield from _leaves(right)
        case Within(_, item) | Not(item):
            yield from _leaves(item)
        case And(items) | Or(items):
            for item in items:
                yield from _leaves(item)
        case _:
            assert_never(expression)
