"""By what a source names its items, and which stored article an entry speaks of: pure.

Sources reuse ids, change them at every request, and give one link to many items; none of that may lose
an article or tell of it twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from marsad.types import FeedEntry, KnownArticle

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Identified:
    """An entry, the identities that lead to it, and the article that is stored under one of them."""

    entry: FeedEntry
    identities: tuple[str, ...]
    stored: KnownArticle | None


def identities_of(entry: FeedEntry) -> tuple[str, ...]:
    """Return by what a source names an entry: its id and its link, else its title."""
    given = tuple(dict.fromkeys(_key(text) for text in (entry.id, entry.link) if text))
    return given or (_key(f"title:{_digest(entry.title)}"),)


def find_identities(entries: Iterable[FeedEntry]) -> list[str]:
    """Return every identity to look up, once each."""
    return list(dict.fromkeys(key for entry in entries for key in identities_of(entry)))


def identify(entries: Sequence[FeedEntry], known: Mapping[str, KnownArticle]) -> list[Identified]:
    """Tell which entries are one item, and which article each is; the first of several equal ones stays.

    An id under which one document has several links names none of them; a link under which it has
    several titles names none of them either. A stored id that comes with another link and another title
    is a new item under a reused id; one without a title is the old item, which its page may have named. A new
    id with a stored link and its very title, or none, is the old item.
    """
    links: defaultdict[str, set[str]] = defaultdict(set)
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.link:
            links[entry.id or ""].add(entry.link)
            titles[entry.link].add(entry.title)
    found: list[Identified] = []
    seen: set[str] = set()
    for entry in entries:
        keys = identities_of(entry)
        if entry.id and entry.link and len(keys) == 2:
            if len(links[entry.id]) > 1:
                keys = keys[1:]
            elif len(titles[entry.link]) > 1:
                keys = keys[:1]
        keys, stored = _find_stored(entry, keys, known)
        if seen.isdisjoint(keys):
            found.append(Identified(entry, keys, stored))
        seen.update(keys)
    return found


def _find_stored(
    entry: FeedEntry, keys: tuple[str, ...], known: Mapping[str, KnownArticle]
) -> tuple[tuple[str, ...], KnownArticle | None]:
    stored = known.get(keys[0])
    if len(keys) == 1:
        return keys, stored
    by_link = known.get(keys[1])
    if stored is not None:
        reused = stored.url not in (None, entry.link) and entry.title not in ("", stored.title)
        return (keys[1:], by_link) if reused else (keys, stored)
    if by_link is not None and entry.title and by_link.title != entry.title:
        return keys[:1], None
    return keys, by_link


def _key(text: str) -> str:
    # It is part of a key, and PostgreSQL takes no more than 2,704 bytes into an index.
    return text if len(text) <= _LONGEST else f"sha256:{_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
