"""A newsroom on loopback: its news as an RSS feed, as a page of links and as sitemaps, with article pages."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

FIRST = datetime(2026, 11, 20, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Story:
    """One item: its page is left out of the site when `body` is None."""

    slug: str
    title: str
    summary: str
    body: str | None


@dataclass(slots=True)
class Newsroom:
    """Serves `/feed`, `/`, `/sitemap.xml` and `/a/<slug>`.

    `stories` may change while it runs, and `asked` tells what was read.
    """

    host: str = "127.0.0.1"
    stories: list[Story] = field(default_factory=list)
    page_status: int = 200
    asked: list[str] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    @property
    def base(self) -> str:
        assert self._server is not None
        return f"http://{self.host}:{self._server.server_address[1]}"

    @property
    def feed_url(self) -> str:
        return f"{self.base}/feed"

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer((self.host, 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def feed(self) -> str:
        """The feed as RSS 2.0, newest first."""
        items = "".join(
            f"<item><title>{escape(s.title)}</title><link>{self.base}/a/{s.slug}</link>"
            f'<guid isPermaLink="false">{s.slug}</guid>'
            f"<pubDate>{format_datetime(FIRST + timedelta(hours=n))}</pubDate>"
            f"<description>{escape(s.summary)}</description></item>"
            for n, s in reversed(list(enumerate(self.stories)))
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
            f"<title>غرفة الأخبار</title><link>{self.base}/</link><description/>{items}</channel></rss>"
        )

    def listing(self) -> str:
        """The home page, newest first; the summaries are only in the feed."""
        cards = "".join(
            f'<article><a href="/a/{s.slug}"><img src="/{s.slug}.jpg" alt=""></a>'
            f'<h2><a href="/a/{s.slug}">{escape(s.title)}</a></h2><a href="/a/{s.slug}">اقرأ المزيد</a></article>'
            for s in reversed(self.stories)
        )
        return (
            '<!doctype html><html lang="ar"><head><meta charset="utf-8"><title>غرفة الأخبار</title></head><body>'
            f'<nav><a href="/tech">تقنية</a></nav><main>{cards}</main><footer><a href="/about">من نحن</a></footer>'
        )

    def sitemaps(self) -> dict[str, str]:
        """An index and its monthly sitemaps, by path; they name addresses and nothing else."""
        months = {"/sitemap-2026-9.xml": "", "/sitemap-2026-11.xml": ""}
        months["/sitemap-2026-11.xml"] = "".join(
            f"<url><loc>{self.base}/a/{s.slug}</loc></url>" for s in self.stories
        )
        listed = "".join(f"<sitemap><loc>{self.base}{path}</loc></sitemap>" for path in months)
        return {path: f"<urlset>{urls}</urlset>" for path, urls in months.items()} | {
            "/sitemap.xml": f"<sitemapindex>{listed}</sitemapindex>"
        }

    def page(self, story: Story) -> str:
        """An article page with the furniture that pages have around their text."""
        paragraphs = "".join(
            f"<p>{escape(line.strip())}</p>" for line in (story.body or "").splitlines() if line.strip()
        )
        return (
            f'<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">'
            f"<title>{escape(story.title)}</title></head><body><header><nav><ul><li><a href='/'>الرئيسية</a>"
            f"</li><li><a href='/tech'>تقنية</a></li></ul></nav></header><main><article>"
            f"<h1>{escape(story.title)}</h1>{paragraphs}</article></main>"
            f"<footer><p>جميع الحقوق محفوظة</p></footer></body></html>"
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        room = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def do_GET(self) -> None:
                room.asked.append(self.path)
                pages = {f"/a/{s.slug}": s for s in room.stories if s.body is not None}
                if self.path == "/feed":
                    self._send(200, "application/rss+xml; charset=utf-8", room.feed())
                elif self.path == "/":
                    self._send(200, "text/html; charset=utf-8", room.listing())
                elif self.path in (sitemaps := room.sitemaps()):
                    self._send(200, "application/xml; charset=utf-8", sitemaps[self.path])
                elif self.path in pages:
                    body = room.page(pages[self.path])
                    self._send(room.page_status, "text/html; charset=utf-8", body)
                else:
                    self._send(404, "text/plain", "not here")

            def _send(self, status: int, kind: str, text: str) -> None:
                content = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        return Handler
