"""What the tests of this folder ask the matcher."""

from __future__ import annotations

from marsad.types import Hit, Term
from matching.matcher import compile_matcher


def hits(text: str, *names: str) -> tuple[Hit, ...]:
    return compile_matcher([Term(name) for name in names]).find(text)


def found(text: str, *names: str) -> list[tuple[str, str]]:
    """Return (name, original text of the span) for each mention, in order."""
    return [(hit.term.name, hit.spelling) for hit in hits(text, *names)]
