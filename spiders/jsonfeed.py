"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from marsad.types import FeedEntry
from spiders.dates import parse_date
from spiders.links import clean_link
from spiders.text import html_text, tidy, title_text

_MAX = 200_000


def parse_json_feed(
    text: str, *, url: str, now: datetime
) -> tuple[str, str | None, tuple[FeedEntry, ...]] | None:
    """Return kind, title and entries; None when the document is no JSON Feed."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return None
    version = _text(document.get("version"))
    if "jsonfeed.org" not in version:
        return None
    entries = tuple(_entry(i, url=url, now=now) for i in document["items"] if isinstance(i, dict))
    kind = "json" + (version.rsplit("/", 1)[-1] or "1")
    return kind, title_text(_text(document.get("title")), markup=False) or None, entries


def _entry(item: dict[str, Any], *, url: str, now: datetime) -> FeedEntry:
    content = html_text(_text(item.get("content_html"))) or tidy(_text(item.get("content_text")))
    return FeedEntry(
        title=title_text(_text(item.get("title")), markup=False),
        link=clean_link(_text(item.get("url")) or _text(item.get("external_url")), base=url),
        id=_text(item.get("id")) or None,
        published=parse_date(_text(item.get("date_published")), now=now),
        updated=parse_date(_text(item.get("date_modified")), now=now),
        summary=tidy(_text(item.get("summary"))) or None,
        content=content[:_MAX] or None,
        author=_author(item),
    )


def _author(item: dict[str, Any]) -> str | None:
    """Version 1.1 has `authors`, a list; 1.0 had `author`."""
    authors = item.get("authors")
    people = authors if isinstance(authors, list) else [item.get("author")]
    names = [title_text(_text(p.get("name")), markup=False) for p in people if isinstance(p, dict)]
    return ", ".join(filter(None, names)) or None


def _text(value: object) -> str:
    """Ids are often numbers, against the specification."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)
