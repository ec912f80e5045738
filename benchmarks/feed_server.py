"""The server that both pollers read: one feed on each of many loopback addresses, all on one port.

`python -m benchmarks.feed_server FEEDS SECONDS` prints its port when it listens and ends itself after
SECONDS. `/stage/NAME` changes how feeds are answered (see benchmarks.stages) and forgets what was counted;
`/answers` tells what was sent since.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

from benchmarks.stages import Stage, host

ITEMS = 30
_FULL_TEXT = 620
"""Characters of an item's text: enough that marsad takes it for the full text and asks for no page."""

_NEWEST = datetime(2026, 11, 20, 8, tzinfo=UTC)
_NAMES = ("إنفيديا", "هواوي", "H20", "ديب سيك")
_PHRASES = (
    "قالت الشركة في بيان لها",
    "إن الطلب على الرقائق ارتفع خلال الربع الأخير",
    "بنسبة فاقت توقعات المحللين",
    "وأضاف المتحدث أن الإنتاج سيبدأ مطلع العام المقبل",
    "في مصنع جديد بالمنطقة الصناعية",
    "وتراجعت أسهم القطاع وسط مخاوف من قيود التصدير",
    "بينما يتوقع خبراء أن تزداد المنافسة",
    "مع دخول نماذج مفتوحة المصدر إلى السوق",
    "كما أشار التقرير إلى استثمارات غير مسبوقة",
    "في الذكاء الاصطناعي ومراكز البيانات",
    "ولم يُكشف بعد عن موعد الطرح أو السعر",
    "وهو ما قد يغيّر خريطة الصناعة عالميًا",
)
_VOCABULARY = " ".join(_PHRASES).split()


@dataclass(frozen=True, slots=True)
class Document:
    plain: bytes
    packed: bytes
    etag: str


def compose(number: int, *, newest: int) -> Document:
    """Compose feed `number` as RSS 2.0: the 30 items up to `newest`, newest first, as UTF-8."""
    items = "".join(_item(number, item) for item in range(newest, newest - ITEMS, -1))
    plain = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>أخبار التقنية {number}</title><link>http://{host(number)}/</link>"
        f"<description>أخبار كُتبت للقياس</description><language>ar</language>{items}</channel></rss>"
    ).encode()
    etag = f'"{hashlib.sha256(plain).hexdigest()[:24]}"'
    return Document(plain, gzip.compress(plain, mtime=0), etag)


def _item(number: int, item: int) -> str:
    draw = random.Random(number * 100_000 + item)
    # One item in ten names something that is watched.
    name = f" {draw.choice(_NAMES)}" if item % 10 == 0 else ""
    paragraphs, length = [], 0
    while length < _FULL_TEXT:
        paragraphs.append(" ".join(draw.choices(_VOCABULARY, k=20)) + ".")
        length += len(paragraphs[-1])
    link = f"http://{host(number)}/articles/{item}"
    title = f"{draw.choice(_PHRASES)}{name} ({item})"
    content = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>{format_datetime(_NEWEST + timedelta(minutes=item))}</pubDate>"
        f"<category>تقنية</category><description>{draw.choice(_PHRASES)}</description>"
        f"<content:encoded>{escape(content)}</content:encoded></item>"
    )


class FeedServer:
    """Answers HTTP/1.1 with connections kept open."""

    def __init__(self, feeds: int) -> None:
        self._numbers = {host(number): number for number in range(feeds + 1)}
        old = {number: compose(number, newest=ITEMS) for number in self._numbers.values()}
        new = {number: compose(number, newest=ITEMS + 1) for number in self._numbers.values()}
        self._documents = dict.fromkeys(Stage, old) | {Stage.ONE_NEW: new}
        self._stage = Stage.FIRST
        self._answers: Counter[str] = Counter()

    async def listen(self) -> asyncio.Server:
        """Bind every address to one port."""
        first, *others = self._numbers
        probe = await asyncio.start_server(self._talk, first, 0, backlog=256)
        port = probe.sockets[0].getsockname()[1]
        probe.close()
        return await asyncio.start_server(self._talk, [first, *others], port, backlog=256)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = self._numbers[writer.get_extra_info("sockname")[0]]
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                request, *lines = head.split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
                writer.write(self._answer(number, request.split()[1], headers))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client is done, or the server's time is over
        finally:
            writer.close()

    def _answer(self, number: int, path: str, headers: dict[str, str]) -> bytes:
        if path == "/feed.xml":
            return self._feed(number, headers)
        if path.startswith("/stage/"):
            self._stage = Stage[path.removeprefix("/stage/")]
            self._answers.clear()
            return _response("200 OK", b"{}", "Content-Type: application/json")
        if path == "/answers":
            return _response("200 OK", json.dumps(self._answers).encode(), "Content-Type: application/json")
        self._answers["robots.txt" if path == "/robots.txt" else "pages"] += 1
        return _response("404 Not Found", b"", "Content-Type: text/plain")

    def _feed(self, number: int, headers: dict[str, str]) -> bytes:
        document = self._documents[self._stage][number]
        etag = () if self._stage is Stage.SAME_BODY else (f"ETag: {document.etag}",)
        if etag and headers.get("if-none-match") == document.etag:
            self._answers["304"] += 1
            return _response("304 Not Modified", b"", *etag)
        self._answers["200"] += 1
        kind = "Content-Type: application/rss+xml; charset=utf-8"
        if "gzip" in headers.get("accept-encoding", ""):
            return _response("200 OK", document.packed, kind, "Content-Encoding: gzip", *etag)
        return _response("200 OK", document.plain, kind, *etag)


def _response(status: str, body: bytes, *headers: str) -> bytes:
    length = () if status.startswith("304") else (f"Content-Length: {len(body)}",)
    return "\r\n".join((f"HTTP/1.1 {status}", *headers, *length, "", "")).encode() + body


async def _serve(feeds: int, seconds: float) -> None:
    server = await FeedServer(feeds).listen()
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(seconds)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
