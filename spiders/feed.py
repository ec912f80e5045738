"""The feed and listing spiders: a source asked for with the validators that its row holds."""

from __future__ import annotations

from scrapy import Request

from marsad.types import FetchRequest
from spiders.article import PAGE_HEADERS
from spiders.base import FetchSpider

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, */*;q=0.5"
)


class FeedSpider(FetchSpider):
    """Builds feed requests; `parse` gives FetchedFeed, NotModified or FetchFailure."""

    name = "feed"

    def build_request(self, fetch: FetchRequest) -> Request:
        return self.request_for(fetch, {"Accept": ACCEPT} | _conditions(fetch))


class ListingSpider(FetchSpider):
    """Builds requests for pages of links to articles; `parse` gives what the feed spider's does."""

    name = "listing"

    def build_request(self, fetch: FetchRequest) -> Request:
        return self.request_for(fetch, PAGE_HEADERS | _conditions(fetch))


def _conditions(fetch: FetchRequest) -> dict[str, str]:
    """Ask "changed since?" with the stored validators, byte for byte, and no others (RFC 9110 §13)."""
    headers = {}
    if fetch.validators.etag:
        headers["If-None-Match"] = fetch.validators.etag
    if fetch.validators.last_modified:
        headers["If-Modified-Since"] = fetch.validators.last_modified
    return headers
