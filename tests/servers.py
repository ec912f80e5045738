"""Real receivers on loopback: an HTTP endpoint that records and a mail server that keeps what it gets.

Both run in a thread of their own, answer what a test programs, and stop without a trace.
"""

from __future__ import annotations

import asyncio
import email
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# ---------------------------------------------------------------- HTTP


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived, header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer; `hang` waits until the receiver stops, `reset` drops the connection."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    hang: bool = False
    reset: bool = False


class RecordingReceiver:
    """An HTTP(S) server on 127.0.0.1 that records every request; a context manager, or start and stop."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self._replies: deque[Reply] = deque([Reply()])
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = _HttpServer(("127.0.0.1", 0), self._handler(), tls)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._scheme = "https" if tls else "http"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/hook"

    def answer(self, *replies: Reply) -> None:
        """Program the next answers; the last one stays."""
        with self._lock:
            self._replies = deque(replies)

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _take(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            return self._replies.popleft() if len(self._replies) > 1 else self._replies[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = receiver._take(Request(self.command, self.path, headers, body))
                if reply.hang:
                    receiver._stopping.wait(20)
                if reply.reset:
                    linger = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                if reply.hang or reply.reset:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

        return Handler


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[BaseHTTPRequestHandler],
        tls: ssl.SSLContext | None,
    ) -> None:
        super().__init__(address, handler)
        self._tls = tls

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands in the connection's own thread, so that a client that walks away blocks nobody."""
        if self._tls is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(10)
        with self._tls.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that break off are part of the tests."""


# ---------------------------------------------------------------- mail


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as it arrived, with its envelope."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> Message:
        return email.message_from_bytes(self.content)

    @property
    def subject(self) -> str:
        return str(make_header(decode_header(self.message["Subject"])))

    def part(self, subtype: str) -> str:
        """Return the decoded body of text/`subtype`."""
        for part in self.message.walk():
            if part.get_content_type() == f"text/{subtype}":
                payload = part.get_payload(decode=True)
                assert isinstance(payload, bytes)
                return payload.decode("utf-8")
        raise AssertionError(f"no text/{subtype} in the mail")


class MailBox:
    """An SMTP server on 127.0.0.1 that keeps every mail; use as a context manager, or start and stop.

    `answers` programs replies by command (EHLO, MAIL, RCPT, DATA, QUIT), such as {"RCPT": "450 no"}; "hang"
    never answers, "drop" at DATA keeps the mail and breaks the connection before the reply.
    `password` makes AUTH necessary; `tls` offers STARTTLS, or speaks TLS at once with `implicit`.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        password: tuple[str, str] | None = None,
    ) -> None:
        self.mails: list[Mail] = []
        self.answers: dict[str, str] = {}
        self.port = 0
        self.connections = 0
        self._tls = tls
        self._implicit = implicit
        self._password = password
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._stopping = asyncio.Event()

    @property
    def url(self) -> str:
        return f"{'smtps' if self._implicit else 'smtp'}://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self._thread.start()
        self._run(self._listen())
        return self

    def stop(self) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(
            self._protocol, "127.0.0.1", 0, ssl=self._tls if self._implicit else None
        )
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._stopping.set()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.sleep(0.02)
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _protocol(self) -> SMTP:
        self.connections += 1
        return SMTP(
            self,
            hostname="mail.test",
            loop=self._loop,
            tls_context=None if self._implicit else self._tls,
            authenticator=self._authenticate if self._password else None,
            auth_require_tls=False,
        )

    def _authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        right = (given.login.decode(), given.password.decode()) == self._password
        return AuthResult(success=right, handled=right)

    async def _answer(self, command: str) -> str | None:
        answer = self.answers.get(command)
        if answer == "hang":
            await self._stopping.wait()
        return answer

    # The names that aiosmtpd calls.

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        answer = await self._answer("EHLO")
        return [answer] if answer else responses

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        if self._password and not session.authenticated:
            return "530 5.7.0 log in first"
        return await self._answer("MAIL") or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = await self._answer("RCPT")
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await self._answer("DATA")
        if answer is None or answer == "drop":
            self.mails.append(Mail(envelope.mail_from, tuple(envelope.rcpt_tos), bytes(envelope.content)))
        if answer == "drop":
            server.transport.abort()
        return answer if answer and answer != "drop" else "250 kept"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        return await self._answer("QUIT") or "221 bye"
