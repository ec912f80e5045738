"""Decoded text → a feed's title and entries: RSS and Atom through feedparser, JSON Feed, sitemaps."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import feedparser

from marsad.errors import MarsadError
from marsad.types import FailureKind, FeedEntry
from spiders.dates import parse_date
from spiders.jsonfeed import parse_json_feed
from spiders.links import clean_link
from spiders.sitemap import keep_newest, parse_sitemap
from spiders.text import html_text, title_text
from spiders.xmltext import count_entries, find_root, is_well_formed, repair, shorten, tidy_xml

MAX_ENTRIES = 2_000
MAX_BROKEN = 500_000
"""Code points of a document that no strict parser reads: the lenient one is slow on hostile input."""

MAX_SUMMARY = 10_000
MAX_CONTENT = 200_000
MAX_TITLE = 1_000
"""Code points kept; longer texts are cut."""

_VERSION = re.compile(r"([a-z]+)(\d)(\d*)")


class NotAFeed(MarsadError):
    """The document is something else; the message says what."""

    def __init__(self, message: str, kind: FailureKind = FailureKind.NOT_A_FEED) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a document holds, whatever its format."""

    kind: str
    title: str | None
    entries: tuple[FeedEntry, ...]


def parse_feed(text: str, *, url: str, now: datetime) -> ParsedFeed:
    """Parse any feed format; links are resolved against `url`. Raises NotAFeed."""
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        raise NotAFeed("is empty; check the address.", FailureKind.EMPTY)
    if start[0] in "{[":
        found = parse_json_feed(start, url=url, now=now)
        if found is None:
            raise NotAFeed("is JSON, but no JSON Feed; look for the publisher's feed address.")
        return ParsedFeed(*found)
    root = find_root(text)
    if root == "html" or (root is None and start[:9].lower() == "<!doctype"):
        raise NotAFeed("is a web page, not a feed; look for the feed's own address.", FailureKind.WEB_PAGE)
    if root in ("urlset", "sitemapindex"):
        return ParsedFeed(root, None, keep_newest(parse_sitemap(text, url=url, now=now), MAX_ENTRIES))
    return _parse_xml(text, url=url, now=now)


def _parse_xml(text: str, *, url: str, now: datetime) -> ParsedFeed:
    text = tidy_xml(text)
    if count_entries(text) > MAX_ENTRIES:
        text = shorten(text, entries=MAX_ENTRIES, length=len(text))
    if not is_well_formed(text):
        text = repair(text)
        if len(text) > MAX_BROKEN and not is_well_formed(text):
            text = shorten(text, entries=MAX_ENTRIES, length=MAX_BROKEN)
    # A stream, so that feedparser never takes the text for an address or a file name; labelled as what it
    # is, so that it never guesses an encoding. It resolves links, the cleaning is ours.
    parsed = feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if not parsed.get("version") and not parsed.entries:
        raise NotAFeed("is not a feed; look for the feed's own address.")
    rss = not str(parsed.get("version", "")).startswith("atom")
    return ParsedFeed(
        kind=_kind(parsed.get("version", "")),
        title=_title(parsed.feed, rss=rss) or None,
        entries=tuple(_entry(entry, rss=rss, url=url, now=now) for entry in parsed.entries),
    )


def _kind(version: str) -> str:
    found = _VERSION.match(version)
    return f"{found[1]}{found[2]}.{found[3] or '0'}" if found else version or "xml"


def _entry(entry: Any, *, rss: bool, url: str, now: datetime) -> FeedEntry:
    published = parse_date(entry.get("published"), now=now, otherwise=entry.get("published_parsed"))
    # feedparser offers `published` for a missing `updated`; only a stated one counts.
    updated = parse_date(dict.get(entry, "updated"), now=now, otherwise=dict.get(entry, "updated_parsed"))
    content = entry.get("content")
    return FeedEntry(
        title=_title(entry, rss=rss),
        link=clean_link(entry.get("link"), base=url),
        id=entry.get("id") or None,
        published=published or (updated if not rss else None),
        updated=updated,
        summary=_cut(html_text(entry.get("summary") or ""), MAX_SUMMARY),
        content=_cut(html_text(content[0].get("value") or ""), MAX_CONTENT) if content else None,
        author=_cut(html_text(entry.get("author") or ""), 200),
    )


def _title(part: Any, *, rss: bool) -> str:
    """RSS does not say whether a title is markup; Atom does (RFC 4287 §3.1)."""
    kind = (part.get("title_detail") or {}).get("type")
    return title_text(part.get("title") or "", markup=rss or kind != "text/plain")[:MAX_TITLE]


def _cut(text: str, length: int) -> str | None:
    return text[:length] or None
