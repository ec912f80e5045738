"""The forms of a term: what their fields say, the term that they make, and how a form shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from markupsafe import Markup

from marsad.errors import MarsadError, TermFault, TermInvalid
from marsad.types import Term
from matching.folding import is_arabic
from matching.proposals import Proposal, excluded_phrases, propose_spellings
from notifiers.text import one_line
from pipeline.starter import WATCHLIST
from storage.watchlists import TermRow
from web.faults import MAX_LINES, show_fault
from web.senses import Ambiguity, find_ambiguity
from web.sentences import say_error
from web.translation import Language, noop

_FIRST = 12
"""Spellings of one origin that are shown without a click."""
_MOST_OFF = 40
"""Proposals shown of those that a name does not use by itself: the likeliest."""
_LONGEST_LABEL = 100

_ORIGINS = {
    "name": noop("The name itself"),
    "lexicon": noop("From the lexicon"),
    "letters": noop("The names of its letters"),
    "parts": noop("Word by word"),
    "sound": noop("By sound"),
}
_OFF = {
    "ordinary": noop("An ordinary word of Arabic, which would be found everywhere"),
    "short": noop("Too short to mean only this name"),
    "unlikely": noop("Unlikely to be used for this name"),
}


@dataclass(frozen=True, slots=True)
class TermDraft:
    """A name with its spellings as the form has it: kept when something is wrong with it."""

    name: str = ""
    watchlist: str = WATCHLIST
    ticked: frozenset[str] | None = None
    """The proposals to look for; None leaves them to marsad."""
    own: str = ""
    """The user's own spellings, one a line."""
    exclude: str = ""
    """The user's own phrases in which the name does not count, one a line."""
    sense: bool = True

    @classmethod
    def of(cls, row: TermRow) -> TermDraft:
        """Return a stored term as its form shows it."""
        term, known = row.term, excluded_phrases(row.term.name)
        exclude = _as_lines(phrase for phrase in term.exclude if phrase not in known)
        if term.spellings is None:
            return cls(term.name, row.watchlist, None, "", exclude, term.sense)
        offered = {proposal.spelling for proposal in _offered(term.name)}
        own = _as_lines(spelling for spelling in term.spellings if spelling not in offered)
        return cls(term.name, row.watchlist, frozenset(term.spellings) & offered, own, exclude, term.sense)

    @property
    def own_spellings(self) -> tuple[str, ...]:
        return _lines(self.own)

    @property
    def own_exclude(self) -> tuple[str, ...]:
        return _lines(self.exclude)

    def term(self) -> Term:
        """Return the term to store: one with the ticks as proposed leaves its spellings to marsad at any time.

        Raises TermInvalid for more lines than anybody needs.
        """
        for lines in (self.own_spellings, self.own_exclude):
            if len(lines) > MAX_LINES:
                sentence = f"the term has more than {MAX_LINES} spellings or phrases of one kind; give fewer"
                raise TermInvalid(sentence, kind=TermFault.TOO_MANY, subject=lines[MAX_LINES])
        offered = [p for p in _offered(self.name) if p.spelling != self.name]
        used = {proposal.spelling for proposal in offered if proposal.off is None}
        wanted = (used if self.ticked is None else self.ticked) | set(self.own_spellings)
        chosen = tuple(proposal.spelling for proposal in offered if proposal.spelling in wanted)
        more = tuple(s for s in self.own_spellings if s not in {self.name, *chosen})
        if set(chosen) == used and not more:
            return Term(self.name, None, self.own_exclude, self.sense)
        # Chosen spellings are all that is looked for, so what the lexicon excludes is stored with them.
        exclude = tuple(dict.fromkeys((*excluded_phrases(self.name), *self.own_exclude)))
        return Term(self.name, (*chosen, *more), exclude, self.sense)


