"""From the text of an expression to the expression.

    or    = and {"OR" and}
    and   = near {["AND"] near}          AND may be left out before NOT: A NOT B is A AND NOT B
    near  = unary ["NEAR/n" unary]       each side a name, or an or of names in parentheses
    unary = {"NOT"} (name | FIELD ":" (name | "(" or ")") | "(" or ")")

Operators are upper-case, so that and, or, not are words like any other. Read by recursive descent; the depth is
counted before each descent, so that no input can exhaust the stack.
"""

from __future__ import annotations

from typing import Literal

from marsad.errors import ExpressionFault, ExpressionInvalid
from marsad.types import FieldName
from matching.expressions import faults
from matching.expressions.nodes import And, Expression, Near, Not, Operand, Or, Source, Within, needed
from matching.expressions.tokens import MARKS, OPERATORS, Token, is_dash, tokenize
from matching.folding import fold_text, is_word, squeeze

MAX_LENGTH = 2_000
MAX_NAMES = 100
MAX_DEPTH = 50
MAX_DISTANCE = 50
MAX_NAME_LENGTH = 200

_FIELDS: dict[str, FieldName | Literal["source"]] = {
    "title": "title",
    "summary": "summary",
    "text": "text",
    "source": "source",
}
_TAKEN_FOR_OPERATORS = {
    "and": "AND",
    "or": "OR",
    "not": "NOT",
    "near": "NEAR/5",
    "و": "AND",
    "أو": "OR",
    "او": "OR",
    "ليس": "NOT",
}


def parse_expression(source: str) -> Expression:
    """Read an expression; raise ExpressionInvalid, which says where and why, for one that cannot be watched.

    Refused are also expressions that hold for articles in which none of their names occurs: nothing but
    negatives (`NOT A`, `A OR NOT B`), or nothing positive but a source. Any string ends in one or the other, in
    time proportional to its length. The name of each operand holds a letter or digit and is at most 200 characters
    long; it is for `check_term` to say whether it can be looked for.
    """
    if len(source) > MAX_LENGTH:
        sentence = f"it is longer than {MAX_LENGTH:,} characters; divide it between several terms"
        raise faults.invalid(ExpressionFault.TOO_LONG, MAX_LENGTH, sentence)
    expression = _Parser(tokenize(source)).parse()
    if needed(expression, holds=True) is None:
        only_source = needed(expression, holds=True, sources_count=True) is not None
        raise faults.only_source() if only_source else faults.only_negative()
    return expression


