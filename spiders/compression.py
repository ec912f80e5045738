"""Content-Encoding and raw gzip, undone within a size limit (RFC 9110 §8.4)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]

from marsad.errors import MarsadError

ACCEPT_ENCODING = "gzip, deflate, br"
_STEP = 256 * 1024
_LAYERS = 4
"""Deflated twice is seen in the wild; more layers than this are an attack."""


class BodyTooLarge(MarsadError):
    """The body is larger than the limit when decompressed."""


@dataclass(frozen=True, slots=True)
class Body:
    """Plain bytes; `complete` is False when the compressed stream was cut or damaged."""

    content: bytes
    complete: bool = True


def decompress(content: bytes, encodings: str, *, limit: int) -> Body:
    """Undo the Content-Encoding header's codings, last first, then raw gzip that no header names.

    A coding that the bytes do not bear out is passed over: plain bodies labelled gzip exist.
    Raises BodyTooLarge as soon as `limit` bytes are exceeded.
    """
    names = [name.strip().lower() for name in encodings.split(",")][::-1][:_LAYERS]
    body = Body(content)
    for name in names:
        body = _undo(name, body, limit)
    for _ in range(_LAYERS):
        if not _is_gzip(body.content):
            break
        body = _undo("gzip", body, limit)
    if len(body.content) > limit:
        raise BodyTooLarge(f"more than {limit // 2**20} MiB")
    return body


def _undo(name: str, body: Body, limit: int) -> Body:
    if name in ("gzip", "x-gzip"):
        found = _inflate(body.content, limit, 31) if _is_gzip(body.content) else None
    elif name == "deflate":
        found = _inflate(body.content, limit, 15) or _inflate(body.content, limit, -15)
    elif name == "br":
        found = _unbrotli(body.content, limit)
    else:
        found = None
    if found is None:
        return body
    return Body(found.content, found.complete and body.complete)


def _is_gzip(content: bytes) -> bool:
    return content[:3] == b"\x1f\x8b\x08"


def _inflate(content: bytes, limit: int, wbits: int) -> Body | None:
    """Return None when not one byte could be inflated."""
    stream = zlib.decompressobj(wbits)
    found = bytearray()
    rest = content
    try:
        while rest and not stream.eof:
            found += stream.decompress(rest, _STEP)
            _hold(found, limit)
            rest = stream.unconsumed_tail
    except zlib.error:
        return Body(bytes(found), complete=False) if found else None
    return Body(bytes(found), complete=stream.eof) if found or stream.eof else None


def _unbrotli(content: bytes, limit: int) -> Body | None:
    stream = brotli.Decompressor()
    found = bytearray()
    rest = content
    try:
        while not stream.is_finished():
            chunk = stream.process(rest, output_buffer_limit=_STEP)
            if not chunk and stream.can_accept_more_data():
                break
            found += chunk
            _hold(found, limit)
            rest = b""
    except brotli.error:
        return Body(bytes(found), complete=False) if found else None
    return Body(bytes(found), complete=bool(stream.is_finished())) if found else None


def _hold(found: bytearray, limit: int) -> None:
    if len(found) > limit:
        raise BodyTooLarge(f"more than {limit // 2**20} MiB")
