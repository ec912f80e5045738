"""The web server: uvicorn inside the service's own event loop, on a socket that was bound before."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from marsad.errors import PortTaken

_PORTS_TRIED = 50
_DRAIN_SECONDS = 5


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

    def __init__(self, app: ASGIApp, listening: socket.socket) -> None:
        self._listening = listening
        self._server = _QuietServer(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                # Which proxy may be believed is the app's decision.
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=15,
                timeout_graceful_shutdown=_DRAIN_SECONDS,
            )
        )

    async def run(self) -> None:
        await self._server.serve(sockets=[self._listening])

    def stop(self) -> None:
        self._server.should_exit = True


class _QuietServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn would raise the signal again at its end, and the process would die undrained.
        yield


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
