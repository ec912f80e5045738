"""Who reaches what. Everything is closed: without signing in, only what PUBLIC names is open.

The decision falls before routing, by the path alone, so that a route added anywhere is closed as well.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from marsad.errors import DatabaseError, DatabaseUnreachable
from storage import sessions
from storage.accounts import SignedIn
from web.cookies import session_cookie
from web.errors import problem, unavailable
from web.local_path import local_path
from web.services import WebServices

_READ = frozenset({"GET", "HEAD"})
_FORM = _READ | {"POST"}

PUBLIC = {
    "/healthz": _READ,
    "/readyz": _READ,
    "/metrics": _READ,
    "/login": _FORM,
    "/setup": _FORM,
    "/language": frozenset({"POST"}),
    "/api/v1/openapi.json": _READ,
}
"""What anonymous reaches, with its methods; `/metrics` asks who the peer is by itself."""
PUBLIC_FOLDER = "/static/"

_WITHOUT_SESSION = ("/healthz", "/readyz", "/metrics")
_WRITTEN_DOWN_EVERY = timedelta(days=1)
_LOG = logging.getLogger(__name__)


def is_public(method: str, path: str) -> bool:
    """Return whether a request needs no signed-in user."""
    return method in PUBLIC.get(path, ()) or (method in _READ and path.startswith(PUBLIC_FOLDER))


def _current_user(request: Request) -> SignedIn:
    user: SignedIn | None = request.state.user
    if user is None:
        raise HTTPException(401)
    return user


CurrentUser = Annotated[SignedIn, Depends(_current_user)]
"""The parameter type by which a route asks for the signed-in user."""


class DefaultDeny:
    """Puts the signed-in `user` into the request's state, or None; sends anonymous away from what is not public.

    Pages lead to the sign-in form (303) and from there back; the API answers 401.
    """

    def __init__(self, app: ASGIApp, services: WebServices) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            refused = await self._decide(scope)
            if refused is not None:
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _decide(self, scope: Scope) -> Response | None:
        state, path = scope["state"], scope["path"]
        state["user"] = state["session_token"] = None
        request = Request(scope)
        token = session_cookie(request)
        if token and path not in _WITHOUT_SESSION and not path.startswith(PUBLIC_FOLDER):
            try:
                state["user"] = await run_in_threadpool(_find_user, self._services, token)
            except DatabaseError as exc:
                return unavailable(request, exc)
        if state["user"] is not None:
            state["session_token"] = token
        elif not is_public(scope["method"], path):
            return _to_sign_in(request)
        return None


def _find_user(services: WebServices, token: str) -> SignedIn | None:
    with services.database.read() as session:
        now = services.clock(session)
        found = sessions.find_session(session, token, now=now)
    if found is None:
        return None
    if now - found.seen_at >= _WRITTEN_DOWN_EVERY:
        # All that a GET ever writes. A database that takes no writes can still be read.
        try:
            with services.database.write() as session:
                sessions.touch_session(session, token, now=now)
        except DatabaseUnreachable as exc:
            _LOG.warning("session not touched", extra={"cause": str(exc)})
    return found.user


def _to_sign_in(request: Request) -> Response:
    if request.url.path.startswith("/api/"):
        return problem(401, "Sign in first.", headers={"WWW-Authenticate": "Cookie"})
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method not in _READ or local_path(wanted) == "/":
        return RedirectResponse("/login", 303)
    return RedirectResponse(f"/login?next={quote(wanted, safe='/')}", 303)
