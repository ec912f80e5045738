"""What is wrong with a term or an expression, in the reader's language; the errors' own text is English."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from marsad.errors import ExpressionFault, ExpressionInvalid, TermFault, TermInvalid
from matching.expressions.grammar import MAX_DEPTH, MAX_DISTANCE, MAX_LENGTH, MAX_NAMES
from matching.terms import MAX_LENGTH as MAX_NAME_LENGTH
from notifiers.text import one_line
from web.rendering import bdi
from web.translation import Language, noop

MAX_LINES = 200
"""Spellings, or phrases to exclude, that a form takes for a term."""
_LONGEST_SHOWN = 40

OF_TERMS: Mapping[TermFault, str] = {
    TermFault.TOO_LONG: noop(
        "“%(subject)s” is longer than %(name_length)s characters: give the name alone, on one line."
    ),
    TermFault.CONTROL_CHARACTER: noop(
        "“%(subject)s” holds a line break or another control character: type it on one line."
    ),
    TermFault.NO_LETTERS: noop("Without a letter or digit there is nothing to look for: give a name."),
    TermFault.SINGLE_LETTER: noop(
        "“%(subject)s” is a single letter or digit, which is found everywhere: give at least two."
    ),
    TermFault.TOO_FREQUENT: noop(
        "“%(subject)s” stands in about %(share)s of all articles: give a longer name, "
        "or join it to another with AND in an expression."
    ),
    TermFault.TOO_MANY: noop("These are more than %(lines)s lines: keep those that really occur."),
}
OF_EXPRESSIONS: Mapping[ExpressionFault, str] = {
    ExpressionFault.EMPTY: noop("The expression is empty: write a name."),
    ExpressionFault.TOO_LONG: noop(
        "The expression is longer than %(length)s characters: divide it between several terms."
    ),
    ExpressionFault.TOO_DEEP: noop(
        "Parentheses and NOTs stand more than %(depth)s inside one another: take out those that change nothing."
    ),
    ExpressionFault.TOO_MANY_NAMES: noop(
        "The expression has more than %(names)s names: divide it between several terms."
    ),
    ExpressionFault.CONTROL_CHARACTER: noop("Here is an invisible control character: take it out."),
    ExpressionFault.UNEXPECTED_CHARACTER: noop(
        "“%(subject)s” means nothing here: join names with AND or OR, "
        "and put quotation marks around a name that holds such a sign."
    ),
    ExpressionFault.UNTERMINATED_QUOTE: noop(
        "The quotation mark %(subject)s is never closed: put a second one where the phrase ends."
    ),
    ExpressionFault.UNCLOSED_PARENTHESIS: noop(
        "This parenthesis is never closed: put a second one where the group ends."
    ),
    ExpressionFault.UNOPENED_PARENTHESIS: noop(
        "This parenthesis closes nothing: take it out, or open one where the group begins."
    ),
    ExpressionFault.EMPTY_PARENTHESES: noop(
        "Nothing stands between these parentheses: put names there, or take them out."
    ),
    ExpressionFault.NOTHING_BETWEEN: noop(
        "Nothing joins “%(subject)s” to what stands before it: put AND, OR or NEAR/5 between them, "
        "or quotation marks around a phrase."
    ),
    ExpressionFault.NOT_AN_OPERATOR: noop(
        "“%(subject)s” is read as a word: write AND, OR or NOT in Latin capitals, "
        "or put quotation marks around a phrase."
    ),
    ExpressionFault.MINUS: noop(
        "A minus sign does not exclude: write NOT before a name to exclude it, "
        "or put quotation marks around a name that begins with one."
    ),
    ExpressionFault.DANGLING_OPERATOR: noop(
        "%(subject)s has no name beside it on one side: put one there, "
        "or quotation marks around a name that holds the word."
    ),
    ExpressionFault.UNKNOWN_FIELD: noop(
        "“%(subject)s” is no part of an article: use title, summary, text or source, "
        "or put quotation marks around a name that holds a colon."
    ),
    ExpressionFault.DANGLING_FIELD: noop(
        "“%(subject)s” has nothing to hold: put a name or a group in parentheses right behind the colon."
    ),
    ExpressionFault.NESTED_FIELD: noop(
        "“%(subject)s” stands inside another part of the article: close that first, and join the two with AND."
    ),
    ExpressionFault.MISPLACED_MARK: noop(
        "The mark “%(subject)s” belongs right before one name that is looked for, "
        "behind the colon if there is one, and not before a source."
    ),
    ExpressionFault.NEAR_DISTANCE: noop(
        "NEAR must say how many words may stand between: write NEAR/5, with a number from 1 to %(distance)s."
    ),
    ExpressionFault.NEAR_SIDE: noop(
        "NEAR joins two names, or names joined by OR in parentheses: "
        "put everything else around the whole, such as NOT (A NEAR/5 B)."
    ),
    ExpressionFault.NAME_WITHOUT_LETTERS: noop("“%(subject)s” has no letter or digit: give a name."),
    ExpressionFault.NAME_TOO_SHORT: noop(
        "“%(subject)s” would be found everywhere: give at least two letters or digits."
    ),
    ExpressionFault.NAME_TOO_LONG: noop(
        "“%(subject)s” is longer than %(name_length)s characters: give the name alone."
    ),
    ExpressionFault.ONLY_NEGATIVE: noop(
        "This holds when none of its names occurs, so it would match nearly every article: "
        "join a name that must occur to it with AND."
    ),
    ExpressionFault.ONLY_SOURCE: noop(
        "This would match every article of a source: join a name that must occur to it with AND."
    ),
}


def say_fault(language: Language, error: TermInvalid) -> Markup:
    """Return one sentence that names the faulty thing and the way out."""
    kind = error.kind
    # Two tables: faults of the same value in either are equal.
    sentence = OF_EXPRESSIONS[kind] if isinstance(kind, ExpressionFault) else OF_TERMS[kind]
    return language.gettext(
        sentence,
        subject=bdi(one_line(error.subject, _LONGEST_SHOWN)),
        share=f"{error.share:.0%}",
        name_length=MAX_NAME_LENGTH,
        length=language.number(MAX_LENGTH),
        depth=MAX_DEPTH,
        names=MAX_NAMES,
        distance=MAX_DISTANCE,
        lines=MAX_LINES,
    )


def show_fault(expression: str, error: TermInvalid) -> Markup:
    """Return the expression with the faulty place marked; empty when the fault has no place in it."""
    if isinstance(error, ExpressionInvalid):
        start = min(error.position, len(expression))
    else:
        # A name that cannot be looked for: nothing but the name itself tells where it stands.
        start = expression.find(error.subject) if error.subject else -1
    if start < 0:
        return Markup("")
    here = expression[start:]
    length = len(error.subject) if error.subject and here.startswith(error.subject) else min(len(here), 1)
    # Controls are no use in markup; each is shown as one that can be seen, so that no place moves.
    before, fault, after = map(_seen, (expression[:start], here[:length], here[length:]))
    marked = Markup('<mark class="fault{}">{}</mark>').format("" if fault else " fault-end", fault)
    return Markup('<code class="expression" dir="ltr">{}{}{}</code>').format(before, marked, after)


def _seen(piece: str) -> str:
    return "".join(
        character if character.isprintable() else " " if character.isspace() else "\ufffd"
        for character in piece
    )
