"""A sitemap index is no news: the newest of its sitemaps is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from marsad.types import (
    FailureKind,
    FeedEntry,
    FetchedFeed,
    FetchFailure,
    FetchRequest,
    NotModified,
    Validators,
)
from spiders.runner import Fetcher
from spiders.sitemap import find_newest_sitemap, keep_newest, parse_sitemap
from tests.spiders.conftest import LOOPBACK
from tests.spiders.documents import NOW
from tests.spiders.server import Server

INDEX = "https://news.example/sitemap.xml"


def newest(*children: str) -> str | None:
    """The newest by its name; a child is "path" or "path date"."""
    found = [_child(*child.split()) for child in children]
    link = find_newest_sitemap(found, index=INDEX)
    return link and link.removeprefix("https://news.example")


def _child(path: str, date: str | None = None) -> FeedEntry:
    link = path if "://" in path else f"https://news.example{path}"
    return FeedEntry(
        "", link, None, updated=datetime.fromisoformat(date).replace(tzinfo=UTC) if date else None
    )


@pytest.mark.parametrize(
    ("children", "link"),
    [
        (("/s/2026-9.xml", "/s/2026-10.xml", "/s/2025-12.xml"), "/s/2026-10.xml"),
        (("/s/2026-09.xml", "/s/2026-10.xml"), "/s/2026-10.xml"),
        (("/a.xml 2026-02-01", "/b.xml 2026-01-01"), "/a.xml"),
        (("/post-sitemap.xml 2026-02-01", "/category-sitemap.xml 2026-02-01", "/page-sitemap.xml 2026-03-01"),
         "/post-sitemap.xml"),
        (("/post-sitemap9.xml", "/post-sitemap10.xml", "/author-sitemap.xml"), "/post-sitemap10.xml"),
        (("/templates.xml 2026-02-09", "/post-sitemap.xml 2026-02-01"), "/post-sitemap.xml"),
        (("/ar/sitemap.xml 2026-01-01", "/en/sitemap.xml 2026-02-01"), "/ar/sitemap.xml"),
        (("/category-sitemap.xml",), "/category-sitemap.xml"),
        (("https://other.example/news.xml", "/sitemap.xml"), None),
        ((), None),
    ],
)  # fmt: skip
def test_the_newest_sitemap_of_articles_is_chosen(children: tuple[str, ...], link: str | None) -> None:
    assert newest(*children) == link


def test_of_too_many_addresses_the_newest_are_kept_in_their_order() -> None:
    dated = [_child(f"/{n}", f"2026-01-{n:02d}") for n in (3, 1, 4, 2)]
    assert [e.link for e in keep_newest((*dated, _child("/undated")), 2)] == [
        "https://news.example/3",
        "https://news.example/4",
    ]


def test_half_an_address_is_not_kept() -> None:
    cut = "<urlset><url><loc>https://news.example/a/1</loc></url><url><loc>https://news.example/a/2"
    assert [entry.link for entry in parse_sitemap(cut, url=INDEX, now=NOW)] == ["https://news.example/a/1"]


def sitemaps(server: Server, *children: str) -> str:
    listed = "".join(f"<sitemap><loc>{server.url(child)}</loc></sitemap>" for child in children)
    return server.answer("/index.xml", f"<sitemapindex>{listed}</sitemapindex>", ETag='"i"')


def articles(*paths: str) -> str:
    return f"<urlset>{''.join(f'<url><loc>/{path}</loc></url>' for path in paths)}</urlset>"


async def test_an_index_gives_the_articles_of_its_newest_sitemap(server: Server, fetcher: Fetcher) -> None:
    url = sitemaps(server, "/map-2.xml", "/map-10.xml")
    server.answer("/map-10.xml", articles("a/1", "a/2"), ETag='"m"')

    feed = await fetcher.fetch(FetchRequest(url, "feed"))

    assert isinstance(feed, FetchedFeed)
    assert [entry.link for entry in feed.entries] == [server.url("/a/1"), server.url("/a/2")]
    assert (feed.url, feed.final_url, feed.kind) == (url, url, "urlset")
    assert server.paths() == ["/index.xml", "/map-10.xml"]
    # An index that is "not modified" would hide what is new in its sitemap.
    assert feed.validators == Validators()
    again = await fetcher.fetch(replace(FetchRequest(url, "feed"), body_hash=feed.body_hash))
    assert isinstance(again, NotModified)


@pytest.mark.parametrize(
    "inner", ["<sitemapindex><sitemap><loc>/map.xml</loc></sitemap></sitemapindex>", None]
)
async def test_an_index_that_leads_nowhere_says_so(
    server: Server, fetcher: Fetcher, inner: str | None
) -> None:
    url = sitemaps(server, *(["/inner.xml"] if inner else []))
    if inner:
        server.answer("/inner.xml", inner)

    failure = await fetcher.fetch(FetchRequest(url, "feed"))

    assert isinstance(failure, FetchFailure)
    assert (failure.url, failure.kind) == (url, FailureKind.NOT_A_FEED)
    assert url in failure.reason
    assert "lists no sitemap" in failure.reason


async def test_a_sitemap_that_is_away_is_named(server: Server, fetcher: Fetcher) -> None:
    url = sitemaps(server, "/away.xml")
    failure = await fetcher.fetch(FetchRequest(url, "feed"))
    assert isinstance(failure, FetchFailure)
    assert (failure.url, failure.status, failure.kind) == (url, 404, FailureKind.NOT_FOUND)
    assert server.url("/away.xml") in failure.reason


async def test_an_index_can_be_looked_at_as_it_is(server: Server) -> None:
    url = sitemaps(server, "/map.xml")
    async with Fetcher(allow=LOOPBACK, follow_indexes=False, now=lambda: NOW) as fetcher:
        feed = await fetcher.fetch(FetchRequest(url, "feed"))
    assert isinstance(feed, FetchedFeed)
    assert [entry.link for entry in feed.entries] == [server.url("/map.xml")]
