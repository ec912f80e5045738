"""Sitemaps and sitemap indexes (sitemaps.org), with the news extension's titles and dates."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import unquote, urlsplit

from lxml import etree  # type: ignore[import-untyped]

from marsad.types import FeedEntry
from spiders.dates import EARLIEST, parse_date
from spiders.links import clean_link
from spiders.text import title_text
from spiders.xmltext import tidy_xml

INDEX = "sitemapindex"
"""The kind of a document that lists sitemaps."""

_NEWS = re.compile(r"(?:^|[/_.-])(?:news|posts?|articles?|story|stories)[\d_.-]*[^/]*$", re.I)
_NO_NEWS = re.compile(
    r"(?:^|[/_.-])(?:category|categories|tags?|authors?|users?|pages?|images?|videos?|products?|taxonomy)[\d_.-][^/]*$",
    re.I,
)
_ARABIC = re.compile(r"(?:^|[/_.-])ar(?:[/_.-]|$)", re.I)
_ROOT_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:urlset|sitemapindex)\s*>", re.I)
_ELEMENT_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:url|sitemap)\s*>", re.I)
_NUMBERS = re.compile(r"\d+|\D+")


def find_newest_sitemap(children: Sequence[FeedEntry], *, index: str) -> str | None:
    """Return the sitemap of an index that holds the newest articles, or None when none is to be read.

    The one that changed last, of equals the last by name, where numbers count as numbers: 2026-9 comes
    before 2026-10. An index speaks for its own host only (sitemaps.org, "Sitemaps & Cross Submits").
    """
    host = urlsplit(index).netloc.lower()
    left = [c for c in children if c.link and c.link != index and urlsplit(c.link).netloc.lower() == host]
    # By what their names say, as long as one is left: no lists of categories, those of articles, the Arabic ones.
    left = [c for c in left if not _NO_NEWS.search(_path(c))] or left
    left = [c for c in left if _NEWS.search(_path(c))] or left
    left = [c for c in left if _ARABIC.search(_path(c))] or left
    newest = max(left, key=lambda c: (c.updated or EARLIEST, _natural(_path(c))), default=None)
    return newest.link if newest else None


def keep_newest(entries: tuple[FeedEntry, ...], most: int) -> tuple[FeedEntry, ...]:
    """Return the newest entries by the dates that they state, in their order; the undated are left out first."""
    if len(entries) <= most:
        return entries
    dated = sorted(entries, key=lambda e: e.published or e.updated or EARLIEST, reverse=True)
    kept = set(map(id, dated[:most]))
    return tuple(entry for entry in entries if id(entry) in kept)


def _path(child: FeedEntry) -> str:
    return unquote(urlsplit(child.link or "").path)


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBERS.findall(name)]


def parse_sitemap(text: str, *, url: str, now: datetime) -> tuple[FeedEntry, ...]:
    """Return one entry for each `url` or `sitemap` element that has a `loc`, in document order."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(_whole(tidy_xml(text)).encode("utf-8", "replace"), parser)
    if root is None:
        return ()
    found = (_entry(node, url=url, now=now) for node in root.iterchildren("{*}url", "{*}sitemap"))
    return tuple(entry for entry in found if entry is not None)


def _whole(text: str) -> str:
    """Drop the last element of a document that was cut: half an address leads elsewhere."""
    if _ROOT_END.search(text):
        return text
    ends = deque(_ELEMENT_END.finditer(text), maxlen=1)
    return text[: ends[0].end()] if ends else text


def _entry(node: etree._Element, *, url: str, now: datetime) -> FeedEntry | None:
    link = clean_link(_text(node, "{*}loc"), base=url)
    if link is None:
        return None
    return FeedEntry(
        title=title_text(_text(node, "{*}news/{*}title"), markup=False),
        link=link,
        id=None,
        published=parse_date(_text(node, "{*}news/{*}publication_date"), now=now),
        updated=parse_date(_text(node, "{*}lastmod"), now=now),
    )


def _text(node: etree._Element, path: str) -> str:
    return (node.findtext(path) or "").strip()
