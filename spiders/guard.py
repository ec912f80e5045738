"""The address guard at connection time, for Twisted.

Agent → GuardedEndpoints → _GuardedEndpoint.connect: resolve once, check every address, dial the very
address that was checked. The name goes on into the Host header, SNI and certificate check untouched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.web.client import URI
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from marsad.addresses import Allowance, IPAddress, Resolver, checked_addresses, system_resolver

CONNECT_TIMEOUT = 10.0
"""Seconds for one address; the fetch's own deadline ends the rest."""

Connector = Callable[[IPAddress, int, float], Any]
"""Takes an address that passed the guard, a port and seconds; returns an IStreamClientEndpoint."""


def tcp_connector(address: IPAddress, port: int, timeout: float) -> Any:
    """Return the endpoint that dials this address and no other."""
    from twisted.internet import reactor

    endpoint = TCP4ClientEndpoint if address.version == 4 else TCP6ClientEndpoint
    return endpoint(reactor, str(address), port, timeout)


@dataclass(frozen=True, slots=True)
class Guard:
    """Where connections may go, and how names become addresses; tests give a resolver and a connector."""

    allow: Allowance = Allowance()
    resolve: Resolver = system_resolver
    connect: Connector = tcp_connector

    async def open(self, host: str, port: int, factory: Factory) -> Any:
        """Connect to the first checked address that answers.

        Raises AddressRefused before anything is dialled, OSError when the name has no address, and
        the last address's connection error when none answers.
        """
        addresses = await checked_addresses(host, port, allow=self.allow, resolve=self.resolve)
        *others, last = addresses
        for address in others:
            try:
                return await _future(self.connect(address, port, CONNECT_TIMEOUT).connect(factory))
            except ConnectError:
                continue
        return await _future(self.connect(last, port, CONNECT_TIMEOUT).connect(factory))


@implementer(IAgentEndpointFactory)
class GuardedEndpoints:
    """Gives Twisted's Agent endpoints that pass the guard; `policy`, an IPolicyForHTTPS, verifies names."""

    def __init__(self, guard: Guard, policy: Any) -> None:
        self._guard = guard
        self._policy = policy

    def endpointForURI(self, uri: URI) -> Any:  # noqa: N802 (Twisted's name)
        endpoint: Any = _GuardedEndpoint(self._guard, uri.host.decode("ascii"), uri.port)
        if uri.scheme == b"https":
            return wrapClientTLS(self._policy.creatorForNetloc(uri.host, uri.port), endpoint)
        return endpoint


@implementer(IStreamClientEndpoint)
class _GuardedEndpoint:
    def __init__(self, guard: Guard, host: str, port: int) -> None:
        self._guard = guard
        self._host = host
        self._port = port

    def connect(self, protocolFactory: Factory) -> Deferred[Any]:  # noqa: N803 (Twisted's name)
        return _deferred(self._guard.open(self._host, self._port, protocolFactory))


def _deferred(coroutine: Coroutine[Any, Any, Any]) -> Deferred[Any]:
    return Deferred.fromFuture(asyncio.ensure_future(coroutine))


def _future(deferred: Deferred[Any]) -> asyncio.Future[Any]:
    return deferred.asFuture(asyncio.get_running_loop())
