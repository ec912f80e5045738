"""The words around a mention, for alerts and lists."""

from __future__ import annotations

import re

_SPACE = re.compile(r"\s+")
ELLIPSIS = "…"


def snippet(text: str, start: int, end: int, width: int = 80) -> tuple[str, str]:
    """Return what stands before and after `text[start:end]`, each at most about `width` code points.

    Cut at word boundaries, with an ellipsis where text was left out; line breaks and runs of space become
    one space. `before + text[start:end] + after` reads as one piece.
    """
    before = text[max(0, start - width) : start]
    if start > width:
        before = ELLIPSIS + _from_word(before, cut_inside=not text[start - width - 1].isspace())
    after = text[end : end + width]
    if end + width < len(text):
        after = _to_word(after, cut_inside=not text[end + width].isspace()) + ELLIPSIS
    return _SPACE.sub(" ", before), _SPACE.sub(" ", after)


def _from_word(piece: str, *, cut_inside: bool) -> str:
    """Drop the half word at the beginning, unless it is all there is."""
    first = _SPACE.search(piece) if cut_inside else None
    return piece[first.end() :] if first and first.end() < len(piece) else piece.lstrip() or piece


def _to_word(piece: str, *, cut_inside: bool) -> str:
    """Drop the half word at the end, unless it is all there is."""
    spaces = list(_SPACE.finditer(piece)) if cut_inside else []
    return piece[: spaces[-1].start()] if spaces and spaces[-1].start() else piece.rstrip() or piece
