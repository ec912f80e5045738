"""Explaining: why a text mentions a term or does not, and the smallest edit of the term that would change it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice, pairwise
from typing import Literal

from marsad.errors import TermInvalid
from marsad.types import Term
from matching.clitics import LONGEST_PROCLITIC, PROCLITICS
from matching.expressions import Operand, operands, parse_expression
from matching.folding import fold_text, squeeze
from matching.matcher import Found, Matcher, compile_matcher, sense_of
from matching.needles import Reading
from matching.proposals import Proposal, excluded_phrases, propose_spellings, used_spellings
from matching.sense import Context
from matching.terms import check_term
from matching.verdict import Mention, Refusal

_SENTENCES: dict[str, str] = {
    "accepted": "the name stands here",
    "excluded": "it stands inside an excluded phrase",
    "other_sense": "the context says that something else of that name is meant",
    "not_ticked": "this spelling is proposed, but not used by itself",
    "shorter": "it is part of a longer mention of the same term",
    Refusal.BEGINS_INSIDE: "the letters before it belong to the same word and are no proclitic",
    Refusal.ENDS_INSIDE: "the word goes on after it",
    Refusal.JOINTS: "something else than one space, hyphen or dot stands between its parts",
    Refusal.MORE_LETTERS: "it is a piece of a longer row of letter names",
    Refusal.TANWIN: "a name has no tanwin: this is an ordinary word",
    Refusal.HAMZA: "another hamza makes it another word",
    Refusal.ORDINARY: "with the letters before it, it is an ordinary word",
    Refusal.OTHER_CHARACTERS: "other characters stand here",
    Refusal.NOT_EXACT: "it is not written exactly like this, or something is written onto it",
}
_WORD = re.compile(r"[\w\u064b-\u065f\u0670\u0640]+")
_MOST_EDITS = 12
_MOST_WORDS, _SHORTEST = 2000, 3
_NEAR = 0.72
"""From this similarity on a word of the text is offered as a spelling of the name."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a term: a spelling to add or tick, a phrase to exclude or allow, or no look at the sense."""

    kind: Literal["add_spelling", "tick_spelling", "exclude", "allow", "ignore_sense"]
    value: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that was looked at: `text[start:end]`, the spelling it was held against, the rule that decided."""

    start: int
    end: int
    written: str
    spelling: str
    clitics: str
    accepted: bool
    rule: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a text mentions a term, what was looked for and at, and the smallest edit that would change it.

    `edit` is None when no single edit of the term is known to.
    """

    found: bool
    folded: str
    spellings: tuple[Proposal, ...]
    findings: tuple[Finding, ...]
    edit: Edit | None


def explain(text: str, term: Term) -> Explanation:
    """Explain what a term that is a name finds in a text, and what not; offsets are code points of the text.

    Raises TermInvalid for a term that cannot be looked for. Of an expression the names are explained one by one:
    see `explain_expression`.
    """
    matcher = compile_matcher([term])
    accepted = [(hit.start, hit.end) for hit in matcher.find(text)]
    findings = {(f.start, f.end, f.spelling): f for f in _look(matcher, text, accepted)}
    proposed = term.spellings is None and term.expression is None
    proposals = propose_spellings(term.name) if proposed else ()
    for finding in _find_unticked(text, term, proposals, accepted):
        findings.setdefault((finding.start, finding.end, finding.spelling), finding)
    ordered = tuple(sorted(findings.values(), key=lambda f: (not f.accepted, f.start, f.end)))
    edit = _find_edit(text, term, ordered, proposals)
    return Explanation(bool(accepted), fold_text(text), proposals, ordered, edit)


@dataclass(frozen=True, slots=True)
class ExpressionExplained:
    """Whether a text, taken for an article's text, meets an expression, and each of its names in it by itself."""

    found: bool
    names: tuple[tuple[Operand, Explanation], ...]


def explain_expression(text: str, term: Term) -> ExpressionExplained:
    """Explain what the names of an expression find in a text. Raises TermInvalid for a bad one."""
    found = bool(compile_matcher([term]).find(text))
    names = operands(parse_expression(term.expression or ""))
    return ExpressionExplained(
        found, tuple((operand, explain(text, _alone(operand, term))) for operand in names)
    )


