"""Publishers' texts with the hits marked: offsets count code points of the stored text.

Every piece is cleaned after it was cut, so that dropping a control character moves no mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from markupsafe import Markup, escape

from matching.snippets import ELLIPSIS, find_window
from notifiers.text import direction, inline


class Span(Protocol):
    """A stretch of a text, end exclusive."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def highlight(text: str, hits: Iterable[Span]) -> Markup:
    """Return a text on one line with the hits as `<mark>`, set apart from what stands around it."""
    return _apart(text, _marked(text, _joined(hits, len(text)), 0, len(text)))


def highlight_paragraphs(text: str, hits: Iterable[Span]) -> list[Markup]:
    """Return a text's lines that hold something, each as `highlight` would show it."""
    spans = _joined(hits, len(text))
    paragraphs, start = [], 0
    for line in text.splitlines(keepends=True):
        end = start + len(line)
        if line.strip():
            paragraphs.append(_apart(line, _marked(text, spans, start, end)))
        start = end
    return paragraphs


def highlight_snippet(text: str, hits: Sequence[Span], *, width: int = 110) -> Markup:
    """Return the first of these hits in the words around it, with every hit in them marked."""
    begin, end = find_window(text, hits[0].start, hits[0].end, width)
    shown = _marked(text, _joined(hits, len(text)), begin, end)
    before, after = (ELLIPSIS if begin else ""), (ELLIPSIS if end < len(text.rstrip()) else "")
    return _apart(text[begin:end], before + shown + after)


def _apart(text: str, shown: Markup) -> Markup:
    return Markup('<bdi class="foreign" dir="{}">{}</bdi>').format(direction(text), shown)


def _marked(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Markup:
    pieces: list[Markup] = []
    at = start
    for first, last in spans:
        if last <= start or first >= end:
            continue
        opened, closed = max(first, start), min(last, end)
        pieces += (
            escape(inline(text[at:opened])),
            Markup("<mark>{}</mark>").format(inline(text[opened:closed])),
        )
        at = closed
    pieces.append(escape(inline(text[at:end])))
    return Markup("").join(pieces)


def _joined(hits: Iterable[Span], length: int) -> list[tuple[int, int]]:
    """Return the hits as stretches that do not overlap, inside the text, by place."""
    spans: list[tuple[int, int]] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, hit.end)):
        start, end = max(hit.start, 0), min(hit.end, length)
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif start < end:
            spans.append((start, end))
    return spans
