"""Scrapy's settings with its dangerous defaults off: what a crawl is made with is said here."""

from __future__ import annotations

from typing import Any

from marsad import __version__

MAX_BYTES = 16 * 1024 * 1024
"""Size limit of a body, as it travels and again when decompressed."""

DEADLINE = 30.0
"""Seconds for one whole fetch: robots.txt, every redirect, the last byte of the body."""

MAX_REDIRECTS = 5
ROBOTS_DEADLINE = 10.0
ROBOTS_MAX_BYTES = 512 * 1024
"""RFC 9309 §2.5 asks for at least 500 kibibytes."""


def user_agent(contact: str | None = None) -> str:
    """Name the product and, if the operator gave one, the address at which its operator can be reached."""
    return f"marsad/{__version__} (+{contact})" if contact else f"marsad/{__version__}"


def scrapy_settings(*, agent: str, max_bytes: int = MAX_BYTES, obey_robots: bool = True) -> dict[str, Any]:
    """Return the settings of the one resident crawler.

    Nothing of Scrapy's base lists of extensions and middlewares is taken over: no telnet console,
    no remote control, no proxies from the environment, no cookies, no retries. Retrying, pacing and
    validators belong to the source's row, where all workers see them.
    """
    return {
        "USER_AGENT": agent,
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "DOWNLOAD_HANDLERS_BASE": {},
        "DOWNLOAD_HANDLERS": {
            "http": "spiders.downloader.GuardedHandler",
            "https": "spiders.downloader.GuardedHandler",
        },
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_MAXSIZE": max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES": {
            "spiders.downloader.ShapeMiddleware": 100,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": 200,
            "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 300,
            "spiders.downloader.RedirectMiddleware": 900,
        },
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},
        "ROBOTSTXT_OBEY": obey_robots,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "COOKIES_ENABLED": False,
        "RETRY_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "CONCURRENT_ITEMS": 1,
        # One request at a time to a host is the runner's promise; a redirect must not wait behind it.
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "DOWNLOAD_DELAY": 0,
        "STATS_DUMP": False,
        "LOG_ENABLED": False,
    }