def _alone(operand: Operand, term: Term) -> Term:
    """Return an operand as a term of its own, with its mark; in what field it is wanted is left out."""
    mark = {"name": "", "folded": "+", "exact": "="}[operand.strictness]
    expression = f'{mark}"{operand.name}"' if mark else None
    return Term(operand.name, None, term.exclude, term.sense, expression)


def apply_edit(term: Term, edit: Edit) -> Term:
    """Return the term with an edit made; a bare name keeps what it was looked for by and excluded from."""
    match edit.kind:
        case "add_spelling" | "tick_spelling":
            used, exclude = term.spellings, term.exclude
            if used is None:
                used = tuple(proposal.spelling for proposal in used_spellings(term.name))
                exclude = _distinct(*excluded_phrases(term.name), *exclude)
            return replace(term, spellings=_distinct(*used, edit.value), exclude=exclude)
        case "exclude":
            return replace(term, exclude=_distinct(*term.exclude, edit.value))
        case "allow":
            return replace(term, exclude=tuple(p for p in term.exclude if p != edit.value))
        case "ignore_sense":
            return replace(term, sense=False)


def _distinct(*phrases: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phrases))


def _look(matcher: Matcher, text: str, accepted: list[tuple[int, int]]) -> Iterator[Finding]:
    """Yield a finding for each place where the automaton saw a spelling."""
    context = Context({"text": text})
    seen = list(matcher.candidates(text))
    phrases = [
        (a, b) for reading, a, b, verdict in seen if reading.role == "excluded" and not _refused(verdict)
    ]
    for reading, start, end, verdict in seen:
        if reading.role == "excluded":
            continue
        spelling = reading.pattern.spelling
        if isinstance(verdict, Refusal):
            yield _finding(text, start, end, spelling, "", verdict.value)
            continue
        rule, why = _rule(reading, start, end, verdict, accepted, phrases, context)
        yield _finding(text, start, end, spelling, verdict.clitics, rule, why)


def _refused(verdict: Mention | Refusal) -> bool:
    return isinstance(verdict, Refusal)


def _rule(
    reading: Reading,
    start: int,
    end: int,
    mention: Mention,
    accepted: list[tuple[int, int]],
    phrases: list[tuple[int, int]],
    context: Context,
) -> tuple[str, str]:
    """Return which rule decided about a confirmed place, and what the sense decision said, if it was asked."""
    why = ""
    if reading.profile is not None:
        why = sense_of(Found("text", start, end, mention.clitics, reading), context).why
    if (start, mention.end) in accepted or (start, end) in accepted:
        return "accepted", why
    if any(a <= start and end <= b for a, b in phrases):
        return "excluded", ""
    if any(a < end and start < b for a, b in accepted):
        return "shorter", ""
    return "other_sense", why


def _find_unticked(
    text: str, term: Term, proposals: Iterable[Proposal], accepted: list[tuple[int, int]]
) -> Iterator[Finding]:
    """Yield the places of proposals that the term does not use by itself."""
    off = tuple(p.spelling for p in proposals if p.off and _may_be_watched(Term(p.spelling)))
    if not off:
        return
    for hit in compile_matcher([replace(term, spellings=off, sense=False)]).find(text):
        if not any(a < hit.end and hit.start < b for a, b in accepted):
            spelling = next((s for s in off if _same(s, hit.spelling)), hit.spelling)
            yield _finding(text, hit.start, hit.end, spelling, hit.clitics, "not_ticked")


def _same(one: str, other: str) -> bool:
    return squeeze(fold_text(one)) == squeeze(fold_text(other))


def _finding(
    text: str, start: int, end: int, spelling: str, clitics: str, rule: str, why: str = ""
) -> Finding:
    sentence = _SENTENCES[rule]
    return Finding(
        start,
        end,
        text[start:end],
        spelling,
        clitics,
        rule == "accepted",
        rule,
        f"{sentence}: {why}" if why else sentence,
    )


