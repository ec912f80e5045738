"""Stored bytes → one FetchResult: the pure half of a fetch, shared by the runner and `marsad parse`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from shlex import quote

from marsad.types import (
    FailureKind,
    FetchedFeed,
    FetchedPage,
    FetchFailure,
    FetchRequest,
    FetchResult,
    Grade,
    NotModified,
    Validators,
)
from spiders.compression import Body, BodyTooLarge, decompress
from spiders.decode import decode
from spiders.extract import extract_page
from spiders.failures import failure_of, find_status_failure
from spiders.listing import parse_listing
from spiders.parse import NotAFeed, ParsedFeed, parse_feed
from spiders.settings import MAX_BYTES
from spiders.xmltext import find_root


def parse_body(
    request: FetchRequest,
    *,
    url: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    max_bytes: int = MAX_BYTES,
) -> FetchResult:
    """Judge and read one answer; `url` is where it came from in the end, header names are lower case.

    The body hash is the SHA-256 of the decompressed bytes. A body that was cut short gives what it holds,
    but no validators and no hash: the next fetch must ask for the whole of it.
    """
    asked = request.validators != Validators()
    validators = Validators(headers.get("etag"), headers.get("last-modified"))
    if status == 304 and asked:
        return NotModified(request.url, url, status, _kept(validators, request.validators))
    if failure := find_status_failure(
        request, url=url, status=status, retry_after=headers.get("retry-after"), now=now
    ):
        return failure
    try:
        plain = decompress(body, headers.get("content-encoding", ""), limit=max_bytes)
    except BodyTooLarge as exc:
        return failure_of(request, exc)
    digest = sha256(plain.content).hexdigest()
    if request.body_hash == digest:
        return NotModified(request.url, url, status, validators)
    text = decode(plain.content, headers.get("content-type")).text
    if request.what == "page":
        return FetchedPage(request.url, url, status, extract_page(text, url=url, now=now))
    return _read_feed(
        request, text, url=url, status=status, validators=validators, body=plain, digest=digest, now=now
    )


def _read_feed(
    request: FetchRequest,
    text: str,
    *,
    url: str,
    status: int,
    validators: Validators,
    body: Body,
    digest: str,
    now: datetime,
) -> FetchResult:
    try:
        feed = _parse(request, text, url=url, now=now)
    except NotAFeed as exc:
        reason = f"{request.url} {exc}"
        if exc.kind is FailureKind.WEB_PAGE:
            reason += f" To read its links to articles: marsad source add --listing {quote(request.url)}"
        return FetchFailure(request.url, url, status, Grade.SOFT, reason, kind=exc.kind)
    return FetchedFeed(
        url=request.url,
        final_url=url,
        status=status,
        kind=feed.kind,
        title=feed.title,
        entries=feed.entries,
        validators=validators if body.complete else Validators(),
        body_hash=digest if body.complete else None,
    )


def _parse(request: FetchRequest, text: str, *, url: str, now: datetime) -> ParsedFeed:
    """Read a document in its source's shape; a listing that turned into a feed is read as one."""
    if request.what != "listing" or find_root(text) not in ("html", None):
        return parse_feed(text, url=url, now=now)
    title, entries = parse_listing(text, url=url, now=now)
    if not entries:
        raise NotAFeed(
            "shows no links to articles; if a browser shows some, look for the publisher's feed or sitemap.",
            FailureKind.EMPTY,
        )
    return ParsedFeed("listing", title, entries)


def _kept(answered: Validators, asked: Validators) -> Validators:
    """A 304 need not repeat its validators (RFC 9110 §15.4.5); those that were sent still hold."""
    return Validators(answered.etag or asked.etag, answered.last_modified or asked.last_modified)
