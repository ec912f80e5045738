"""Guarded SMTP submission: the only module that knows aiosmtplib."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import aiosmtplib

from marsad.addresses import (
    Allowance,
    IPAddress,
    Resolver,
    ascii_host,
    checked_addresses,
    system_resolver,
)
from marsad.config import SmtpServer
from marsad.errors import AddressInvalid, AddressRefused, TransportError
from notifiers.text import one_line
from notifiers.tls import client_context, is_certificate_fault

Connect = Callable[[IPAddress, int], Awaitable[socket.socket]]
_CONNECT_LIMIT = 10.0  # seconds an address
_QUIT_LIMIT = 2.0
_START_TLS = {"implicit": False, "starttls": True, "opportunistic": None}


async def open_socket(address: IPAddress, port: int) -> socket.socket:
    """Connect to an address that the guard has checked; raises OSError."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


class Submission:
    """Hands messages to one mail server; `time_limit` (seconds) covers one message from look-up to reply.

    5xx to recipient or message is final. 4xx, lost connections, and all that the operator can
    mend (name, greeting, encryption, password, an address that the guard refuses) are temporary.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        allow: Allowance,
        resolve: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
        connect: Connect = open_socket,
        time_limit: float = 60.0,
    ) -> None:
        self._server = server
        self._allow = allow
        self._resolve = resolve
        self._tls = tls
        self._connect = connect
        self._time_limit = time_limit

    async def send(self, message: bytes, *, sender: str, recipient: str) -> str:
        """Submit one message, return the server's words on accepting it; raises TransportError only."""
        host = self._server.host
        try:
            async with asyncio.timeout(self._time_limit) as deadline:
                return await self._send(message, sender, recipient, deadline)
        except AddressInvalid as exc:
            raise TransportError(f"MARSAD_SMTP_URL: {exc}") from exc
        except AddressRefused as exc:
            raise TransportError(str(exc)) from exc
        except TimeoutError as exc:
            raise TransportError(f"The mail server {host} did not answer in time.") from exc
        except aiosmtplib.SMTPRecipientsRefused as exc:
            raise _refusal(host, exc.recipients[0]) from exc
        except aiosmtplib.SMTPResponseException as exc:
            raise _refusal(host, exc) from exc
        except (aiosmtplib.SMTPException, ssl.SSLError, OSError, ValueError) as exc:
            raise TransportError(f"The mail server {host} {_reason(exc)}.") from exc

    async def _send(self, message: bytes, sender: str, recipient: str, deadline: asyncio.Timeout) -> str:
        host = ascii_host(self._server.host)
        addresses = await checked_addresses(
            host,
            self._server.port,
            allow=self._allow,
            resolve=self._resolve,
            ports=None,
            setting="MARSAD_DELIVER_ALLOW",
        )
        sock, address = await self._connect_first(addresses)
        client = aiosmtplib.SMTP(
            hostname=host,
            sock=sock,
            local_hostname=sender.rpartition("@")[2],
            timeout=self._time_limit,
            use_tls=self._server.tls == "implicit",
            start_tls=_START_TLS[self._server.tls],
            tls_context=self._context(address),
        )
        try:
            await client.connect()
            await self._log_in(client, address)
            _, words = await client.sendmail(sender, [recipient], message)
            # Accepted is accepted, however we part: a failure now would send it twice.
            deadline.reschedule(None)
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=min(_QUIT_LIMIT, self._time_limit))
            return one_line(words, 200)
        finally:
            client.close()

    async def _connect_first(self, addresses: Sequence[IPAddress]) -> tuple[socket.socket, IPAddress]:
        for address in addresses[:-1]:
            with suppress(OSError):  # TimeoutError is one
                async with asyncio.timeout(_CONNECT_LIMIT):
                    return await self._connect(address, self._server.port), address
        return await self._connect(addresses[-1], self._server.port), addresses[-1]

    async def _log_in(self, client: aiosmtplib.SMTP, address: IPAddress) -> None:
        if self._server.username is None:
            return
        if client.get_transport_info("sslcontext") is None and not self._allow.covers(address):
            # A public server that offers no encryption, or somebody on the way who hides the offer.
            raise TransportError(
                f"The mail server {self._server.host} offers no encryption, so the password was not sent; "
                "use smtps:// or smtp+starttls:// in MARSAD_SMTP_URL."
            )
        await client.login(self._server.username, self._server.password or "")

    def _context(self, address: IPAddress) -> ssl.SSLContext:
        if self._tls is not None:
            return self._tls
        if self._server.tls == "opportunistic" and address.is_loopback:
            # A mail server on this machine mostly has a certificate that it signed itself.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context
        return client_context()


def _refusal(host: str, exc: aiosmtplib.SMTPResponseException) -> TransportError:
    if isinstance(exc, aiosmtplib.SMTPAuthenticationError) or exc.code in (530, 534, 535, 538):
        # Not the server's words: some repeat what they were sent.
        return TransportError(
            f"The mail server {host} did not accept the user name and password (SMTP {exc.code}); "
            "check MARSAD_SMTP_URL."
        )
    words = f"SMTP {exc.code} {one_line(exc.message, 200)}".strip()
    match exc:
        case aiosmtplib.SMTPSenderRefused():
            # The operator can mend it, and then nothing is lost.
            return TransportError(
                f"The mail server {host} does not accept the sender ({words}); check MARSAD_MAIL_FROM."
            )
        case aiosmtplib.SMTPRecipientRefused():
            what = "does not accept the recipient"
        case aiosmtplib.SMTPDataError():
            what = "does not accept the message"
        case _:
            return TransportError(f"The mail server {host} is not ready ({words}).")
    return TransportError(f"The mail server {host} {what} ({words}).", permanent=exc.code >= 500)


def _reason(exc: Exception) -> str:
    if is_certificate_fault(exc):
        return "has a certificate that does not hold (expired, self-signed or for another name)"
    if isinstance(exc, aiosmtplib.SMTPServerDisconnected):
        return "broke the connection off"
    if isinstance(exc, aiosmtplib.SMTPException) and not isinstance(exc, OSError):
        return f"cannot be used as set ({one_line(exc.message, 120)})"
    return "could not be reached"
