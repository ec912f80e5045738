"""The one guard for outgoing addresses: a pure table and the checks that every connection passes.

Spiders and notifiers resolve a host through `checked_addresses` and connect to what it returned,
never to the name again: a resolver that changes its answer between check and connection gains nothing.
`ipaddress.is_global` is not used: it calls 224.0.0.1, 64:ff9b::7f00:1 and 2002:7f00:1:: global.
Table: IANA IPv4 and IPv6 Special-Purpose Address Registries, RFC 6890.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit, urlunsplit

import idna

from marsad.errors import AddressInvalid, AddressRefused, SettingInvalid

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Takes a host (ASCII) and a port, returns IP addresses as text; raises OSError when there are none."""

WEB_PORTS = frozenset({80, 443, 8080, 8443})
"""Ports that a feed, page or webhook may use on a public address; an allowed network may use any."""

_REFUSED = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relay
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4 carries an IPv4 address inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_BRACKETED = re.compile(r"\[[^\[\]%]*\](:[0-9]*)?")
# Everything of IPv6 outside global unicast is refused without being named:
# ::1, fc00::/7, fe80::/10, fec0::/10, ff00::/8, 64:ff9b::/96, 100::/64 …
_IPV6_GLOBAL_UNICAST = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Allowance:
    """Networks that may be reached although they are not public (MARSAD_FETCH_ALLOW and its sibling)."""

    networks: tuple[IPNetwork, ...] = ()

    def covers(self, address: IPAddress) -> bool:
        return any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an http or https address points: scheme, ASCII host without brackets, port."""

    scheme: str
    host: str
    port: int


def parse_allowance(text: str, *, setting: str) -> Allowance:
    """Read comma- or space-separated CIDR blocks; a bare address is a block of one. Raises SettingInvalid."""
    blocks = text.replace(",", " ").split()
    try:
        return Allowance(tuple(ip_network(block) for block in blocks))
    except ValueError as exc:
        raise SettingInvalid(
            f"{setting} is not a list of networks ({exc}); write for example 127.0.0.1/32."
        ) from exc


def parse_target(url: str) -> Target:
    """Take an http(s) address apart, refusing whatever two parsers could read differently.

    Raises AddressInvalid for other schemes, user names and passwords, backslashes, white space,
    control characters, lone surrogates, a missing host, a host that is neither name nor IP address,
    or a port that is none (RFC 3986; WHATWG URL for backslashes).
    """
    if not url or any(c <= " " or c in "\\\x7f" or c.isspace() or "\ud800" <= c <= "\udfff" for c in url):
        raise AddressInvalid(
            f"'{_shown(url)}' is not a web address; write one like https://example.com/feed."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
    except ValueError as exc:
        # Not the parser's own text: it repeats the address, with a password that may be in it.
        raise AddressInvalid(
            f"'{_shown(url)}' is not a web address; write one like https://example.com/feed."
        ) from exc
    if parts.scheme not in ("http", "https"):
        raise AddressInvalid(f"'{_shown(url)}' does not begin with http:// or https://.")
    # "host#@other" and "host?@other" as well: where the authority ends is what parsers disagree about.
    if "@" in url.partition("//")[2].partition("/")[0]:
        raise AddressInvalid("An address may not carry a user name or password; leave out the part before @.")
    if not host or port == 0 or ("[" in parts.netloc and not _BRACKETED.fullmatch(parts.netloc)):
        raise AddressInvalid(f"'{_shown(url)}' names no host; write one like https://example.com/feed.")
    return Target(parts.scheme, ascii_host(host), port or (443 if parts.scheme == "https" else 80))


def canonical_url(url: str) -> str:
    """Return the one spelling of an http(s) address: lower-case scheme and host, A-labels, no default port.

    The fragment is dropped, an empty path becomes `/` (RFC 3986 §6.2). Raises AddressInvalid.
    """
    target = parse_target(url)
    parts = urlsplit(url)
    host = f"[{target.host}]" if ":" in target.host else target.host
    default = 443 if target.scheme == "https" else 80
    netloc = host if target.port == default else f"{host}:{target.port}"
    return urlunsplit((target.scheme, netloc, parts.path or "/", parts.query, ""))


def ascii_host(host: str) -> str:
    """Return the host as DNS sees it: lower case, A-labels (IDNA 2008, UTS 46 mapping), no trailing dot.

    IPv6 addresses come and go without brackets. Raises AddressInvalid for what is neither name nor
    address: DNS would take a percent sign or an empty label, and the next parser another way.
    """
    try:
        if ":" in host:
            return str(IPv6Address(host))
        name = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except ValueError as exc:
        raise AddressInvalid(f"'{_shown(host)}' is not a host name ({exc}).") from exc
    name = name.removesuffix(".")
    if not _HOST_NAME.fullmatch(name):
        raise AddressInvalid(f"'{_shown(host)}' is not a host name; write one like example.com.")
    return name


def find_refusal(address: IPAddress, port: int, *, allow: Allowance, ports: frozenset[int] | None) -> bool:
    """Tell whether the guard refuses this address and port; `ports=None` leaves the port to the caller."""
    if allow.covers(address):
        return False
    if ports is not None and port not in ports:
        return True
    if isinstance(address, IPv6Address) and address not in _IPV6_GLOBAL_UNICAST:
        return True
    return any(address in block for block in _REFUSED if block.version == address.version)


def check_addresses(
    host: str,
    port: int,
    resolved: Sequence[str],
    *,
    allow: Allowance,
    ports: frozenset[int] | None = WEB_PORTS,
    setting: str = "MARSAD_FETCH_ALLOW",
) -> tuple[IPAddress, ...]:
    """Return the addresses a connection may use, in the resolver's order.

    One refused address among several refuses all: a mixed answer is how rebinding begins.
    IPv4 inside IPv6 (::ffff:0:0/96) is judged, and used, as IPv4. Raises AddressRefused with one
    text for every reason, so that it does not tell what stands behind a private address.
    """
    try:
        addresses = tuple(_unmapped(ip_address(text.partition("%")[0])) for text in resolved)
    except ValueError:
        addresses = ()
    if not addresses or any(find_refusal(a, port, allow=allow, ports=ports) for a in addresses):
        raise AddressRefused(
            f"{host}:{port} is not a public address; if it is yours, allow its network with {setting}."
        )
    return addresses


async def checked_addresses(
    host: str,
    port: int,
    *,
    allow: Allowance,
    resolve: Resolver,
    ports: frozenset[int] | None = WEB_PORTS,
    setting: str = "MARSAD_FETCH_ALLOW",
) -> tuple[IPAddress, ...]:
    """Resolve a host and return the addresses that may be connected to.

    Literals go through the resolver too, so 127.1, 0x7f.1 and 2130706433 are judged as what they reach.
    Raises AddressRefused, and OSError when the name has no address.
    """
    resolved = await resolve(host, port)
    return check_addresses(host, port, resolved, allow=allow, ports=ports, setting=setting)


def refuse_literal(target: Target, *, allow: Allowance, setting: str = "MARSAD_FETCH_ALLOW") -> None:
    """Refuse an IP literal that no connection would be made to, before it is stored; names pass.

    Raises AddressRefused. Whatever passes here is judged again when it is connected to.
    """
    try:
        literal = str(ip_address(target.host))
    except ValueError:
        return
    check_addresses(target.host, target.port, [literal], allow=allow, setting=setting)


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Ask the operating system (getaddrinfo); raises OSError when the name has no address."""
    loop = asyncio.get_running_loop()
    try:
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await loop.run_in_executor(_lookup_threads(), ask)
    except UnicodeError as exc:  # a label that is empty or too long for the library's own encoder
        raise OSError(f"{_shown(host)} is not a host name") from exc
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


@cache
def _lookup_threads() -> ThreadPoolExecutor:
    # Their own: name servers that do not answer must not hold up the threads that store and settle.
    return ThreadPoolExecutor(32, thread_name_prefix="look-up")


def _unmapped(address: IPAddress) -> IPAddress:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _shown(text: str) -> str:
    without_password = re.sub(r"//[^/]*@", "//…@", text)
    return "".join(c if c.isprintable() else "�" for c in without_password[:120])
