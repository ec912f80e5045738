"""Who asks, under which name, and over what: read once for each request, before anything is decided on it.

X-Forwarded-* and Forwarded count only from a proxy named in MARSAD_TRUSTED_PROXIES.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from marsad.addresses import Allowance, IPAddress, parse_target
from marsad.config import Settings
from web.errors import refuse
from web.translation import noop

_PROXY_HEADERS = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded", "via")
_UNDER_ANY_NAME = frozenset({"/healthz", "/readyz"})

_UNKNOWN_NAME = noop(
    "marsad was asked for under a name that it does not know. If %(name)s is its address, "
    "set MARSAD_PUBLIC_URL to it and start marsad again."
)


@dataclass(frozen=True, slots=True)
class Transport:
    """How a request came.

    `peer` is the client behind the trusted proxies; `vouched` is False when somebody we do not trust says
    that it passes on another's request. `encrypted` as far as we know; `trustworthy`: browsers take this for
    a secure context, over which a Secure cookie travels (https, or this machine itself).
    """

    peer: IPAddress | None
    scheme: str
    host: str
    origins: frozenset[str]
    """What the Origin header of our own pages may say."""
    known_name: bool
    encrypted: bool
    trustworthy: bool
    vouched: bool


class ReadTransport:
    """Puts the Transport into the request's state, and answers 400 under a name that is not ours.

    A page elsewhere whose name is made to lead here (DNS rebinding) reads nothing that way.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._public = _PublicAddress.of(settings.public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            transport = read_transport(scope, self._settings.trusted_proxies, self._public)
            scope["state"]["transport"] = transport
            scope["state"]["insecure"] = self._settings.insecure_http and not transport.trustworthy
            # On this machine too: Safari kept no Secure cookies over http there before version 26.
            scope["state"]["plain_cookies"] = self._settings.insecure_http and not transport.encrypted
            scope["scheme"] = transport.scheme
            if not transport.known_name and scope["path"] not in _UNDER_ANY_NAME:
                name = _name_of(transport.host) or "?"
                response = refuse(Request(scope), 400, _UNKNOWN_NAME, name=name[:100])
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class _PublicAddress:
    scheme: str
    name: str
    origin: str

    @classmethod
    def of(cls, url: str | None) -> _PublicAddress | None:
        if url is None:
            return None
        target = parse_target(url)
        name = f"[{target.host}]" if ":" in target.host else target.host
        usual = target.port == (443 if target.scheme == "https" else 80)
        return cls(target.scheme, name, f"{target.scheme}://{name}{'' if usual else f':{target.port}'}")


def read_transport(scope: Scope, trusted: Allowance, public: _PublicAddress | None) -> Transport:
    """Read how a request came from its connection and, where a trusted proxy wrote them, its headers."""
    headers = Headers(scope=scope)
    peer = _parse_address((scope.get("client") or ("",))[0])
    by_proxy = peer is not None and trusted.covers(peer)
    scheme = scope.get("scheme", "http")
    if by_proxy:
        scheme = _forwarded_scheme(headers) or scheme
        peer = _forwarded_peer(headers, peer, trusted)
    hosts = headers.getlist("host")
    host = hosts[0].lower() if len(hosts) == 1 else ""
    name = _name_of(host)
    is_public = public is not None and name == public.name
    is_loopback_name = _is_loopback_name(name)
    encrypted = scheme == "https" or (is_public and public is not None and public.scheme == "https")
    origins = {f"{scheme}://{host}"}
    if is_public and public is not None:
        origins = {public.origin} if public.scheme == "https" else {public.origin, *origins}
    return Transport(
        peer=peer,
        scheme=scheme,
        host=host,
        origins=frozenset(origins),
        known_name=is_public or is_loopback_name or (public is None and _parse_address(name) is not None),
        encrypted=encrypted,
        trustworthy=encrypted or is_loopback_name,
        vouched=by_proxy or not any(name in headers for name in _PROXY_HEADERS),
    )


def is_loopback(address: IPAddress | None) -> bool:
    """Return whether a peer is this machine."""
    return address is not None and address.is_loopback


def _forwarded_scheme(headers: Headers) -> str | None:
    said = headers.getlist("x-forwarded-proto")
    scheme = said[-1].rpartition(",")[2].strip().lower() if said else ""
    return scheme if scheme in ("http", "https") else None


def _forwarded_peer(headers: Headers, peer: IPAddress | None, trusted: Allowance) -> IPAddress | None:
    """Walk back from the nearest proxy: what stands left of the first stranger is the stranger's own claim."""
    for hop in reversed(",".join(headers.getlist("x-forwarded-for")).split(",")):
        address = _parse_address(hop.strip())
        if address is None:
            break
        peer = address
        if not trusted.covers(address):
            break
    return peer


def _parse_address(text: str) -> IPAddress | None:
    bare = text.partition("]")[0].removeprefix("[")
    if bare.count(":") == 1:  # some proxies write the port too
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _name_of(host: str) -> str:
    """The name in a Host header, without its port; empty for one that no browser sends."""
    if not host or any(c in host for c in "/\\@?#, \t"):
        return ""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
        name = parts.hostname or ""
    except ValueError:
        return ""
    return f"[{name}]" if ":" in name else name.removesuffix(".")


def _is_loopback_name(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost") or is_loopback(_parse_address(name))
