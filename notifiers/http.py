"""The guarded HTTP client: the only module that knows httpx.

It drives httpx's transport and not its client. A client would follow the environment's proxies and
redirects and write whole addresses, which for webhooks are secrets, into the log; a transport does
what it is told: one request, to the address that the guard has checked.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from marsad.addresses import (
    Allowance,
    IPAddress,
    Resolver,
    Target,
    checked_addresses,
    parse_target,
    system_resolver,
)
from marsad.errors import AddressInvalid, AddressRefused, TransportError
from notifiers.tls import client_context, is_certificate_fault

TransportFactory = Callable[[], httpx.AsyncBaseTransport]
_CONNECT_LIMIT = 5.0  # seconds an address, so that a dead one leaves time for the next


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered: the status and, if given, its Retry-After header as it came."""

    status: int
    retry_after: str | None


class GuardedClient:
    """Posts to addresses that the guard allows, on a fresh connection each time.

    The body of an answer is not read: nothing depends on it, and it may be endless.
    `time_limit` (seconds) covers a post from name look-up to status line.
    """

    def __init__(
        self,
        *,
        allow: Allowance,
        resolve: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
        transport: TransportFactory | None = None,
        time_limit: float = 15.0,
    ) -> None:
        self._allow = allow
        self._resolve = resolve
        self._tls = tls
        self._transport = transport or self._open_transport
        self._time_limit = time_limit

    async def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once; raises TransportError when no status came back. Redirects are answers like others.

        An address that cannot be parsed fails for good. One that the guard refuses may be allowed
        later by MARSAD_DELIVER_ALLOW, or mended in DNS: temporary.
        """
        try:
            target = parse_target(url)
            raw_path = _raw_path(url)
        except (AddressInvalid, httpx.InvalidURL):
            # No cause: it would repeat an address that may hold a token.
            raise TransportError(
                "The webhook's address is not a usable http or https address; correct it.", permanent=True
            ) from None
        try:
            async with asyncio.timeout(self._time_limit):
                return await self._post(target, raw_path, content, headers)
        except AddressRefused as exc:
            raise TransportError(str(exc)) from exc
        except (TimeoutError, httpx.TimeoutException) as exc:
            raise TransportError(
                f"{target.host} did not answer within {self._time_limit:g} seconds."
            ) from exc
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as exc:
            raise TransportError(f"{target.host} {_reason(exc)}.") from exc

    async def _post(
        self, target: Target, raw_path: bytes, content: bytes, headers: Mapping[str, str]
    ) -> Answer:
        addresses = await checked_addresses(
            target.host, target.port, allow=self._allow, resolve=self._resolve, setting="MARSAD_DELIVER_ALLOW"
        )
        for address in addresses[:-1]:
            try:
                return await self._post_to(address, target, raw_path, content, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing was sent, so the next address cannot make it twice
        return await self._post_to(addresses[-1], target, raw_path, content, headers)

    async def _post_to(
        self, address: IPAddress, target: Target, raw_path: bytes, content: bytes, headers: Mapping[str, str]
    ) -> Answer:
        limit = self._time_limit
        limits = {"connect": min(_CONNECT_LIMIT, limit), "read": limit, "write": limit, "pool": limit}
        request = httpx.Request(
            "POST",
            httpx.URL(scheme=target.scheme, host=str(address), port=target.port, raw_path=raw_path),
            headers={"host": _host_header(target), **headers},
            content=content,
            extensions={"sni_hostname": target.host, "timeout": limits},
        )
        async with self._transport() as transport:
            response = await transport.handle_async_request(request)
            with suppress(httpx.HTTPError):  # the status decides; how the connection ends does not
                await response.aclose()
        return Answer(response.status_code, response.headers.get("retry-after"))

    def _open_transport(self) -> httpx.AsyncBaseTransport:
        return httpx.AsyncHTTPTransport(verify=self._tls or client_context(), trust_env=False, retries=0)


def _raw_path(url: str) -> bytes:
    # Only path and query are taken from httpx's reading of the address; the host is the guard's.
    return httpx.URL(urlsplit(url)._replace(scheme="http", netloc="host", fragment="").geturl()).raw_path


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    default = 443 if target.scheme == "https" else 80
    return host if target.port == default else f"{host}:{target.port}"


def _reason(exc: Exception) -> str:
    if is_certificate_fault(exc):
        return "has a certificate that does not hold (expired, self-signed or for another name)"
    if isinstance(exc, (httpx.ConnectError, httpx.ConnectTimeout, OSError)):
        return "could not be reached"
    return "broke off before it answered"