class _Parser:
    """One pass over the tokens of one expression."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._names = 0
        self._field: Token | None = None
        """The field whose name or group is being read."""

    def parse(self) -> Expression:
        expression = self._or()
        if self._peek().kind != "end":
            raise self._unjoined()
        return expression

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _or(self) -> Expression:
        items = [self._and()]
        while self._peek().kind == "OR":
            self._take()
            items.append(self._and())
        return Or(tuple(items)) if len(items) > 1 else items[0]

    def _and(self) -> Expression:
        items = [self._near()]
        while self._peek().kind in ("AND", "NOT"):
            if self._peek().kind == "AND":
                self._take()
            items.append(self._near())
        return And(tuple(items)) if len(items) > 1 else items[0]

    def _near(self) -> Expression:
        first = self._peek()
        left = self._unary()
        if self._peek().kind != "NEAR":
            return left
        operator = self._take()
        distance = _distance(operator)
        second = self._peek()
        right = self._unary()
        for token, side in ((first, left), (second, right)):
            if not _can_be_near(side):
                raise _not_near(token, side)
        if self._peek().kind == "NEAR":
            way = "it joins two names, not three: (A NEAR/5 B) AND (B NEAR/5 C)"
            raise faults.near_side(self._peek().position, way)
        return Near(left, right, distance)

    def _unary(self) -> Expression:
        if self._peek().kind != "NOT":
            return self._primary()
        self._descend(self._take())
        item = self._unary()
        self._depth -= 1
        return Not(item)

    def _primary(self) -> Expression:
        match self._peek().kind:
            case "word" | "phrase":
                return self._name()
            case "field":
                return self._within()
            case "(":
                return self._group()
            case _:
                raise self._missing()

    def _group(self) -> Expression:
        opening = self._take()
        self._descend(opening)
        item = self._or()
        self._depth -= 1
        if self._peek().kind == "end":
            raise faults.unclosed_parenthesis(opening.position)
        if self._peek().kind != ")":
            raise self._unjoined()
        self._take()
        return item

    def _within(self) -> Expression:
        token = self._take()
        field = _FIELDS.get(token.text.casefold())
        if field is None:
            raise faults.unknown_field(token.position, token.text)
        if self._field is not None:
            raise faults.nested_field(token.position, token.text, self._field.text)
        if self._peek().kind not in ("word", "phrase", "("):
            raise self._missing()
        self._field = token
        item = self._primary()
        self._field = None
        return item if field == "source" else Within(field, item)

    def _name(self) -> Operand | Source:
        token = self._take()
        _check_name(token)
        self._names += 1
        if self._names > MAX_NAMES:
            sentence = f"it has more than {MAX_NAMES} names; divide it between several terms"
            raise faults.invalid(ExpressionFault.TOO_MANY_NAMES, token.position, sentence)
        if self._field is None or _FIELDS[self._field.text.casefold()] != "source":
            return Operand(token.text, token.strictness)
        if token.strictness != "name":
            mark = MARKS[token.strictness]
            raise faults.misplaced_mark(
                token.position, mark, "before a name that is looked for, not a source"
            )
        return Source(token.text)

    def _descend(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            sentence = (
                f"it is nested deeper than {MAX_DEPTH}; take out parentheses or NOTs that change nothing"
            )
            raise faults.invalid(ExpressionFault.TOO_DEEP, token.position, sentence)

    def _missing(self) -> ExpressionInvalid:
        """Return the error for a place where a name or a group should begin and does not."""
        token = self._peek()
        previous = self._tokens[self._next - 1] if self._next else None
        if previous is not None and previous.kind == "field":
            return faults.dangling_field(previous.position, previous.text)
        if token.kind in OPERATORS:
            return faults.dangling_operator(token.position, token.kind, "before it")
        if previous is None:
            return faults.unopened_parenthesis(token.position) if token.kind == ")" else faults.empty()
        if previous.kind in OPERATORS:
            return faults.dangling_operator(previous.position, previous.kind, "behind it")
        if token.kind == ")":
            return faults.empty_parentheses(previous.position)
        return faults.unclosed_parenthesis(previous.position)

    def _unjoined(self) -> ExpressionInvalid:
        """Return the error for a name or a group right behind another, or for a parenthesis too many."""
        token, previous = self._peek(), self._tokens[self._next - 1]
        if token.kind == ")":
            return faults.unopened_parenthesis(token.position)
        for word in (token, previous):
            operator = _TAKEN_FOR_OPERATORS.get(word.text.lower())
            if word.kind == "word" and operator:
                return faults.not_an_operator(word.position, word.text, operator)
        if token.kind == "word" and is_dash(token.text[0]):
            return faults.minus(token.position, token.text)
        what = "this group" if token.kind in ("(", "field") else faults.shown(token.text)
        return faults.nothing_between(token.position, what, token.text)


def _check_name(token: Token) -> None:
    """Refuse what is no name; whether it can be looked for is for `check_term` to say."""
    if token.kind == "word" and token.strictness == "name" and is_dash(token.text[0]):
        raise faults.minus(token.position, token.text)
    key = squeeze(fold_text(token.text))
    name = faults.shown(token.text)
    if not any(map(is_word, key)):
        kind, sentence = ExpressionFault.NAME_WITHOUT_LETTERS, f"{name} has no letter or digit; give a name"
    elif len(key) < 2:
        kind = ExpressionFault.NAME_TOO_SHORT
        sentence = f"{name} would be found everywhere; give at least two letters or digits"
    elif len(token.text) > MAX_NAME_LENGTH:
        kind = ExpressionFault.NAME_TOO_LONG
        sentence = f"the name {name} is longer than {MAX_NAME_LENGTH} characters; give the name alone"
    else:
        return
    raise faults.invalid(kind, token.position, sentence, token.text)


def _distance(operator: Token) -> int:
    digits = operator.text
    if digits.isdecimal() and 1 <= int(digits) <= MAX_DISTANCE:
        return int(digits)
    raise faults.near_distance(operator.position, digits, MAX_DISTANCE)


def _can_be_near(side: Expression) -> bool:
    return isinstance(side, Operand) or (isinstance(side, Or) and all(map(_can_be_near, side.items)))


def _not_near(token: Token, side: Expression) -> ExpressionInvalid:
    match side:
        case Not():
            way = "put NOT before the whole: NOT (A NEAR/5 B)"
        case Within():
            way = "put the field before the whole: title:(A NEAR/5 B)"
        case Source():
            way = "join a source to it with AND"
        case _:
            way = "each of its sides is a name, or names joined by OR in parentheses"
    return faults.near_side(token.position, way)
