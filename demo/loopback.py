"""A small HTTP server on 127.0.0.1, for the parts that the demo plays: news houses, webhooks, web mail.

One function answers every request; the server keeps the connection, the validators (RFC 9110 §13) and the limits.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

HOST = "127.0.0.1"
_MAX_BODY = 1_000_000
_IDLE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: host without port, path decoded and without query, header names in lower case."""

    method: str
    host: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str = "text/plain; charset=utf-8"
    content: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


NOT_FOUND = Answer(404, content=b"not here")


class LoopbackServer:
    """Serves on a free port while it is entered; `answer` is called from several threads."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self._server = _Server((HOST, 0), _handler(answer))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that break off are nothing to write home about."""


def _handler(answer: Callable[[Asked], Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _IDLE_SECONDS

        def do_GET(self) -> None:
            self._serve()

        def do_HEAD(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def _serve(self) -> None:
            length = self.headers.get("content-length") or "0"
            if not length.isascii() or not length.isdigit() or int(length) > _MAX_BODY:
                self.close_connection = True
                self._send(Answer(413))
                return
            body = self.rfile.read(int(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            host = headers.get("host", "").partition(":")[0].lower()
            path = unquote(urlsplit(self.path).path)
            given = answer(Asked(self.command, host, path, headers, body))
            self._send(_unchanged(given, headers) if self.command in ("GET", "HEAD") else given)

        def _send(self, given: Answer) -> None:
            self.send_response(given.status)
            self.send_header("Content-Type", given.content_type)
            if given.status not in (204, 304):
                self.send_header("Content-Length", str(len(given.content)))
            for name, value in given.headers:
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(given.content)

    return Handler


def _unchanged(given: Answer, headers: Mapping[str, str]) -> Answer:
    """Add an entity tag to what was found, and answer 304 to who has it already."""
    if given.status != 200:
        return given
    tag = f'"{hashlib.sha256(given.content).hexdigest()[:20]}"'
    with_tag = (*given.headers, ("ETag", tag))
    if headers.get("if-none-match") == tag:
        return Answer(304, given.content_type, headers=with_tag)
    return Answer(200, given.content_type, given.content, with_tag)
