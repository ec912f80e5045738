"""The invented news: what five houses have published at a moment. Pure, but for reading the files.

`news/*.toml` holds a house each: `[house]`, and an `[[item]]` for each article. An item stands in the feed from
the start, dated `before` minutes ago, or comes out `after` seconds; `[item.edit]` changes its title, summary or
body later. Bodies are paragraphs between empty lines. Seconds run faster with the demo's speed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast, get_args

NEWS = Path(__file__).parent / "news"

Format = Literal["rss", "atom", "json", "sitemap", "listing"]


@dataclass(frozen=True, slots=True)
class Edit:
    """What an item says from `after` seconds on; None leaves a part as it was."""

    after: float
    title: str | None = None
    summary: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One article as written; `before` is in minutes, `after` in seconds, one of them is given."""

    slug: str
    title: str
    summary: str
    body: str
    before: float | None = None
    after: float | None = None
    edit: Edit | None = None


@dataclass(frozen=True)
class House:
    """An invented publisher; `format` is how it tells the world what is new."""

    key: str
    name: str
    name_en: str
    motto: str
    format: Format
    colour: str
    items: tuple[Item, ...]

    @cached_property
    def host(self) -> str:
        """Its host name; names under localhost mean this machine (RFC 6761 §6.3)."""
        return f"{self.key}.localhost"


@dataclass(frozen=True, slots=True)
class Published:
    """An article as it stands in public at a moment."""

    slug: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    published: datetime
    updated: datetime | None


@dataclass(frozen=True, slots=True)
class Pace:
    """When the demo began, and how many of the news' seconds pass in one."""

    started: datetime
    speed: float = 1.0

    def moment(self, seconds: float) -> datetime:
        """Return when so many of the news' seconds have passed."""
        return self.started + timedelta(seconds=seconds / self.speed)


def load_news(folder: Path = NEWS) -> tuple[House, ...]:
    """Read every house, by its key; raises ValueError for a file that is not as described above."""
    houses = []
    for path in sorted(folder.glob("*.toml")):
        try:
            houses.append(_house(tomllib.loads(path.read_text(encoding="utf-8"))))
        except (KeyError, TypeError, ValueError) as exc:
            raise ValueError(f"{path.name}: {exc}") from exc
    return tuple(houses)


def items_at(house: House, pace: Pace, now: datetime) -> tuple[Published, ...]:
    """Return what a house has published by now, newest first."""
    out = (_published(item, pace, now) for item in house.items)
    return tuple(sorted((p for p in out if p.published <= now), key=lambda p: p.published, reverse=True))


def last_change(houses: Sequence[House], pace: Pace) -> datetime:
    """Return when the last item comes out or is edited; nothing new happens then."""
    items = [item for house in houses for item in house.items]
    return pace.moment(max(max(item.after or 0, item.edit.after if item.edit else 0) for item in items))


def _published(item: Item, pace: Pace, now: datetime) -> Published:
    title, summary, body = item.title, item.summary, item.body
    edited_at = pace.moment(item.edit.after) if item.edit else None
    if item.edit is None or edited_at is None or edited_at > now:
        edited_at = None
    else:
        title, summary, body = (
            item.edit.title or title,
            item.edit.summary or summary,
            item.edit.body or body,
        )
    return Published(
        slug=item.slug,
        title=title,
        summary=summary,
        paragraphs=tuple(part.strip() for part in body.split("\n\n")),
        published=pace.started - timedelta(minutes=item.before)
        if item.before is not None
        else pace.moment(item.after or 0),
        updated=edited_at,
    )


def _house(document: Mapping[str, Any]) -> House:
    house = document["house"]
    if house["format"] not in get_args(Format):
        raise ValueError(f"{house['format']} is no format")
    return House(
        key=house["key"],
        name=house["name"],
        name_en=house["name_en"],
        motto=house["motto"],
        format=cast("Format", house["format"]),
        colour=house["colour"],
        items=tuple(_item(each) for each in document["item"]),
    )


def _item(given: Mapping[str, Any]) -> Item:
    if ("before" in given) == ("after" in given):
        raise ValueError(f"{given['slug']}: give either before or after")
    parts = dict(given) | {"body": given["body"].strip()}
    if edit := given.get("edit"):
        parts["edit"] = Edit(**edit)
    return Item(**parts)
