"""The article spider: one article page, of which the text is kept and the page around it is not."""

from __future__ import annotations

from scrapy import Request

from marsad.types import FetchRequest
from spiders.base import FetchSpider

PAGE_HEADERS = {
    "Accept": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
    "Accept-Language": "ar, *;q=0.5",
}


class ArticleSpider(FetchSpider):
    """Builds page requests; `parse` gives FetchedPage or FetchFailure."""

    name = "article"

    def build_request(self, fetch: FetchRequest) -> Request:
        return self.request_for(fetch, PAGE_HEADERS)