@dataclass(frozen=True, slots=True)
class Tick:
    """A proposal with its tick; that of the name itself is fixed."""

    spelling: str
    checked: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Proposals of one origin, and where they are not used by themselves of one reason for it."""

    heading: Markup
    reason: Markup
    first: tuple[Tick, ...]
    more: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class TermForm:
    """What the form of a name shows."""

    draft: TermDraft
    used: tuple[Group, ...] = ()
    unused: tuple[Group, ...] = ()
    unused_count: int = 0
    opens_unused: bool = False
    """One of those is ticked, so they are shown without a click."""
    excluded: tuple[str, ...] = ()
    ambiguity: Ambiguity | None = None
    only_latin: bool = False
    """Nothing says how Arabic writes it."""
    error: str = ""
    wrong: str = ""
    """The field that the error belongs to."""

    @classmethod
    def of(cls, language: Language, draft: TermDraft, error: MarsadError | None = None) -> TermForm:
        """Return the form of a draft with everything that is proposed for its name."""
        wrong = _field_of(draft, error) if error else ""
        # A name that cannot be watched has no spellings, and may be of any length.
        unwatchable = isinstance(error, TermInvalid) and error.subject == draft.name
        offered = () if unwatchable else _offered(draft.name)
        used = [proposal for proposal in offered if proposal.off is None]
        unused = [proposal for proposal in offered if proposal.off is not None]
        forms = (*(proposal.spelling for proposal in used), *draft.own_spellings)
        return cls(
            draft,
            _groups(language, draft, used),
            _groups(language, draft, unused),
            len(unused),
            any(proposal.spelling in (draft.ticked or draft.own_spellings) for proposal in unused),
            excluded_phrases(draft.name),
            find_ambiguity(language, draft.name),
            not any(map(is_arabic, "".join(forms))),
            say_error(language, error) if error else Markup(""),
            wrong,
        )


@dataclass(frozen=True, slots=True)
class ExpressionDraft:
    """An expression as its form has it."""

    label: str = ""
    expression: str = ""
    watchlist: str = WATCHLIST
    sense: bool = True

    @classmethod
    def of(cls, row: TermRow) -> ExpressionDraft:
        """Return a stored expression as its form shows it."""
        return cls(row.term.name, row.term.expression or "", row.watchlist, row.term.sense)

    def term(self) -> Term:
        """Return the term to store; one without a label is called by its expression."""
        label = self.label or one_line(self.expression, _LONGEST_LABEL)
        return Term(label, sense=self.sense, expression=self.expression)


@dataclass(frozen=True, slots=True)
class ExpressionForm:
    """What the form of an expression shows."""

    draft: ExpressionDraft
    error: str = ""
    fault: str = ""
    """The expression with the faulty place marked."""

    @classmethod
    def of(
        cls, language: Language, draft: ExpressionDraft, error: MarsadError | None = None
    ) -> ExpressionForm:
        """Return the form of a draft, with what is wrong with it."""
        if error is None:
            return cls(draft)
        fault = show_fault(draft.expression, error) if isinstance(error, TermInvalid) else Markup("")
        return cls(draft, say_error(language, error), fault)


def _offered(name: str) -> tuple[Proposal, ...]:
    """Return the proposals that a form shows: those that are used, and the likeliest of the others."""
    proposals = propose_spellings(name)
    unused = islice((proposal for proposal in proposals if proposal.off is not None), _MOST_OFF)
    return (*(proposal for proposal in proposals if proposal.off is None), *unused)


def _groups(language: Language, draft: TermDraft, proposals: Sequence[Proposal]) -> tuple[Group, ...]:
    origins, reasons = list(_ORIGINS), list(_OFF)

    def kind(proposal: Proposal) -> tuple[int, int]:
        return reasons.index(proposal.off) if proposal.off else -1, origins.index(proposal.origin)

    groups = []
    for (reason, origin), members in groupby(sorted(proposals, key=kind), key=kind):
        ticks = tuple(_tick(draft, proposal) for proposal in members)
        groups.append(
            Group(
                language.gettext(_ORIGINS[origins[origin]]),
                language.gettext(_OFF[reasons[reason]]) if reason >= 0 else Markup(""),
                ticks[:_FIRST],
                ticks[_FIRST:],
            )
        )
    return tuple(groups)


def _tick(draft: TermDraft, proposal: Proposal) -> Tick:
    spelling, fixed = proposal.spelling, proposal.spelling == draft.name
    ticked = proposal.off is None if draft.ticked is None else spelling in draft.ticked
    return Tick(spelling, fixed or ticked or spelling in draft.own_spellings, fixed)


def _field_of(draft: TermDraft, error: MarsadError) -> str:
    if isinstance(error, TermInvalid) and error.subject != draft.name:
        if error.subject in draft.own_spellings:
            return "own"
        if error.subject in draft.own_exclude:
            return "exclude"
    return "name"


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _as_lines(phrases: Iterable[str]) -> str:
    return "\n".join(phrases)
