"""What a request gets that fails: a page for people, problem details for programs (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from marsad.errors import AddressRefused, DatabaseError, MarsadError, NameUnknown, UsageError
from web.rendering import language_of, render
from web.translation import noop

PROBLEM = "application/problem+json"
RETRY_AFTER = "10"
"""Seconds after which a database that is away is worth asking again."""

_LOG = logging.getLogger(__name__)

_HEADINGS = {
    400: noop("This request cannot be understood"),
    401: noop("Please sign in"),
    403: noop("This is not allowed"),
    404: noop("There is nothing here"),
    405: noop("This cannot be done here"),
    413: noop("That is too much at once"),
    422: noop("Something in it is not right"),
    429: noop("Too many attempts"),
    500: noop("Something went wrong"),
    503: noop("marsad cannot answer at the moment"),
}
AWAY = noop("The database cannot be reached just now; nothing is lost. Try again in a moment.")
UNEXPECTED = noop("It was written to the log. Try again; if it stays so, tell whoever runs this marsad.")
_TEXTS = {
    404: noop("The address may be mistyped, or what stood here was removed."),
    405: noop("This address does not take such a request."),
    422: noop("A field is missing, or holds what it cannot hold."),
}


def refuse(
    request: Request, status: int, text: str, *, headers: Mapping[str, str] | None = None, **values: str
) -> Response:
    """Answer with an error: `text` is a sentence of the catalogue, or one that is shown as it is.

    `values` fill its `%(name)s` places. Programs get the English sentence.
    """
    if request.url.path.startswith("/api/"):
        return problem(status, text % values if values else text, headers=headers)
    gettext = language_of(request).gettext
    heading = gettext(_HEADINGS.get(status, _HEADINGS[400 if status < 500 else 500]))
    try:
        page: Response = render(
            request, "error.html", status=status, heading=heading, text=gettext(text, **values)
        )
    except Exception:
        # The last line: an error page that fails must not hide the error it was to tell.
        _LOG.exception("error page failed")
        page = PlainTextResponse(text % values if values else text, status)
    page.headers.update(headers or {})
    return page


def problem(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: object
) -> JSONResponse:
    """Answer with problem details (RFC 9457)."""
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(content | more, status, dict(headers or {}), media_type=PROBLEM)


def unavailable(request: Request, exc: MarsadError) -> Response:
    """Answer that the database cannot be used now.

    The reason names the database's address, never its password. It is for the log, and for who is known to be
    signed in: mostly nobody, for that too stands in the database.
    """
    _LOG.warning("database unavailable", extra={"path": request.url.path, "cause": str(exc)})
    text = AWAY if getattr(request.state, "user", None) is None else str(exc)
    return refuse(request, 503, text, headers={"Retry-After": RETRY_AFTER})


def handle_errors(app: FastAPI) -> None:
    """Turn what routes raise into answers; anything else is answered by `web.edge`."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(MarsadError, _explained)


async def _refused(request: Request, exc: Any) -> Response:
    said = exc.detail if exc.detail != HTTPStatus(exc.status_code).phrase else ""
    text = said or _TEXTS.get(exc.status_code, HTTPStatus(exc.status_code).phrase)
    return refuse(request, exc.status_code, text, headers=exc.headers)


async def _invalid(request: Request, exc: Any) -> Response:
    if not request.url.path.startswith("/api/"):
        return refuse(request, 422, _TEXTS[422])
    errors = [
        {"field": ".".join(str(part) for part in error["loc"]), "message": error["msg"]}
        for error in exc.errors()
    ]
    return problem(422, "The request does not fit the API's description.", errors=errors)


async def _explained(request: Request, exc: Any) -> Response:
    match exc:
        case DatabaseError():
            return unavailable(request, exc)
        case NameUnknown():
            return refuse(request, 404, str(exc))
        case UsageError() | AddressRefused():
            return refuse(request, 422, str(exc))
        case _:
            _LOG.warning("request failed", extra={"path": request.url.path, "cause": str(exc)})
            return refuse(request, 502, str(exc))
