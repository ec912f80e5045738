"""What the spiders share: the shape of a request, and the way from a response to one FetchResult."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime

import scrapy
from scrapy.http import Response

from marsad.addresses import parse_target
from marsad.types import FetchRequest, FetchResult
from spiders.bodies import parse_body
from spiders.compression import ACCEPT_ENCODING
from spiders.downloader import FETCH, HOPS
from spiders.settings import MAX_BYTES


def utc_now() -> datetime:
    return datetime.now(UTC)


class FetchSpider(scrapy.Spider):
    """A spider whose requests come one by one from outside, and whose callback returns a FetchResult.

    Requests can go through Scrapy's scheduler or, as the runner does at half the cost, through
    `engine.download_async`: they carry everything that either way needs.
    """

    def __init__(self, *, now: Callable[[], datetime] = utc_now, max_bytes: int = MAX_BYTES) -> None:
        super().__init__()
        self.now = now
        self.max_bytes = max_bytes

    @abstractmethod
    def build_request(self, fetch: FetchRequest) -> scrapy.Request:
        """Return the request for one fetch. Raises AddressInvalid."""

    def request_for(self, fetch: FetchRequest, headers: dict[str, str]) -> scrapy.Request:
        parse_target(fetch.url)  # before Scrapy escapes what two parsers would read differently
        return scrapy.Request(
            fetch.url.partition("#")[0],
            callback=self.parse,
            headers=headers | {"Accept-Encoding": ACCEPT_ENCODING},
            dont_filter=True,
            meta={FETCH: fetch, HOPS: []},
        )

    def parse(self, response: Response) -> FetchResult:
        """Read one response; the request that it answers knows which fetch it belongs to."""
        fetch: FetchRequest = response.meta[FETCH]
        hops: list[str] = response.meta[HOPS]
        return parse_body(
            fetch,
            url=hops[-1] if hops else fetch.url,
            status=response.status,
            headers=_headers(response),
            body=response.body,
            now=self.now(),
            max_bytes=self.max_bytes,
        )


def _headers(response: Response) -> dict[str, str]:
    """Header names in lower case; repeated fields joined by commas (RFC 9110 §5.3), bytes kept by Latin-1."""
    return {
        name.decode("latin-1").lower(): b", ".join(response.headers.getlist(name)).decode("latin-1")
        for name in response.headers
    }
