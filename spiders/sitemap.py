"""Sitemaps and sitemap indexes (sitemaps.org), with the news extension's titles and dates."""

from __future__ import annotations

from datetime import datetime

from lxml import etree  # type: ignore[import-untyped]

from marsad.types import FeedEntry
from spiders.dates import parse_date
from spiders.links import clean_link
from spiders.text import title_text
from spiders.xmltext import tidy_xml


def parse_sitemap(text: str, *, url: str, now: datetime) -> tuple[FeedEntry, ...]:
    """Return one entry for each `url` or `sitemap` element that has a `loc`, in document order."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(tidy_xml(text).encode("utf-8", "replace"), parser)
    if root is None:
        return ()
    found = (_entry(node, url=url, now=now) for node in root.iterchildren("{*}url", "{*}sitemap"))
    return tuple(entry for entry in found if entry is not None)


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
