"""Publishers' strings made fit to travel: one line, no control characters, no effect on their neighbours."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

_SURROGATES = re.compile(r"[\ud800-\udfff]")
# C0, DEL, C1, non-characters; and the bidi embeddings, overrides and isolates, which could reorder
# what stands beside the string. The marks U+200E, U+200F and U+061C and the joiners stay.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]+")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")

_SPACES = re.compile(r"\s+")

FSI, RLI, PDI = "\u2068", "\u2067", "\u2069"


def clean(text: str) -> str:
    """Return text without control characters (each run becomes a space) and lone surrogates (U+FFFD)."""
    return _CONTROLS.sub(" ", _SURROGATES.sub("\ufffd", text))


def inline(text: str) -> str:
    """Return cleaned text with each run of white space as one space, those at its ends too."""
    return _SPACES.sub(" ", _BIDI.sub("", clean(text)))


def one_line(text: str, limit: int = 300) -> str:
    """Return cleaned text on one line, white space collapsed, at most `limit` code points, the cut marked."""
    return clip(inline(text).strip(), limit)


def clip(text: str, limit: int) -> str:
    """Cut text to `limit` code points, ending in an ellipsis, never between a letter and its marks."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and unicodedata.combining(text[end]):
        end -= 1
    return text[:end].rstrip() + "…"


def direction(text: str) -> Literal["rtl", "auto"]:
    """Tell how a string is to be laid out: an Arabic headline that begins with Nvidia is still Arabic."""
    return "rtl" if any(unicodedata.bidirectional(c) in ("R", "AL") for c in text) else "auto"


def isolate(text: str) -> str:
    """Wrap a string in directional isolates for places without markup (UAX #9: RLI or FSI … PDI)."""
    return f"{RLI if direction(text) == 'rtl' else FSI}{text}{PDI}"
