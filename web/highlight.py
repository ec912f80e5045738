"""Publishers' texts with the hits marked: offsets count code points of the stored text.

Every piece is cleaned after it was cut, so that dropping a control character moves no mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from markupsafe import Markup, escape

from matching.snippets import ELLIPSIS, find_window
from notifiers.text import direction, inline


class Span(Protocol):
    """A stretch of a text, end exclusive."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class _Marked(NamedTuple):
    """A stretch of a text that is marked; stretches do not overlap."""

    start: int
    end: int
    refused: bool = False


def highlight(text: str, hits: Iterable[Span]) -> Markup:
    """Return a text on one line with the hits as `<mark>`, set apart from what stands around it."""
    return _apart(text, _marked(text, _joined(hits, len(text)), 0, len(text)))


def highlight_paragraphs(text: str, hits: Iterable[Span], refused: Iterable[Span] = ()) -> list[Markup]:
    """Return a text's lines that hold something, each as `highlight` would show it.

    Places that were `refused` are marked otherwise, as far as no hit covers them.
    """
    spans = _with_refused(_joined(hits, len(text)), _joined(refused, len(text)))
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


def _marked(text: str, spans: Sequence[_Marked], start: int, end: int) -> Markup:
    pieces: list[Markup] = []
    at = start
    for span in spans:
        if span.end <= start or span.start >= end:
            continue
        opened, closed = max(span.start, start), min(span.end, end)
        mark = Markup('<mark class="refused">{}</mark>') if span.refused else Markup("<mark>{}</mark>")
        pieces += (escape(inline(text[at:opened])), mark.format(inline(text[opened:closed])))
        at = closed
    pieces.append(escape(inline(text[at:end])))
    return Markup("").join(pieces)


def _with_refused(spans: list[_Marked], refused: list[_Marked]) -> list[_Marked]:
    free = (
        span._replace(refused=True)
        for span in refused
        if not any(span.start < hit.end and hit.start < span.end for hit in spans)
    )
    return sorted((*spans, *free))


def _joined(hits: Iterable[Span], length: int) -> list[_Marked]:
    """Return the hits as stretches that do not overlap, inside the text, by place."""
    spans: list[_Marked] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, hit.end)):
        start, end = max(hit.start, 0), min(hit.end, length)
        if spans and start < spans[-1].end:
            spans[-1] = _Marked(spans[-1].start, max(end, spans[-1].end))
        elif start < end:
            spans.append(_Marked(start, end))
    return spans
