"""What browsers may do with our answers: the same headers on every one of them, errors and files included.

Content Security Policy Level 3, with a nonce for each answer; https://www.w3.org/TR/CSP3/.
"""

from __future__ import annotations

import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not no-referrer: with that, browsers send our own forms with "Origin: null".
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_FOR_A_YEAR = "public, max-age=31536000, immutable"


class SecurityHeaders:
    """Adds the headers, and puts the answer's nonce into the request's state as `csp_nonce`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["csp_nonce"] = nonce

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _FIXED.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = content_security_policy(nonce)
                headers.setdefault("Cache-Control", _cache_control(scope, message["status"]))
            await send(message)

        await self._app(scope, receive, sending)


def content_security_policy(nonce: str) -> str:
    """Return the policy: everything from here or not at all, scripts only with the answer's nonce."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _cache_control(scope: Scope, status: int) -> str:
    """Files whose address changes with their content are kept for ever; a page is never kept."""
    if not scope["path"].startswith("/static/"):
        return "no-store"
    fixed = scope["path"].startswith("/static/vendor/") or scope["query_string"].startswith(b"v=")
    return _FOR_A_YEAR if fixed and status in (200, 206, 304) else "no-cache"
