"""Article page → its own text, title, date, author and language, without the page around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lxml import html  # type: ignore[import-untyped]
from lxml.etree import LxmlError  # type: ignore[import-untyped]

from marsad.types import ExtractedPage
from spiders.dates import parse_date
from spiders.text import html_text, tidy

MIN_WORDS = 25
"""Pages with fewer words of their own hold a link, a video or boilerplate: the feed's summary says more."""

MAX_LENGTH = 1_000_000
"""Code points of a page that are looked at."""

_ADDRESS = re.compile(r"https?://\S+")
_WORD = re.compile(r"\w+")
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,300}\?>", re.I)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])", re.I)
_ARABIC = re.compile("[\u0621-\u064a]")
_LATIN = re.compile("[A-Za-z]")
_PUBLISHED = ("article:published_time", "og:published_time", "datepublished", "dc.date.issued", "publishdate")


def extract_page(text: str, *, url: str | None, now: datetime) -> ExtractedPage:
    """Extract from decoded text; a page without an article of its own has text "".

    The date comes with its time from JSON-LD or meta elements, else as a day from the page. Never raises
    on any text: a page that cannot be parsed is a page without an article.
    """
    text = _DECLARATION.sub("", text[:MAX_LENGTH])  # lxml refuses text that declares an encoding
    try:
        tree = html.document_fromstring(text) if text.strip() else None
    except (LxmlError, ValueError):
        tree = None
    if tree is None:
        return ExtractedPage(title=None, text="")
    heading = _heading(tree)
    stated = _stated(tree)
    published = next((d for v in _stated_dates(tree, stated) if (d := parse_date(v, now=now))), None)
    language = _language(tree)
    import trafilatura  # a third of a second, which the start of a service can do without

    found = trafilatura.bare_extraction(
        tree, url=url, favor_precision=True, include_comments=False, with_metadata=True
    )
    title = _title(heading, _line(getattr(found, "title", None)))
    body = _own_text(getattr(found, "text", None) or "", title)
    return ExtractedPage(
        title=title,
        text=body,
        published=published or parse_date(getattr(found, "date", None), now=now),
        author=_line(getattr(found, "author", None)),
        language=language or _language_of(body),
    )


def _heading(tree: html.HtmlElement) -> str | None:
    """The page's heading, if there is just one; read before extraction takes the tree apart."""
    headings = tree.xpath("//h1")
    return _line(headings[0].text_content()) if len(headings) == 1 else None


def _title(heading: str | None, title: str | None) -> str | None:
    """A title that begins with the heading goes on with the site's name: the heading is enough."""
    return heading if heading and title and title.startswith(heading) else title or heading


def _own_text(text: str, title: str | None) -> str:
    """The article without its title on top, which would be found twice; "" when there is hardly any."""
    first, _, rest = (text := tidy(text)).partition("\n")
    text = rest if first == title else text
    return text if len(_WORD.findall(_ADDRESS.sub(" ", text))) >= MIN_WORDS else ""


def _stated(tree: html.HtmlElement) -> list[dict[str, Any]]:
    """JSON-LD objects of the page, flat (schema.org, usually NewsArticle)."""
    found: list[dict[str, Any]] = []
    for script in tree.xpath("//script[@type='application/ld+json']")[:20]:
        try:
            found.extend(_objects(json.loads(script.text or "", strict=False)))
        except (ValueError, RecursionError):
            continue
    return found


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)
    elif isinstance(value, dict):
        yield value
        yield from _objects(value.get("@graph", []))


def _stated_dates(tree: html.HtmlElement, stated: list[dict[str, Any]]) -> Iterator[str]:
    for thing in stated:
        if isinstance(value := thing.get("datePublished"), str):
            yield value
    for meta in tree.xpath("//meta[@content]"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        if name in _PUBLISHED:
            yield meta.get("content")


def _language(tree: html.HtmlElement) -> str | None:
    found = _LANGUAGE.match(
        (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()
    )
    return found[0].lower() if found else None


def _language_of(text: str) -> str | None:
    """Arabic script is taken for Arabic: its neighbours (Persian, Urdu) state their language more often."""
    arabic, latin = len(_ARABIC.findall(text)), len(_LATIN.findall(text))
    return "ar" if arabic > latin else None


def _line(value: str | None) -> str | None:
    return " ".join(html_text(value).split())[:1000] or None if value else None
