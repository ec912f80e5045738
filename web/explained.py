"""What a term finds in a text and what not, in the reader's language: `matching.explain` for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from marsad.types import Term
from matching.explain import Edit, Explanation, Finding, explain, explain_expression
from matching.expressions import operands, parse_expression
from matching.folding import evidence
from matching.ordinary import is_ordinary_word
from web.explaining import split_clitics
from web.highlight import highlight_paragraphs
from web.rendering import bdi
from web.senses import say_sense
from web.translation import Language, noop

RULES: Mapping[str, str] = {
    "accepted": noop("The name stands here"),
    "excluded": noop("It stands inside an excluded phrase"),
    "other_sense": noop("The context says that something else of that name is meant"),
    "not_ticked": noop("This spelling is proposed, but not used by itself"),
    "shorter": noop("It is part of a longer mention of the same term"),
    "begins_inside": noop("The letters before it belong to the same word and are no proclitic"),
    "ends_inside": noop("The word goes on after it"),
    "joints": noop("Something else than one space, hyphen or dot stands between its parts"),
    "more_letters": noop("It is a piece of a longer row of letter names"),
    "tanwin": noop("A name has no tanwin: this is an ordinary word"),
    "hamza": noop("Another hamza makes it another word"),
    "ordinary": noop("With the letters before it, it is an ordinary word"),
    "other_characters": noop("Other characters stand here"),
    "not_exact": noop("It is not written exactly like this, or something is written onto it"),
}
"""The rules of `matching.explain` in words."""
_EDITS: Mapping[str, str] = {
    "add_spelling": noop("Add the spelling “%(value)s”"),
    "tick_spelling": noop("Use the proposed spelling “%(value)s”"),
    "exclude": noop("Exclude the phrase “%(value)s”"),
    "allow": noop("Exclude the phrase “%(value)s” no more"),
    "ignore_sense": noop("Count the name whatever the context says"),
}
_WORD_BEFORE = re.compile(r"[\w\u064b-\u065f\u0670]*\Z")
_WORD_AFTER = re.compile(r"[\w\u064b-\u065f\u0670]*")
_LONGEST_REST = 20
LONGEST = 4_000
"""Characters of a text that are looked at: every word of it may be held against every spelling."""
_LONGEST_TOGETHER = 20_000
"""The same for all names of an expression together."""
_SHOWN = 4
"""Spellings shown for one place."""
_MOST = 60
"""Places shown for one name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One place that was looked at: how it is written, what it was held against, and what was decided."""

    word: tuple[str, str, str]
    """The place with what is written onto it before and after."""
    clitics: tuple[str, ...]
    spellings: tuple[str, ...]
    decision: Markup
    accepted: bool


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest edit that would change the answer, in words."""

    edit: Edit
    sentence: Markup
    ordinary: bool
    """What it adds is an ordinary word, found wherever that stands."""


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """What one name finds: the places that decide, and those inside or beside a mention that do not."""

    name: str
    found: bool
    rows: tuple[Row, ...]
    further: tuple[Row, ...]
    spellings: tuple[str, ...]
    change: Change | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a text mentions a term; `names` is one, or those of an expression."""

    found: bool
    expression: bool
    length: int
    """How many characters of the text were looked at."""
    folded: str
    paragraphs: list[Markup]
    names: tuple[NameAnswer, ...]


def answer(language: Language, text: str, term: Term) -> Answer:
    """Explain what a term finds in a text. Raises TermInvalid for one that cannot be looked for.

    An expression of many names is explained by the beginning of the text: each name takes its time.
    """
    text = text[: _longest(term)]
    if term.expression is None:
        explained = [(term.name, explain(text, term))]
        found = explained[0][1].found
    else:
        whole = explain_expression(text, term)
        explained = [(operand.name, explanation) for operand, explanation in whole.names]
        found = whole.found
    findings = [finding for _, explanation in explained for finding in explanation.findings]
    return Answer(
        found,
        term.expression is not None,
        len(text),
        explained[0][1].folded if explained else "",
        highlight_paragraphs(
            text, [f for f in findings if f.accepted], [f for f in findings if not f.accepted]
        ),
        tuple(
            _of_name(language, text, name, explanation, editable=term.expression is None)
            for name, explanation in explained
        ),
    )


def _longest(term: Term) -> int:
    if term.expression is None:
        return LONGEST
    return min(LONGEST, _LONGEST_TOGETHER // max(len(operands(parse_expression(term.expression))), 1))


def say_decision(language: Language, finding: Finding) -> Markup:
    """Return which rule decided about a place, and what the context said where it was asked."""
    if finding.rule not in RULES:
        return bdi(finding.sentence)
    said = language.gettext(RULES[finding.rule])
    _, _, why = finding.sentence.partition(": ")
    if not why or finding.rule not in ("accepted", "other_sense"):
        return said
    return language.gettext("%(rule)s: %(why)s", rule=said, why=say_sense(language, why))


def say_edit(language: Language, edit: Edit) -> Markup:
    """Return in words what an edit does to a term."""
    return language.gettext(_EDITS[edit.kind], value=bdi(edit.value))


def _of_name(
    language: Language, text: str, name: str, explanation: Explanation, *, editable: bool
) -> NameAnswer:
    accepted = [finding for finding in explanation.findings if finding.accepted]
    deciding = [f for f in explanation.findings if f.accepted or not _beside(f, accepted)]
    further = [f for f in explanation.findings if not f.accepted and _beside(f, accepted)]
    edit = explanation.edit if editable else None
    return NameAnswer(
        name,
        explanation.found,
        _rows(language, text, deciding),
        _rows(language, text, further),
        tuple(proposal.spelling for proposal in explanation.spellings if proposal.off is None),
        None if edit is None else Change(edit, say_edit(language, edit), _adds_ordinary_word(edit)),
    )


def _beside(finding: Finding, accepted: Iterable[Finding]) -> bool:
    return any(finding.start < mention.end and mention.start < finding.end for mention in accepted)


def _rows(language: Language, text: str, findings: Sequence[Finding]) -> tuple[Row, ...]:
    """Return a row for each place and decision, the spellings that agree in it together."""

    def place(finding: Finding) -> tuple[bool, int, int, str, str]:
        return (not finding.accepted, finding.start, finding.end, finding.clitics, finding.sentence)

    rows = []
    for _, group in groupby(sorted(findings, key=place), key=place):
        same = list(group)
        first = same[0]
        spellings = tuple(dict.fromkeys(finding.spelling for finding in same))[:_SHOWN]
        decision = say_decision(language, first)
        rows.append(
            Row(_word(text, first), split_clitics(first.clitics), spellings, decision, first.accepted)
        )
    return tuple(rows[:_MOST])


def _word(text: str, finding: Finding) -> tuple[str, str, str]:
    """Return a place with the rest of the word that it lies in: و and ابل of وابل."""
    before = _WORD_BEFORE.search(text[max(0, finding.start - _LONGEST_REST) : finding.start])
    after = _WORD_AFTER.match(text[finding.end : finding.end + _LONGEST_REST])
    return before[0] if before else "", finding.written, after[0] if after else ""


def _adds_ordinary_word(edit: Edit) -> bool:
    return edit.kind in ("add_spelling", "tick_spelling") and is_ordinary_word(evidence(edit.value))
