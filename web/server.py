"""The web server: uvicorn inside the service's own event loop, on a socket that was bound before."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from marsad.errors import PortTaken

_PORTS_TRIED = 50
_DRAIN_SECONDS = 5
_IDLE_SECONDS = 15
"""So long a connection may stay without a whole request's head on it."""


def bind(host: str, port: int, *, chosen: bool) -> socket.socket:
    """Return a listening socket; a port that nobody `chosen` gives way to the next free one.

    Raises PortTaken for a port that was chosen and is taken, or an address that this machine has not.
    """
    last = port if chosen or not port else port + _PORTS_TRIED
    for number in range(port, last + 1):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, number))
            listening.listen(128)
        except OSError as exc:
            listening.close()
            if exc.errno == errno.EADDRINUSE and number < last:
                continue
            reason = "another program has it" if exc.errno == errno.EADDRINUSE else exc.strerror
            raise PortTaken(
                f"The web app cannot listen on {_shown(host, number)} ({reason}); "
                "end that program, or name another address in MARSAD_LISTEN."
            ) from exc
        listening.setblocking(False)
        return listening
    raise AssertionError("the last port either is bound or raises")


def local_url(listening: socket.socket) -> str:
    """The address at which a browser on this machine reaches the socket."""
    return shown_url(*listening.getsockname()[:2])


def shown_url(host: str, port: int) -> str:
    """The address at which a browser on this machine reaches what listens there."""
    return f"http://{_shown({'0.0.0.0': '127.0.0.1', '::': '::1'}.get(host, host), port)}"  # noqa: S104


class WebServer:
    """Serves one ASGI app on one bound socket until it is told to stop."""

    def __init__(self, app: ASGIApp, listening: socket.socket, *, idle_seconds: int = _IDLE_SECONDS) -> None:
        self._listening = listening
        self._server = _QuietServer(
            uvicorn.Config(
                app,
                http=_ImpatientProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                # Which proxy may be believed is the app's decision.
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=idle_seconds,
                timeout_graceful_shutdown=_DRAIN_SECONDS,
            )
        )

    async def run(self) -> None:
        await self._server.serve(sockets=[self._listening])

    def stop(self) -> None:
        self._server.should_exit = True


class _ImpatientProtocol(H11Protocol):
    """Closes a connection on which a request begins and does not go on; each costs a file handle.

    uvicorn's own timeout counts between two requests only, and ends with the first byte of the next.
    """

    _head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._head_due is None:
            self._head_due = self.loop.call_later(self.timeout_keep_alive, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _give_up(self) -> None:
        self._head_due = None
        if self.conn.their_state is h11.IDLE:
            self.timeout_keep_alive_handler()


class _QuietServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn would raise the signal again at its end, and the process would die undrained.
        yield


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
