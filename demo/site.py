"""The houses' web sites: a front page, the articles, robots.txt, and the feed where there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property

import jinja2
from babel.dates import format_datetime

from demo.formats import FEEDS, article_path, source_path
from demo.loopback import NOT_FOUND, Answer, Asked
from demo.newsroom import House, Pace, Published, items_at


class Sites:
    """Answers for every house by its host name; `port` is where the sites are reached."""

    def __init__(self, houses: Sequence[House], pace: Pace, *, now: Callable[[], datetime]) -> None:
        self.houses = {house.host: house for house in houses}
        self.port = 0
        self._pace = pace
        self._now = now

    def base(self, house: House) -> str:
        """The address of a house's site, without a slash at the end."""
        return f"http://{house.host}:{self.port}"

    def source_url(self, house: House) -> str:
        """The address that marsad watches."""
        return self.base(house) + source_path(house)

    def items(self, house: House) -> tuple[Published, ...]:
        """What the house has published by now, newest first."""
        return items_at(house, self._pace, self._now())

    def answer(self, asked: Asked) -> Answer:
        house = self.houses.get(asked.host)
        if house is None or asked.method not in ("GET", "HEAD"):
            return NOT_FOUND
        items = self.items(house)
        feed = FEEDS.get(house.format)
        if feed is not None and asked.path == feed.path:
            return Answer(200, feed.content_type, feed.render(house, items, self.base(house)))
        if asked.path == "/robots.txt":
            return Answer(200, content=b"User-agent: *\nAllow: /\n")
        if asked.path == "/":
            return self._page("front.html", house, items=items)
        for item in items:
            if asked.path == article_path(item):
                others = [other for other in items if other is not item][:3]
                return self._page("article.html", house, item=item, others=others)
        return NOT_FOUND

    def _page(self, template: str, house: House, **context: object) -> Answer:
        feed = FEEDS.get(house.format)
        content = self._templates.get_template(template).render(house=house, feed=feed, **context)
        return Answer(200, "text/html; charset=utf-8", content.encode("utf-8"))

    @cached_property
    def _templates(self) -> jinja2.Environment:
        templates = jinja2.Environment(
            loader=jinja2.PackageLoader("demo"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters["path"] = article_path
        templates.filters["date"] = _date
        return templates


def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), "d MMMM y، HH:mm", locale="ar")