def _find_edit(
    text: str, term: Term, findings: tuple[Finding, ...], proposals: tuple[Proposal, ...]
) -> Edit | None:
    """Return the first edit that really changes whether the text mentions the term."""
    found = any(finding.accepted for finding in findings)
    for edit in islice(dict.fromkeys(_edits(text, term, findings, proposals)), _MOST_EDITS):
        changed = apply_edit(term, edit)
        if _may_be_watched(changed) and bool(compile_matcher([changed]).find(text)) != found:
            return edit
    return None


def _may_be_watched(term: Term) -> bool:
    try:
        check_term(term)
    except TermInvalid:
        # What stands there is too long, broken over lines, or in every article.
        return False
    return True


def _edits(
    text: str, term: Term, findings: tuple[Finding, ...], proposals: tuple[Proposal, ...]
) -> Iterator[Edit]:
    accepted = [finding for finding in findings if finding.accepted]
    if accepted:
        yield Edit("exclude", _with_neighbour(text, accepted[0]))
        return
    for finding in findings:
        match finding.rule:
            case "not_ticked":
                yield Edit("tick_spelling", finding.spelling)
            case "other_sense":
                yield Edit("ignore_sense")
            case "excluded":
                yield from (
                    Edit("allow", phrase) for phrase in term.exclude if _same_part(phrase, finding.written)
                )
            case _:
                yield Edit("add_spelling", _whole_word(text, finding.start, finding.end))
    yield from (Edit("add_spelling", word) for word in _similar_words(text, term, proposals))


def _same_part(phrase: str, written: str) -> bool:
    return squeeze(fold_text(written)) in squeeze(fold_text(phrase))


def _whole_word(text: str, start: int, end: int) -> str:
    """Return the words that a place lies in."""
    words = [word for word in _WORD.finditer(text) if word.start() < end and start < word.end()]
    return text[words[0].start() : words[-1].end()] if words else text[start:end]


def _with_neighbour(text: str, finding: Finding) -> str:
    """Return the mention with the word before or after it, as a phrase to exclude."""
    before = list(_WORD.finditer(text[: finding.start - len(finding.clitics)]))
    after = _WORD.search(text, finding.end)
    if before and text[before[-1].end() : finding.start].strip(" \n") in ("", finding.clitics):
        return text[before[-1].start() : finding.end]
    if after and not text[finding.end : after.start()].strip():
        return text[finding.start : after.end()]
    return finding.written


def _similar_words(text: str, term: Term, proposals: tuple[Proposal, ...]) -> Iterator[str]:
    """Yield the text's words and pairs of words that are spelled most like the name, the most alike first."""
    known = {term.name, *(term.spellings or ()), *(proposal.spelling for proposal in proposals)}
    spellings = {squeeze(fold_text(spelling)) for spelling in known}
    words = list(_WORD.finditer(text))[:_MOST_WORDS]
    spans = [(word.start(), word.end()) for word in words]
    spans += [(first.start(), second.end()) for first, second in pairwise(words)]
    scored: dict[str, float] = {}
    for start, end in spans:
        for written in _without_proclitic(text[start:end]):
            key = squeeze(fold_text(written))
            alike = max((_alike(key, spelling) for spelling in spellings), default=0.0)
            # The word itself comes first: a proclitic is taken off only where that makes it more alike.
            if alike >= _NEAR and alike > max(scored.get(each, 0.0) for each in (written, text[start:end])):
                scored[written] = alike
    yield from sorted(scored, key=lambda written: -scored[written])[:3]


def _without_proclitic(written: str) -> Iterator[str]:
    yield written
    for length in range(1, LONGEST_PROCLITIC + 1):
        if written[:length] in PROCLITICS and len(written) - length >= _SHORTEST:
            yield written[length:]


def _alike(one: str, other: str) -> float:
    """Return how alike two spellings are; 0 where it cannot be enough, without looking closely."""
    if abs(len(one) - len(other)) > 2:
        return 0.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < _NEAR or matcher.quick_ratio() < _NEAR:
        return 0.0
    return matcher.ratio()
