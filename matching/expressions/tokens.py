"""The words and signs of an expression.

Between them white space and line breaks are skipped, and so are the invisible direction marks that come along
with copied Arabic. A bare word is made of letters, digits and the signs that names hold; anything else goes into
quotation marks. Any quotation mark opens a phrase and any closes it: many Arabic sites print ” for both, and word
processors mix them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from matching.expressions import faults
from matching.expressions.nodes import Strictness

Kind = Literal["word", "phrase", "field", "AND", "OR", "NOT", "NEAR", "(", ")", "end"]

OPERATORS: dict[str, Kind] = {"AND": "AND", "OR": "OR", "NOT": "NOT", "NEAR": "NEAR"}
MARKS: dict[Strictness, str] = {"name": "", "folded": "+", "exact": "="}
_STRICTNESS: dict[str, Strictness] = {"+": "folded", "=": "exact"}
_QUOTES = frozenset('"“”„‟«»‹›〝〞＂')
_IN_WORDS = frozenset(".'’&#@_")
_IN_WORD_CATEGORIES = frozenset({"Mn", "Mc", "Cf", "Pd"})
_CONTROL = frozenset({"Cc", "Cs"})


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign that begins at `position`; `text` is the name, the field or NEAR's distance as written."""

    kind: Kind
    position: int
    text: str
    strictness: Strictness = "name"


def tokenize(source: str) -> list[Token]:
    """Cut an expression into tokens, `end` last; raise ExpressionInvalid where that cannot be done."""
    for position, character in enumerate(source):
        if unicodedata.category(character) in _CONTROL and character not in "\t\r\n":
            raise faults.control_character(position, character)
    return [*_tokens(source), Token("end", len(source), "")]


def is_bare_word(name: str) -> bool:
    """Say whether a name can be written without quotation marks."""
    return (
        bool(name)
        and name not in OPERATORS
        and not is_dash(name[0])
        and name[0] not in _STRICTNESS
        and _word_end(name, 0) == len(name)
    )


def is_dash(character: str) -> bool:
    """Say whether a character is a hyphen or dash of any length."""
    return unicodedata.category(character) == "Pd"


def _tokens(source: str) -> Iterator[Token]:
    position = 0
    while position < len(source):
        character = source[position]
        if character.isspace():
            position += 1
        elif character in "()":
            yield Token("(" if character == "(" else ")", position, character)
            position += 1
        elif character in _STRICTNESS:
            token, position = _marked(source, position)
            yield token
        elif character in _QUOTES:
            text, end = _phrase(source, position)
            yield Token("phrase", position, text)
            position = end
        else:
            end = _word_end(source, position)
            if end == position:
                raise faults.unexpected_character(position, character)
            text, start = _trim(source[position:end]), position
            position = end
            if text:
                token, position = _classified(source, text, start, end)
                yield token


def _classified(source: str, text: str, start: int, end: int) -> tuple[Token, int]:
    """Tell fields and operators from names; also return where to go on."""
    if source[end : end + 1] == ":":
        return Token("field", start, text), end + 1
    if text == "NEAR" and source[end : end + 1] == "/":
        after = _word_end(source, end + 1)
        return Token("NEAR", start, _trim(source[end + 1 : after])), after
    kind = OPERATORS.get(text, "word")
    return Token(kind, start, "" if kind == "NEAR" else text), end


def _marked(source: str, position: int) -> tuple[Token, int]:
    """Read a strictness mark and the name right behind it."""
    mark, start = source[position], position + 1
    while start < len(source) and unicodedata.category(source[start]) == "Cf":
        start += 1
    if source[start : start + 1] in _QUOTES:
        text, end = _phrase(source, start)
        return Token("phrase", position, text, _STRICTNESS[mark]), end
    end = _word_end(source, start)
    text = _trim(source[start:end])
    if not text or source[end : end + 1] == ":":
        way = "after the field" if text else "right before a name, without a space"
        raise faults.misplaced_mark(position, mark, way)
    return Token("word", position, text, _STRICTNESS[mark]), end


def _phrase(source: str, position: int) -> tuple[str, int]:
    """Read what stands between two quotation marks; runs of white space become one space."""
    for end in range(position + 1, len(source)):
        if source[end] in _QUOTES:
            return _trim(" ".join(source[position + 1 : end].split())), end + 1
    raise faults.unterminated_quote(position, source[position])


def _word_end(source: str, position: int) -> int:
    """Return where the bare word ends that begins here; the very position when none does.

    A plus belongs to it at its end only: C++, but not Nvidia+AMD.
    """
    end = position
    while end < len(source) and _in_word(source[end]):
        end += 1
    after = end
    while after < len(source) and source[after] == "+":
        after += 1
    glued = after < len(source) and (_in_word(source[after]) or source[after] in _QUOTES)
    return end if end == position or glued else after


def _in_word(character: str) -> bool:
    return (
        character.isalnum()
        or character in _IN_WORDS
        or unicodedata.category(character) in _IN_WORD_CATEGORIES
    )


def _trim(text: str) -> str:
    """Take white space and invisible format characters off both ends."""
    kept = [
        number
        for number, character in enumerate(text)
        if not character.isspace() and unicodedata.category(character) != "Cf"
    ]
    return text[kept[0] : kept[-1] + 1] if kept else ""
