"""One long-lived crawler in a running asyncio loop: each FetchRequest gives exactly one FetchResult."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self
from weakref import WeakValueDictionary

from marsad.addresses import Allowance, Resolver, parse_target, system_resolver
from marsad.types import FetchedFeed, FetchRequest, FetchResult, NotModified, Validators
from spiders.article import ArticleSpider
from spiders.base import FetchSpider, utc_now
from spiders.downloader import DEADLINE, HOPS
from spiders.failures import IndexWithoutSitemap, failure_of, is_expected
from spiders.feed import FeedSpider, ListingSpider
from spiders.guard import Connector, Guard, tcp_connector
from spiders.reactor import start_reactor
from spiders.settings import DEADLINE as DEADLINE_SECONDS
from spiders.settings import MAX_BYTES, scrapy_settings, user_agent
from spiders.sitemap import INDEX, find_newest_sitemap

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger(__name__)

_GRACE = 0.5
"""Seconds by which the outer time limit comes after the one inside Scrapy, which closes the connection."""

_PARSE_SECONDS = 30.0
_PARSE_THREADS = 2


class Fetcher:
    """Fetches through one resident Scrapy crawler, one request at a time to a host.

    Use as `async with Fetcher(allow=...) as fetcher: result = await fetcher.fetch(request)`. Several may
    live one after the other in a process, all on one asyncio loop. `deadline` is in seconds and holds for
    one fetch with its robots.txt, redirects and body; `max_bytes` for the body, also when decompressed.
    A sitemap index gives the entries of its newest sitemap, by one more request with a deadline of its own,
    unless it is not to be followed.
    """

    def __init__(
        self,
        *,
        allow: Allowance = Allowance(),
        resolve: Resolver = system_resolver,
        connect: Connector = tcp_connector,
        deadline: float = DEADLINE_SECONDS,
        max_bytes: int = MAX_BYTES,
        agent: str | None = None,
        obey_robots: bool = True,
        follow_indexes: bool = True,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._guard = Guard(allow, resolve, connect)
        self._deadline = deadline
        self._settings = scrapy_settings(
            agent=agent or user_agent(), max_bytes=max_bytes, obey_robots=obey_robots
        )
        self._spiders: dict[str, FetchSpider] = {
            "feed": FeedSpider(now=now, max_bytes=max_bytes),
            "listing": ListingSpider(now=now, max_bytes=max_bytes),
            "page": ArticleSpider(now=now, max_bytes=max_bytes),
        }
        self._follow_indexes = follow_indexes
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._crawler: Crawler | None = None
        self._crawl: asyncio.Task[None] | None = None
        self._threads = ThreadPoolExecutor(_PARSE_THREADS, thread_name_prefix="parse")

    async def __aenter__(self) -> Self:
        start_reactor()
        # Only now: these import the reactor.
        from scrapy.crawler import AsyncCrawlerRunner

        from spiders.resident import ResidentSpider

        runner = AsyncCrawlerRunner(self._settings)
        self._crawler = runner.create_crawler(ResidentSpider)
        opened = asyncio.Event()
        self._crawl = runner.crawl(self._crawler, guard=self._guard, deadline=self._deadline, opened=opened)
        waiting = asyncio.ensure_future(opened.wait())
        await asyncio.wait({self._crawl, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not opened.is_set():
            waiting.cancel()
            await self._crawl  # raises what kept the crawler from starting
            raise RuntimeError("The crawler ended before it began.")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._crawler is not None and self._crawl is not None:
            await self._crawler.stop_async()
            await self._crawl
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def fetch(self, fetch: FetchRequest) -> FetchResult:
        """Fetch and read one address; whatever happens, the outcome is the returned value."""
        result = await self._fetch_in_turn(fetch)
        if self._follow_indexes and isinstance(result, FetchedFeed) and result.kind == INDEX:
            return await self._fetch_newest(fetch, result)
        return result

    async def _fetch_newest(self, fetch: FetchRequest, index: FetchedFeed) -> FetchResult:
        """The entries of an index's newest sitemap, as if they stood in the index.

        The next fetch asks for the index again without condition: its validators say nothing of the sitemap.
        The body hash is the sitemap's.
        """
        newest = find_newest_sitemap(index.entries, index=index.final_url)
        if newest is None:
            return failure_of(fetch, IndexWithoutSitemap())
        result = await self._fetch_in_turn(FetchRequest(newest, "feed", body_hash=fetch.body_hash))
        if isinstance(result, FetchedFeed) and result.kind == INDEX:
            return failure_of(fetch, IndexWithoutSitemap())
        if isinstance(result, FetchedFeed | NotModified):
            result = replace(result, validators=Validators())
        return replace(result, url=fetch.url, final_url=index.final_url)

    async def _fetch_in_turn(self, fetch: FetchRequest) -> FetchResult:
        hops: list[str] = []
        host = "?"
        try:
            host = parse_target(fetch.url).host
            async with self._turns.setdefault(host, asyncio.Lock()):
                return await self._fetch(fetch, hops)
        except Exception as exc:
            if is_expected(exc):
                log.info("fetch failed", extra={"host": host, "cause": type(exc).__name__})
            else:
                log.exception("fetch broke", extra={"host": host})
            return failure_of(fetch, exc, hops=hops)

    async def _fetch(self, fetch: FetchRequest, hops: list[str]) -> FetchResult:
        if self._crawler is None:
            raise RuntimeError("A Fetcher fetches only inside `async with`.")
        spider = self._spiders[fetch.what]
        request = spider.build_request(fetch)
        request.meta[HOPS] = hops
        request.meta[DEADLINE] = monotonic() + self._deadline
        async with asyncio.timeout(self._deadline + _GRACE):
            # The switch: `engine.crawl(request)` would go through Scrapy's scheduler at twice the cost.
            response = await self._crawler.engine.download_async(request)
        async with asyncio.timeout(_PARSE_SECONDS):
            return await asyncio.get_running_loop().run_in_executor(self._threads, spider.parse, response)
