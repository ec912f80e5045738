"""The feed spider: a feed asked for with the validators that its source's row holds."""

from __future__ import annotations

from scrapy import Request

from marsad.types import FetchRequest
from spiders.base import FetchSpider

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, */*;q=0.5"
)


class FeedSpider(FetchSpider):
    """Builds feed requests; `parse` gives FetchedFeed, NotModified or FetchFailure."""

    name = "feed"

    def build_request(self, fetch: FetchRequest) -> Request:
        """Ask "changed since?" with the stored validators, byte for byte, and no others (RFC 9110 §13)."""
        headers = {"Accept": ACCEPT}
        if fetch.validators.etag:
            headers["If-None-Match"] = fetch.validators.etag
        if fetch.validators.last_modified:
            headers["If-Modified-Since"] = fetch.validators.last_modified
        return self.request_for(fetch, headers)
