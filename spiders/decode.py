"""Bytes → text, before any parser sees them.

Order: BOM; UTF-16 by `<` and NUL; valid UTF-8; mostly valid UTF-8; else of what header, declaration and
detector say the text that reads best. Labels are the least trusted: Arabic feeds often carry wrong ones.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes
from w3lib.encoding import http_content_type_encoding, resolve_encoding

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = (
    re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""", re.I),
    re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I),
)
_HEAD = 4096
_SAMPLE = 64 * 1024
_MOSTLY = 2.0
"""Up to twice as many bad bytes as good letters: windows-1256 alone has hardly any that look good."""
_WORD = 4
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_ARABIC = re.compile("[\u0600-\u06ff]")
_FOREIGN = re.compile("[\u00c0-\u024f\u0080-\u009f\ufffd]")
_BAD_RUN = re.compile("[\udc80-\udcff](?:[ !-;=?-~\u0080-\u07ff]{0,3}[\udc80-\udcff])*")
_CUT_LETTER = re.compile(r"\ufffd+(?!\w)")
_BEYOND_ASCII = re.compile("[^\x00-\x7f\ufffd]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and the name of the encoding that made it."""

    text: str
    encoding: str


def decode(content: bytes, content_type: str | None = None) -> Decoded:
    """Decode a feed or page; never raises: what cannot be read becomes U+FFFD."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return Decoded(content[len(mark) :].decode(name, "replace"), name)
    if wide := _find_utf16(content):
        return Decoded(content.decode(wide, "replace"), wide)
    try:
        return Decoded(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    text = content.decode("utf-8", "replace")
    bad, good = text.count("\ufffd"), len(_BEYOND_ASCII.findall(text))
    if bad < good * _MOSTLY:
        # Some entries in another encoding leave long runs; a cut letter leaves a byte or two.
        text = _BAD_RUN.sub(_patch, content.decode("utf-8", "surrogateescape"))
        return Decoded(_CUT_LETTER.sub("", text), "utf-8")
    return _best(content, content_type)


def _patch(run: re.Match[str]) -> str:
    """Read a run of bytes that are no UTF-8 as windows-1256 when it is as long as a word."""
    raw = run[0].encode("utf-8", "surrogateescape")
    if len(_HIGH.findall(raw)) < _WORD:
        return re.sub("[\udc80-\udcff]+", "\ufffd", run[0])
    return raw.decode("cp1256", "replace")


def _find_utf16(content: bytes) -> str | None:
    head = content[:_HEAD]
    start = head.find(b"<")
    if start < 0:
        return None
    if start % 2 == 0 and head[start + 1 : start + 2] == b"\0":
        return "utf-16-le"
    if start % 2 == 1 and head[start - 1] == 0:
        return "utf-16-be"
    return None


def _best(content: bytes, content_type: str | None) -> Decoded:
    readings = [
        Decoded(content.decode(name, "replace"), name)
        for name in dict.fromkeys(_candidates(content, content_type))
    ]
    return min(readings, key=_strangeness)


def _candidates(content: bytes, content_type: str | None) -> Iterator[str]:
    labels = [http_content_type_encoding(content_type)] if content_type else []
    for pattern in _DECLARED:
        if found := pattern.search(content[:_HEAD]):
            labels.append(resolve_encoding(found[1].decode("ascii", "replace")))
    for name in labels:
        if name and not name.startswith("utf-16") and _known(name):
            yield name
    if guess := from_bytes(content[:_SAMPLE]).best():
        yield guess.encoding
    if _looks_like_words(content):
        yield "cp1256"
        yield "iso8859-6"
    yield "cp1252"


def _known(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _looks_like_words(content: bytes) -> bool:
    """Tell whether bytes beyond ASCII stand in long runs, as in Arabic, not alone, as in French."""
    in_runs = sum(len(run) for run in _HIGH_RUN.findall(content))
    return in_runs * 2 > len(_HIGH.findall(content))


def _strangeness(reading: Decoded) -> float:
    """Accented Latin letters, C1 controls and U+FFFD are what Arabic looks like through the wrong table."""
    return len(_FOREIGN.findall(reading.text)) / (1 + len(_ARABIC.findall(reading.text)))
