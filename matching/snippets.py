"""The words around a mention, for alerts and lists."""

from __future__ import annotations

import re

_SPACE = re.compile(r"\s+")
ELLIPSIS = "…"


def snippet(text: str, start: int, end: int, width: int = 80) -> tuple[str, str]:
    """Return what stands before and after `text[start:end]`, each at most about `width` code points.

    Cut as `find_window` says, with an ellipsis where text was left out; line breaks and runs of space become
    one space. `before + text[start:end] + after` reads as one piece.
    """
    first, last = find_window(text, start, end, width)
    before = (ELLIPSIS if start > width else "") + text[first:start]
    after = text[end:last] + (ELLIPSIS if end + width < len(text) else "")
    return _SPACE.sub(" ", before), _SPACE.sub(" ", after)


def find_window(text: str, start: int, end: int, width: int = 80) -> tuple[int, int]:
    """Return the stretch of text around `text[start:end]` that a snippet shows, cut at word boundaries."""
    first, last = max(0, start - width), min(len(text), end + width)
    if start > width:
        before = text[first:start]
        first = start - len(_from_word(before, cut_inside=not text[first - 1].isspace()))
    if end + width < len(text):
        after = text[end:last]
        last = end + len(_to_word(after, cut_inside=not text[last].isspace()))
    return first, last


def _from_word(piece: str, *, cut_inside: bool) -> str:
    """Drop the half word at the beginning, unless it is all there is."""
    first = _SPACE.search(piece) if cut_inside else None
    return piece[first.end() :] if first and first.end() < len(piece) else piece.lstrip() or piece


def _to_word(piece: str, *, cut_inside: bool) -> str:
    """Drop the half word at the end, unless it is all there is."""
    spaces = list(_SPACE.finditer(piece)) if cut_inside else []
    return piece[: spaces[-1].start()] if spaces and spaces[-1].start() else piece.rstrip() or piece
