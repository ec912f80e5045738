"""The houses' sites, read as marsad's spiders read them."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from demo.formats import FEEDS, source_path
from demo.loopback import Asked, LoopbackServer
from demo.newsroom import House, Pace, last_change, load_news
from demo.site import Sites
from marsad.types import Term
from matching.matcher import compile_matcher
from spiders.extract import extract_page
from spiders.listing import parse_listing
from spiders.parse import parse_feed
from tests.demo.gold import MENTIONS, MENTIONS_ONCE_EDITED, TERMS

STARTED = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUSES = load_news()
END = last_change(HOUSES, Pace(STARTED))
WITH_FEED = [house for house in HOUSES if house.format in FEEDS]
KINDS = {"rss": "rss2.0", "atom": "atom1.0", "json": "json1.1", "sitemap": "urlset"}


def sites_at(now: datetime) -> Sites:
    sites = Sites(HOUSES, Pace(STARTED), now=lambda: now)
    sites.port = 8400
    return sites


def page(sites: Sites, house: House, path: str) -> str:
    answer = sites.answer(Asked("GET", house.host, path))
    assert answer.status == 200
    return answer.content.decode("utf-8")


@pytest.mark.parametrize("house", WITH_FEED, ids=lambda house: house.format)
@pytest.mark.parametrize(
    "now", [STARTED, STARTED + timedelta(seconds=120), END], ids=["start", "later", "end"]
)
def test_a_feed_says_what_is_out_with_its_titles_links_and_dates(house: House, now: datetime) -> None:
    sites = sites_at(now)
    feed = parse_feed(page(sites, house, source_path(house)), url=sites.source_url(house), now=now)
    assert feed.kind == KINDS[house.format]
    out = sites.items(house)
    assert [entry.title for entry in feed.entries] == [item.title for item in out]
    assert [entry.link for entry in feed.entries] == [f"{sites.base(house)}/news/{item.slug}" for item in out]
    assert [entry.published for entry in feed.entries] == [item.published for item in out]
    edited = [entry.updated for entry in feed.entries if entry.updated not in (None, entry.published)]
    if house.format != "rss":  # which has no element for it
        assert edited == [item.updated for item in out if item.updated]


def test_the_house_without_a_feed_is_read_from_the_page_that_lists_its_articles() -> None:
    (house,) = (house for house in HOUSES if house.format == "listing")
    sites = sites_at(END)
    _, entries = parse_listing(page(sites, house, source_path(house)), url=sites.source_url(house), now=END)
    out = sites.items(house)
    assert [entry.title for entry in entries] == [item.title for item in out]
    assert [entry.link for entry in entries] == [f"{sites.base(house)}/news/{item.slug}" for item in out]
    assert [entry.published for entry in entries] == [item.published for item in out]


@pytest.mark.parametrize("house", WITH_FEED, ids=lambda house: house.format)
def test_an_item_keeps_its_id_when_it_is_edited(house: House) -> None:
    begin, end = (
        {
            entry.link: entry.id
            for entry in parse_feed(page(sites, house, source_path(house)), url="http://x/", now=END).entries
        }
        for sites in (sites_at(STARTED + timedelta(seconds=90)), sites_at(END))
    )
    assert begin.items() <= end.items()


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.key)
def test_feed_and_article_page_together_hold_every_mention_and_no_other(house: House) -> None:
    matcher = compile_matcher([Term(name) for name in TERMS])
    sites = sites_at(END)
    feed = FEEDS.get(house.format)
    entries = (
        {e.link: e for e in parse_feed(page(sites, house, feed.path), url="http://x/", now=END).entries}
        if feed
        else {}
    )
    for item in sites.items(house):
        link = f"{sites.base(house)}/news/{item.slug}"
        read = extract_page(page(sites, house, f"/news/{item.slug}"), url=link, now=END)
        assert _bare(read.title) == _bare(item.title)
        assert read.published == item.published
        texts = [item.title, read.text]
        if entry := entries.get(link):
            texts += [entry.summary or "", entry.content or ""]
        mentioned = {hit.term.name for text in texts for hit in matcher.find(text)}
        assert mentioned <= MENTIONS_ONCE_EDITED.get(item.slug, MENTIONS[item.slug]), item.slug
        assert mentioned >= (MENTIONS[item.slug] if not item.updated else set()), item.slug


def _bare(title: str | None) -> str:
    """A title without direction marks, which extraction drops."""
    return "".join(c for c in title or "" if unicodedata.category(c) != "Cf")


def test_over_http_a_house_answers_by_its_name_only_and_tells_what_has_not_changed() -> None:
    sites = sites_at(STARTED)
    with (
        LoopbackServer(sites.answer) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client,
    ):
        named = {"Host": f"madar.localhost:{server.port}"}
        first = client.get("/rss.xml", headers=named)
        assert first.headers["content-type"].startswith("application/rss+xml")
        again = client.get("/rss.xml", headers=named | {"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.head("/rss.xml", headers=named).headers["content-length"] == str(len(first.content))
        assert client.get("/rss.xml").status_code == 404
        assert client.get("/news/nothing", headers=named).status_code == 404
        assert client.post("/rss.xml", headers=named).status_code == 404
        assert client.get("/robots.txt", headers=named).status_code == 200


def test_news_to_come_cannot_be_read_yet() -> None:
    madar = next(house for house in HOUSES if house.key == "madar")
    asked = Asked("GET", madar.host, "/news/generations-compared")
    assert sites_at(STARTED).answer(asked).status == 404
    assert sites_at(END).answer(asked).status == 200
