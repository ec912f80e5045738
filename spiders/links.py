"""Links of entries: absolute web addresses, or none."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit


def clean_link(link: str | None, *, base: str) -> str | None:
    """Resolve a link (RFC 3986); None for what is no web address, such as `javascript:`.

    A link to the author's own machine (http://localhost:1313) stays what the feed says; it is the guard
    that never lets it be fetched."""
    if not link:
        return None
    try:
        resolved = urljoin(base, link.strip())
        parts = urlsplit(resolved)
        host = parts.hostname or ""
    except ValueError:
        return None
    return resolved if parts.scheme in ("http", "https") and host else None
