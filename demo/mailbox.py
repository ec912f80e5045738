"""A mail server on loopback that delivers nothing: what arrives is kept to be looked at."""

from __future__ import annotations

import asyncio
import email
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP

from demo.loopback import HOST, NOT_FOUND, Answer, Asked, LoopbackServer

KEPT = 200
WEB_HOST = "mail.localhost"
_SEALED = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups"
"""What a mail may do in a browser: be shown, and have its links followed."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it arrived; `number` counts from 1, `html` is None when it had no such part."""

    number: int
    received: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str | None


class Mailbox:
    """Takes mail by SMTP while it is entered, keeps the newest, and shows their HTML at `html_url`."""

    def __init__(self, *, now: Callable[[], datetime], kept: int = KEPT) -> None:
        self.port = 0
        self._now = now
        self._mails: deque[Mail] = deque(maxlen=kept)
        self._arrived = 0
        self._web = LoopbackServer(self._show)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    @property
    def arrived(self) -> int:
        """How many mails came, also those that are kept no more."""
        return self._arrived

    def newest(self) -> list[Mail]:
        """Return the kept mails, newest first."""
        return sorted(self._mails.copy(), key=lambda mail: mail.number, reverse=True)

    def find(self, number: int) -> Mail | None:
        return next((mail for mail in self._mails.copy() if mail.number == number), None)

    def html_url(self, mail: Mail) -> str:
        """Return where the mail looks as in a mail program: an origin of its own, where nothing runs."""
        return f"http://{WEB_HOST}:{self._web.port}/{mail.number}"

    def __enter__(self) -> Self:
        self._web.__enter__()
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()
        self._web.__exit__(kind, exc, trace)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        self._arrived += 1
        recipients = tuple(map(str, envelope.rcpt_tos))
        self._mails.append(
            read_mail(
                envelope.content,
                number=self._arrived,
                received=self._now(),
                sender=str(envelope.mail_from),
                recipients=recipients,
            )
        )
        return f"250 kept as number {self._arrived}"

    def _show(self, asked: Asked) -> Answer:
        number = asked.path.removeprefix("/")
        mail = self.find(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
        if mail is None or mail.html is None or asked.host != WEB_HOST:
            return NOT_FOUND
        sealed = (("Content-Security-Policy", _SEALED),)
        return Answer(200, "text/html; charset=utf-8", mail.html.encode("utf-8", "replace"), sealed)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        def speak() -> SMTP:
            return SMTP(self, hostname=WEB_HOST, loop=self._loop, enable_SMTPUTF8=True)

        self._server = await self._loop.create_server(speak, HOST, 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def read_mail(
    content: bytes, *, number: int, received: datetime, sender: str, recipients: tuple[str, ...]
) -> Mail:
    """Take a message apart as a mail program would; what cannot be decoded is replaced, never refused."""
    message = email.message_from_bytes(content)
    return Mail(
        number=number,
        received=received,
        sender=sender,
        recipients=recipients,
        subject=_header(message, "Subject"),
        text=_part(message, "text/plain") or "",
        html=_part(message, "text/html"),
    )


def _header(message: Message, name: str) -> str:
    value = message.get(name, "")
    try:
        return str(make_header(decode_header(value)))
    except (UnicodeError, LookupError, ValueError):
        return str(value)


def _part(message: Message, content_type: str) -> str | None:
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if part.get_content_type() == content_type and isinstance(payload, bytes):
            try:
                return payload.decode(part.get_content_charset() or "utf-8", "replace")
            except LookupError:
                return payload.decode("utf-8", "replace")
    return None
