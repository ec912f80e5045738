"""Small repairs that let a strict XML parser read what servers really send (XML 1.0)."""

from __future__ import annotations

import html
import re
from collections import deque
from html.entities import html5
from itertools import islice
from xml.parsers import expat

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_DECLARATION = re.compile(r"<\?xml\b[^>]{0,300}\?>", re.I)
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|rdf|feed|channel|urlset|sitemapindex|html)\b", re.I)
_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.S)
_REFERENCE = re.compile(
    r"&(#\d{1,7};|#x[0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);|[A-Za-z][A-Za-z0-9]{1,30};)?"
)
_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:rss|rdf|feed)\s*>", re.I)
_LAST_ENTRY = re.compile(r"</(?:[\w.-]{1,40}:)?(item|entry)\s*>", re.I)
_XML_NAMES = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_HEAD = 64 * 1024


def find_root(text: str) -> str | None:
    """Return the lower-case local name of the first element that says what a document is, or None."""
    found = _ROOT.search(text, 0, _HEAD)
    return found[1].lower() if found else None


def tidy_xml(text: str) -> str:
    """Return the document without what stands before and after it, without characters that XML forbids.

    The XML declaration goes too: its encoding spoke of bytes, and this is text.
    """
    text = _ILLEGAL.sub("", _DECLARATION.sub("", text, count=1)).lstrip("\ufeff \t\r\n")
    if not text.startswith("<") and (root := _ROOT.search(text, 0, _HEAD)):
        text = text[root.start() :]
    end = _last(_END, text)
    return text if end is None else text[: end.end()]


def is_well_formed(text: str) -> bool:
    """Tell whether a strict parser reads it; expat resolves no external entity and bounds expansion."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return False
    return True


def repair(text: str) -> str:
    """Escape bare ampersands, resolve HTML's named characters, close a document that was cut off."""
    parts = _CDATA.split(text)
    parts[::2] = [_REFERENCE.sub(_reference, part) for part in parts[::2]]
    text = "".join(parts)
    if _END.search(text):
        return text
    return _close(text)


def count_entries(text: str) -> int:
    return sum(1 for _ in _LAST_ENTRY.finditer(text))


def shorten(text: str, *, entries: int, length: int) -> str:
    """Keep the first entries, whole ones only, of a document that has more of them or of text than a feed."""
    ends = islice(_LAST_ENTRY.finditer(text, 0, length), entries)
    last = deque(ends, maxlen=1)
    return _close(text[: last[0].end()]) if last else text[:length]


def _reference(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return "&amp;"
    if name.startswith("#") or name in _XML_NAMES:
        return found[0]
    known = html5.get(name)
    return html.escape(known) if known else f"&amp;{name}"


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = deque(pattern.finditer(text), maxlen=1)
    return found[0] if found else None


def _close(text: str) -> str:
    """Cut after the last whole entry and close what is open around it."""
    last = _last(_LAST_ENTRY, text)
    root = _ROOT.search(text, 0, _HEAD)
    if last is None or root is None:
        return text
    name = root[0][1:]
    inner = "</channel>" if root[1].lower() == "rss" else ""
    return f"{text[: last.end()]}{inner}</{name}>"
