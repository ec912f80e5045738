"""How the houses tell what is new: RSS 2.0, Atom 1.0, JSON Feed 1.1, a news sitemap. Pure.

RSS carries summaries, the sitemap titles; Atom and JSON Feed carry the full texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from demo.newsroom import Format, House, Published

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"

Render = Callable[[House, Sequence[Published], str], bytes]
"""Takes a house, its items newest first, and the address of its site without a slash at the end."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Where a format stands on a house's site, as what it is served, and how it is written."""

    path: str
    content_type: str
    render: Render


def article_path(item: Published) -> str:
    return f"/news/{item.slug}"


def _rss(house: House, items: Sequence[Published], base: str) -> bytes:
    root = Element("rss", version="2.0")
    channel = SubElement(root, "channel")
    _texts(channel, title=house.name, link=f"{base}/", description=house.motto, language="ar")
    for item in items:
        node = SubElement(channel, "item")
        _texts(node, title=item.title, link=base + article_path(item))
        SubElement(node, "guid", isPermaLink="false").text = f"{house.key}-{item.slug}"
        _texts(
            node,
            pubDate=format_datetime(item.published.astimezone(UTC)),
            # Markup inside text, as RSS has it.
            description=f"<p>{escape(item.summary)}</p>",
        )
    return _xml(root)


def _atom(house: House, items: Sequence[Published], base: str) -> bytes:
    register_namespace("", ATOM)
    root = Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "ar"})
    newest = max((item.updated or item.published for item in items), default=datetime.fromtimestamp(0, UTC))
    _texts(root, ATOM, id=f"tag:{house.host},2026:feed", title=house.name, updated=_iso(newest))
    SubElement(root, f"{{{ATOM}}}link", href=f"{base}/atom.xml", rel="self")
    SubElement(root, f"{{{ATOM}}}link", href=f"{base}/")
    _texts(SubElement(root, f"{{{ATOM}}}author"), ATOM, name=house.name)
    for item in items:
        node = SubElement(root, f"{{{ATOM}}}entry")
        _texts(
            node,
            ATOM,
            id=f"tag:{house.host},2026:{item.slug}",
            title=item.title,
            published=_iso(item.published),
            updated=_iso(item.updated or item.published),
            summary=item.summary,
        )
        SubElement(node, f"{{{ATOM}}}link", href=base + article_path(item))
        SubElement(node, f"{{{ATOM}}}content", type="html").text = _html(item)
    return _xml(root)


def _json_feed(house: House, items: Sequence[Published], base: str) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": house.name,
        "home_page_url": f"{base}/",
        "feed_url": f"{base}/feed.json",
        "description": house.motto,
        "language": "ar",
        "authors": [{"name": house.name}],
        "items": [_json_item(house, item, base) for item in items],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8")


def _json_item(house: House, item: Published, base: str) -> dict[str, Any]:
    written = {
        "id": f"{house.key}-{item.slug}",
        "url": base + article_path(item),
        "title": item.title,
        "summary": item.summary,
        "content_html": _html(item),
        "date_published": _iso(item.published),
    }
    return written | ({"date_modified": _iso(item.updated)} if item.updated else {})


def _sitemap(house: House, items: Sequence[Published], base: str) -> bytes:
    register_namespace("", SITEMAP)
    register_namespace("news", NEWS)
    root = Element(f"{{{SITEMAP}}}urlset")
    for item in items:
        node = SubElement(root, f"{{{SITEMAP}}}url")
        _texts(node, SITEMAP, loc=base + article_path(item))
        if item.updated:
            _texts(node, SITEMAP, lastmod=_iso(item.updated))
        news = SubElement(node, f"{{{NEWS}}}news")
        _texts(SubElement(news, f"{{{NEWS}}}publication"), NEWS, name=house.name, language="ar")
        _texts(news, NEWS, publication_date=_iso(item.published), title=item.title)
    return _xml(root)


FEEDS: dict[Format, Feed] = {
    "rss": Feed("/rss.xml", "application/rss+xml; charset=utf-8", _rss),
    "atom": Feed("/atom.xml", "application/atom+xml; charset=utf-8", _atom),
    "json": Feed("/feed.json", "application/feed+json", _json_feed),
    "sitemap": Feed("/news-sitemap.xml", "application/xml; charset=utf-8", _sitemap),
}
"""The listing is missing here: it is a page like any other."""


def source_path(house: House) -> str:
    """Return the path that marsad watches: the feed's, or the page with the list of articles."""
    feed = FEEDS.get(house.format)
    return feed.path if feed else "/"


def _texts(parent: Element, namespace: str = "", /, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, f"{{{namespace}}}{name}" if namespace else name).text = text


def _html(item: Published) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in item.paragraphs)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _xml(root: Element) -> bytes:
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written
