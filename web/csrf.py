"""Forms and calls that change something must come from our own pages.

Two checks, each enough by itself: the browser's own word (Origin, Sec-Fetch-Site), and a token bound to the
session, or for people who are not signed in to a cookie. OWASP Cross-Site Request Forgery Prevention.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.cookies import can_sign_in, form_cookie, set_form_cookie
from web.errors import refuse
from web.translation import noop

FIELD = "_csrf"
HEADER = "X-CSRF-Token"
LARGEST_BODY = 2 * 2**20
_BODY_SECONDS = 30

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PAGES_WITH_FORMS = ("/login", "/setup")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

INSECURE = noop(
    "This connection is not encrypted, so browsers refuse the cookie that signing in needs. Open marsad "
    "through https (docs/reverse-proxy.md tells how), or on the machine itself as http://localhost. In a "
    "network that you trust, MARSAD_INSECURE_HTTP=1 lets people sign in all the same."
)
_FOREIGN = noop("This came from another site, so nothing was changed.")
_EXPIRED = noop("This form is no longer valid, so nothing was changed. Open its page again and send it anew.")
_NO_COOKIE = noop(
    "The browser did not send the cookie that belongs to this form, so nothing was changed. Allow cookies for "
    "this site, and open the page again. Safari before version 26 keeps none over plain http, not even on the "
    "machine itself: docs/reverse-proxy.md tells what helps."
)
_TOO_LARGE = noop("What was sent is larger than 2 MiB, so it was not read.")
_ODD = noop("A field is missing, or holds what it cannot hold.")
_TOO_SLOW = noop("What was sent did not arrive in time.")


def csrf_token(secret: str) -> str:
    """Return the token of a session or of a form cookie: only who knows the cookie knows it."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"marsad form", hashlib.sha256).hexdigest()


class CsrfProtection:
    """Puts `csrf_token` into the request's state; every unsafe method without it is answered 403."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        secret = scope["state"]["session_token"] or form_cookie(request)
        if secret is None and _shows_a_form(request):
            secret = secrets.token_urlsafe(32)
            send = _with_cookie(request, secret, send)
        scope["state"]["csrf_token"] = token = csrf_token(secret) if secret else ""
        if scope["method"] in _SAFE:
            await self._app(scope, receive, send)
            return
        body = b""
        refused = _foreign(request)
        if refused is None:
            try:
                body = await _read_body(receive)
            except TimeoutError:
                refused = refuse(request, 408, _TOO_SLOW)
        if refused is None:
            refused = await _check(scope, body, token)
        if refused is not None:
            await refused(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


def _shows_a_form(request: Request) -> bool:
    return request.method == "GET" and request.url.path in _PAGES_WITH_FORMS and can_sign_in(request)


def _with_cookie(request: Request, secret: str, send: Send) -> Send:
    carrier = Response()
    set_form_cookie(request, carrier, secret)

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("Set-Cookie", carrier.headers["Set-Cookie"])
        await send(message)

    return sending


def _foreign(request: Request) -> Response | None:
    """What the browser itself says about where the request comes from."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site in ("same-origin", "none") and (origin is None or origin in request.state.transport.origins):
        return None
    unencrypted = origin == f"http://{request.state.transport.host}"
    return refuse(request, 403, INSECURE if unencrypted else _FOREIGN)


async def _check(scope: Scope, body: bytes, token: str) -> Response | None:
    request = Request(scope, _replay(body, None))
    if len(body) > LARGEST_BODY:
        return refuse(request, 413, _TOO_LARGE)
    fields = await _fields(request)
    given = request.headers.get(HEADER) or dict(fields).get(FIELD, "")
    if token and hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode()):
        # No database stores these, and browsers send none of them.
        return refuse(request, 422, _ODD) if any(_UNSTORABLE.search(text) for _, text in fields) else None
    why = (_EXPIRED if token else _NO_COOKIE) if can_sign_in(request) else INSECURE
    return refuse(request, 403, why)


async def _fields(request: Request) -> list[tuple[str, str]]:
    """The names and texts of a form; none for what is no form that can be read."""
    try:
        async with request.form() as form:
            return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    except (HTTPException, UnicodeError):  # a stranger names the encoding of a form's parts
        return []


async def _read_body(receive: Receive) -> bytes:
    """Read what the route will read again; stops soon after LARGEST_BODY. Raises TimeoutError."""
    chunks: list[bytes] = []
    size = 0
    async with asyncio.timeout(_BODY_SECONDS):
        while size <= LARGEST_BODY:
            message = await receive()
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
    return b"".join(chunks)


def _replay(body: bytes, then: Receive | None) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if not sent or then is None:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await then()

    return receive
