"""The cookies by which browsers stay signed in and send forms.

`__Host-` (RFC 6265bis §4.1.3.2): browsers take it only with Secure, for this very host and the whole site.
They refuse it over plain HTTP, except on this machine itself; MARSAD_INSECURE_HTTP=1 sets one of another name.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request
from fastapi.responses import Response

from storage.sessions import LONGEST
from web.transport import Transport

_SECURE, _INSECURE = "__Host-marsad", "marsad-insecure"
_DEVICE_KEPT = timedelta(days=365)


def can_sign_in(request: Request) -> bool:
    """Return whether a cookie can be set over the connection that a request came by."""
    transport: Transport = request.state.transport
    return transport.trustworthy or bool(request.state.plain_cookies)


def session_cookie(request: Request) -> str | None:
    """Return the session token that the browser sent."""
    return request.cookies.get(_name(request)) if can_sign_in(request) else None


def set_session_cookie(request: Request, response: Response, token: str) -> None:
    """Keep a browser signed in."""
    _set(request, response, _name(request), token, max_age=int(LONGEST.total_seconds()))


def drop_session_cookie(request: Request, response: Response) -> None:
    """Have a browser forget its session."""
    _set(request, response, _name(request), "", max_age=0)


def device_cookie(request: Request) -> str | None:
    """Return what tells that this browser signed in before (`web.devices`)."""
    return request.cookies.get(f"{_name(request)}-device") if can_sign_in(request) else None


def set_device_cookie(request: Request, response: Response, device: str) -> None:
    """Have a browser known for a year; signing out does not change that."""
    _set(request, response, f"{_name(request)}-device", device, max_age=int(_DEVICE_KEPT.total_seconds()))


def form_cookie(request: Request) -> str | None:
    """Return the secret that forms of people who are not signed in are bound to."""
    return request.cookies.get(f"{_name(request)}-form") if can_sign_in(request) else None


def set_form_cookie(request: Request, response: Response, secret: str) -> None:
    """Bind the forms of someone who is not signed in to this browser, until it is closed."""
    _set(request, response, f"{_name(request)}-form", secret, max_age=None)


def _name(request: Request) -> str:
    return _INSECURE if request.state.plain_cookies else _SECURE


def _set(request: Request, response: Response, name: str, value: str, *, max_age: int | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        secure=not request.state.plain_cookies,
        httponly=True,
        samesite="lax",
    )
