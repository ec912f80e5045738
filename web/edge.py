"""The outermost layers: what nobody expected becomes a page without internals, and every answer is counted."""

from __future__ import annotations

import logging
from time import perf_counter

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.errors import UNEXPECTED, refuse
from web.metrics import RequestMetrics

_LOG = logging.getLogger(__name__)


class Edge:
    """Logs and answers an unexpected exception (500), and measures every request."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        began = perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            # Without the query, where a one-time token may stand.
            _LOG.exception("request failed", extra={"method": scope["method"], "path": scope["path"]})
            if status:
                raise  # the answer is under way: the server cuts the connection
            await refuse(Request(scope), 500, UNEXPECTED)(scope, receive, sending)
        finally:
            self._metrics.observe(scope["method"], status, perf_counter() - began)
