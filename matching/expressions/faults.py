"""The sentences for expressions that cannot be watched: each names the thing and the way out."""

from __future__ import annotations

from marsad.errors import ExpressionFault, ExpressionInvalid

_QUOTE_IT = "put quotation marks around a name that holds it"
_WAYS_OUT = {
    **dict.fromkeys(",،;؛|", f"join names with AND or OR, or {_QUOTE_IT}"),
    **dict.fromkeys("*?؟", f"leave it out, as a name is found in all its spellings anyway, or {_QUOTE_IT}"),
    **dict.fromkeys("‘`", 'put double quotation marks (") around a phrase'),
    "!": f"write NOT before a name to exclude it, or {_QUOTE_IT}",
    "/": f"write NEAR/5 in capital letters, or {_QUOTE_IT}",
}


def invalid(kind: ExpressionFault, position: int, sentence: str, subject: str = "") -> ExpressionInvalid:
    """Return the error for a fault at a position of the expression."""
    where = f"the expression cannot be watched, see character {position + 1}"
    return ExpressionInvalid(f"{where}: {sentence}", kind=kind, position=position, subject=subject)


def shown(name: str) -> str:
    """Return a name in quotation marks, cut when it is long."""
    return f'"{name}"' if len(name) <= 40 else f'"{name[:39]}…"'


def empty() -> ExpressionInvalid:
    return invalid(ExpressionFault.EMPTY, 0, "it is empty; write a name")


def control_character(position: int, character: str) -> ExpressionInvalid:
    sentence = f"{character!a} is a control character; take it out"
    return invalid(ExpressionFault.CONTROL_CHARACTER, position, sentence, ascii(character))


def unexpected_character(position: int, character: str) -> ExpressionInvalid:
    sentence = f'"{character}" means nothing here; {_WAYS_OUT.get(character, _QUOTE_IT)}'
    return invalid(ExpressionFault.UNEXPECTED_CHARACTER, position, sentence, character)


def unterminated_quote(position: int, mark: str) -> ExpressionInvalid:
    sentence = f"the quotation mark {mark} is never closed; put a second one where the phrase ends"
    return invalid(ExpressionFault.UNTERMINATED_QUOTE, position, sentence, mark)


def misplaced_mark(position: int, mark: str, way: str) -> ExpressionInvalid:
    sentence = f'the mark "{mark}" belongs to one name; put it {way}'
    return invalid(ExpressionFault.MISPLACED_MARK, position, sentence, mark)


def minus(position: int, word: str) -> ExpressionInvalid:
    sentence = (
        "a minus sign does not exclude; write NOT before a name to exclude it, "
        "or put quotation marks around a name that begins with one"
    )
    return invalid(ExpressionFault.MINUS, position, sentence, word)


def not_an_operator(position: int, word: str, operator: str) -> ExpressionInvalid:
    sentence = (
        f'"{word}" is read as a word; write {operator}, in Latin capitals, '
        "or put quotation marks around a phrase"
    )
    return invalid(ExpressionFault.NOT_AN_OPERATOR, position, sentence, word)


def nothing_between(position: int, what: str, subject: str) -> ExpressionInvalid:
    sentence = (
        f"nothing joins {what} to what stands before it; "
        "put AND, OR or NEAR/5 between them, or quotation marks around a phrase"
    )
    return invalid(ExpressionFault.NOTHING_BETWEEN, position, sentence, subject)


def dangling_operator(position: int, operator: str, side: str) -> ExpressionInvalid:
    sentence = (
        f"{operator} has no name {side}; put one there, or quotation marks around a name that holds the word"
    )
    return invalid(ExpressionFault.DANGLING_OPERATOR, position, sentence, operator)


def dangling_field(position: int, field: str) -> ExpressionInvalid:
    sentence = f"{field}: has nothing to hold; put a name or a group in parentheses right behind it"
    return invalid(ExpressionFault.DANGLING_FIELD, position, sentence, field)


def unknown_field(position: int, field: str) -> ExpressionInvalid:
    sentence = (
        f"{shown(field)} is no field; use title:, summary:, text: or source:, "
        "or put quotation marks around a name that holds a colon"
    )
    return invalid(ExpressionFault.UNKNOWN_FIELD, position, sentence, field)


def nested_field(position: int, field: str, outer: str) -> ExpressionInvalid:
    sentence = f"{field}: stands inside {outer}:; close that first and join the two with AND"
    return invalid(ExpressionFault.NESTED_FIELD, position, sentence, field)


def empty_parentheses(position: int) -> ExpressionInvalid:
    sentence = "the parentheses hold nothing; put names between them or take them out"
    return invalid(ExpressionFault.EMPTY_PARENTHESES, position, sentence)


def unclosed_parenthesis(position: int) -> ExpressionInvalid:
    sentence = 'this "(" is never closed; put a ")" where the group ends'
    return invalid(ExpressionFault.UNCLOSED_PARENTHESIS, position, sentence)


def unopened_parenthesis(position: int) -> ExpressionInvalid:
    sentence = 'this ")" closes nothing; take it out or put a "(" where the group begins'
    return invalid(ExpressionFault.UNOPENED_PARENTHESIS, position, sentence)


def near_distance(position: int, written: str, most: int) -> ExpressionInvalid:
    sentence = f"NEAR must say how many words may stand between; write NEAR/5, with a number from 1 to {most}"
    return invalid(ExpressionFault.NEAR_DISTANCE, position, sentence, written)


def near_side(position: int, way: str) -> ExpressionInvalid:
    return invalid(ExpressionFault.NEAR_SIDE, position, f"NEAR cannot take this; {way}")


def only_negative() -> ExpressionInvalid:
    sentence = (
        "it holds when none of its names occurs, so it would match nearly every article; "
        "join a name that must occur to it with AND"
    )
    return invalid(ExpressionFault.ONLY_NEGATIVE, 0, sentence)


def only_source() -> ExpressionInvalid:
    sentence = "it would match every article of a source; join a name that must occur to it with AND"
    return invalid(ExpressionFault.ONLY_SOURCE, 0, sentence)
