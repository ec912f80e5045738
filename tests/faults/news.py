"""A newsroom that never rests: feeds on several loopback hosts that grow while faults are made."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self, get_args

from tests.faults.stories import TERMS

SPELLED = {"Nvidia": "إنفيديا", "Huawei": "هواوي", "H20": "H20", "DeepSeek": "ديب سيك"}
"""How the items write each watched term."""

WINDOW = 120
"""Items that a feed shows: what no poll sees for so long, no reader could know of."""

_VOCABULARY = """
أعلنت وزارة مدينة شارع كتاب معرض نهار بحيرة جسر قطار مدرسة مكتبة حديقة سوق مرفأ جبل قرية نهر مسرح متحف
طبيب مهندس باحث عامل طالب مزارع بحار رسام كاتب عازف صيف شتاء ربيع خريف صباح مساء أسبوع شهر سنة ساعة
جديد قديم كبير صغير بعيد قريب سريع بطيء هادئ واسع طويل قصير جميل نادر بسيط دقيق أول ثان ثالث أخير
افتتح أغلق نقل رسم كتب قرأ بنى زرع حصد سافر عاد وصل غادر درس علم شارك ناقش وقع وجد حمل
"""


Where = Literal["title", "summary", "page", "title and page", "nowhere"]
WHERE: tuple[Where, ...] = get_args(Where)


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news; `terms` are the watched terms that it mentions, in the feed or on its page."""

    slug: str
    title: str
    summary: str
    page: str | None
    terms: frozenset[str]
    published: float
    """When it came out, by time.monotonic()."""


def write_item(number: int, rng: random.Random, where: Where) -> Item:
    """Write the next item, with what is watched in the given place.

    Its words are drawn by chance, so that no two items tell the same story.
    """
    first, second = rng.sample(sorted(SPELLED), 2)
    title, summary, page = (_sentence(rng, words) for words in (5, 12, 60))
    terms = {first}
    match where:
        case "title":
            title = f"{SPELLED[first]} {title}"
        case "summary":
            summary = f"{summary} {SPELLED[first]} {_sentence(rng, 3)}"
        case "page":
            page = f"{page}. {_sentence(rng, 4)} {SPELLED[first]} {_sentence(rng, 4)}."
        case "title and page":
            title = f"{SPELLED[first]} {title}"
            page = f"{page}. {_sentence(rng, 4)} {SPELLED[second]} {_sentence(rng, 4)}."
            terms.add(second)
        case "nowhere":
            terms.clear()
    has_page = "page" in where
    return Item(
        slug=f"n{number}",
        title=f"{title} ({number})",
        summary=summary,
        page=page if has_page else None,
        terms=frozenset(terms),
        published=time.monotonic(),
    )


def _sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_VOCABULARY.split(), k=words))


@dataclass(slots=True)
class House:
    """One publisher on a host of its own: `/feed`, and `/a/<slug>` for the items that have a page."""

    host: str
    items: list[Item] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None

    @property
    def base(self) -> str:
        assert self._server is not None
        return f"http://{self.host}:{self._server.server_address[1]}"

    def start(self) -> None:
        self._server = _Server((self.host, 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def feed(self) -> tuple[str, str]:
        """The newest items as RSS 2.0, and the validator of just these."""
        shown = self.items[-WINDOW:]
        now = format_datetime(datetime.now(UTC))
        items = "".join(
            f"<item><title>{escape(item.title)}</title>{self._link(item)}"
            f'<guid isPermaLink="false">{item.slug}</guid><pubDate>{now}</pubDate>'
            f"<description>{escape(item.summary)}</description></item>"
            for item in reversed(shown)
        )
        document = (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
            f"<title>{self.host}</title><link>{self.base}/</link><description/>{items}</channel></rss>"
        )
        return document, f'"{len(self.items)}"'

    def page(self, path: str) -> str | None:
        """The article page at a path, or None."""
        item = next((i for i in self.items if i.page and path == f"/a/{i.slug}"), None)
        if item is None:
            return None
        return (
            f'<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">'
            f"<title>{escape(item.title)}</title></head><body><article><h1>{escape(item.title)}</h1>"
            f"<p>{escape(item.page or '')}</p></article></body></html>"
        )

    def _link(self, item: Item) -> str:
        # Without a link there is no page to read: the feed has it all.
        return f"<link>{self.base}/a/{item.slug}</link>" if item.page else ""


class GrowingNews:
    """Houses on 127.0.0.11, .12 … that publish `rate` items a second in total until told to stop.

    A context manager; `items` holds all that was published, in order.
    """

    def __init__(self, *, houses: int, rate: float, seed: int) -> None:
        self.houses = [House(f"127.0.0.{11 + n}") for n in range(houses)]
        self.items: list[Item] = []
        self._pause = 1 / rate
        self._rng = random.Random(seed)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._publish_on, daemon=True)

    @property
    def feeds(self) -> dict[str, str]:
        """Each house's host and the address of its feed."""
        return {house.host: f"{house.base}/feed" for house in self.houses}

    def __enter__(self) -> Self:
        for house in self.houses:
            house.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        for house in self.houses:
            house.stop()

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def stop(self) -> None:
        """Publish nothing more; what is there stays."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def publish(self, where: Where | None = None) -> None:
        """Publish one item at one of the houses, with what is watched in a place or anywhere."""
        place = self._rng.choice(WHERE) if where is None else where
        item = write_item(len(self.items), self._rng, place)
        self.items.append(item)
        self._rng.choice(self.houses).items.append(item)

    def _publish_on(self) -> None:
        while not self._stopping.wait(self._pause):
            self.publish()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that are killed break off: that is what is tested."""


def _handler(house: House) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/feed":
                document, validator = house.feed()
                if self.headers.get("If-None-Match") == validator:
                    self._send(304, "", "", validator)
                else:
                    self._send(200, "application/rss+xml; charset=utf-8", document, validator)
            elif page := house.page(self.path):
                self._send(200, "text/html; charset=utf-8", page)
            else:
                self._send(404, "text/plain", "not here")

        def _send(self, status: int, kind: str, text: str, validator: str | None = None) -> None:
            content = text.encode()
            self.send_response(status)
            if validator:
                self.send_header("ETag", validator)
            if status != 304:
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    return Handler


assert set(SPELLED) == set(TERMS)
