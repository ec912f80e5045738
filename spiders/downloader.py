"""What every request passes inside Scrapy: address shape, deadline, redirects, the guarded handler.

The resident spider carries the guard and the limits, so nothing of them goes through Scrapy's settings.
"""

from __future__ import annotations

from time import monotonic
from typing import Any
from urllib.parse import urljoin

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _ScrapyAgent
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.web.client import Agent

from marsad.addresses import Target, parse_target
from marsad.errors import MarsadError
from spiders.guard import GuardedEndpoints
from spiders.settings import MAX_REDIRECTS, ROBOTS_DEADLINE, ROBOTS_MAX_BYTES

REDIRECTS = frozenset({301, 302, 303, 307, 308})
IDLE_CONNECTION_SECONDS = 15
FETCH = "fetch"
DEADLINE = "deadline"
HOPS = "hops"
"""Keys of `Request.meta`: the FetchRequest; monotonic seconds at which all hops are over; the addresses that
redirects led to, a list that all hops share."""


class TooManyRedirects(MarsadError):
    """The chain of redirects did not end within the limit."""


class ShapeMiddleware:
    """Refuses addresses that two parsers could read differently, and gives robots.txt its own limits."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ShapeMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        parse_target(request.url)
        if DEADLINE not in request.meta:  # only Scrapy's own request for robots.txt comes without
            seconds = min(ROBOTS_DEADLINE, self._crawler.spider.deadline / 2)  # type: ignore[union-attr]
            request.meta[DEADLINE] = monotonic() + seconds
            request.meta["download_maxsize"] = ROBOTS_MAX_BYTES


class RedirectMiddleware:
    """Follows redirects within one fetch; every hop is a request that passes the guard again.

    Cookie and Authorization stay behind when scheme, host or port change (row 12 of the faults).
    A jar for one fetch, if a source needs it, belongs here: hops share `Request.meta`.
    """

    def process_response(self, request: Request, response: Response) -> Request | Response:
        location = response.headers.get(b"Location")
        if response.status not in REDIRECTS or not location:
            return response
        url = _next_url(request.url, location)
        hops: list[str] = request.meta.setdefault(HOPS, [])
        hops.append(url)
        target = parse_target(url)
        if len(hops) > MAX_REDIRECTS:
            raise TooManyRedirects(f"more than {MAX_REDIRECTS} redirects")
        following = request.replace(url=url)
        if target != _origin(request.url):
            following.headers.pop(b"Cookie", None)
            following.headers.pop(b"Authorization", None)
        return following


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler, except that connections are made by the guard and end at the deadline."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._endpoints = GuardedEndpoints(crawler.spider.guard, self._contextFactory)  # type: ignore[union-attr]
        self._pool.cachedConnectionTimeout = IDLE_CONNECTION_SECONDS

    async def download_request(self, request: Request) -> Response:
        remaining = request.meta[DEADLINE] - monotonic()
        if remaining <= 0:
            raise DownloadTimeoutError(f"Getting {request.url} took too long.")
        request.meta["download_timeout"] = remaining
        agent = _GuardedAgent(
            endpoints=self._endpoints,
            contextFactory=self._contextFactory,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
        )
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(agent.download_request(request))


class _GuardedAgent(_ScrapyAgent):
    def __init__(self, *, endpoints: GuardedEndpoints, **options: Any) -> None:
        super().__init__(**options)
        self._endpoints = endpoints

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        from twisted.internet import reactor

        # Without a look at meta["proxy"]: there is no way around the guard.
        agent: Agent = Agent.usingEndpointFactory(reactor, self._endpoints, self._pool)  # type: ignore[no-untyped-call]
        return agent


def _next_url(base: str, location: bytes) -> str:
    """Resolve Location (RFC 9110 §10.2.2); spaces and UTF-8 letters are tolerated, as browsers do."""
    try:
        text = location.decode("utf-8")
    except UnicodeDecodeError:
        text = location.decode("latin-1")
    return urljoin(base, text.strip(" \t").replace(" ", "%20"))


def _origin(url: str) -> Target:
    return parse_target(url)
