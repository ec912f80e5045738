"""From a template and its values to a page, in the language of who asked."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from notifiers.text import direction, inline
from web.translation import Language, choose_language, languages

LANGUAGE_COOKIE = "marsad-lang"

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"


def render(request: Request, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Return the page that the template `name` makes of these values."""
    values = _common(request) | {"status": status} | context
    return HTMLResponse(_environment().get_template(name).render(values), status)


def language_of(request: Request) -> Language:
    """Return the language to answer in: the user's, else the cookie's, else the browser's, else Arabic."""
    user = getattr(request.state, "user", None)
    return choose_language(
        getattr(user, "language", None),
        request.cookies.get(LANGUAGE_COOKIE),
        accepted=request.headers.get("accept-language"),
    )


def static(path: str) -> str:
    """Return the address of a file in `static/`, with a version that changes with its content."""
    return f"/static/{path}?v={_version(path)}"


def bdi(text: str | None) -> Markup:
    """Set a string from outside apart: escaped, on one line, its direction its own."""
    shown = inline(text or "")
    return Markup('<bdi dir="{}">{}</bdi>').format(direction(shown), shown)


def _common(request: Request) -> dict[str, Any]:
    """What every template may use."""
    language = language_of(request)
    token = getattr(request.state, "csrf_token", "")
    services = getattr(request.app.state, "services", None)
    return {
        "_": language.gettext,
        "ngettext": language.ngettext,
        "language": language,
        "languages": tuple(languages().values()),
        "lang": language.code,
        "dir": language.dir,
        "path": request.url.path,
        "here": _way_back(request),
        "csrf_field": lambda: Markup('<input type="hidden" name="_csrf" value="{}">').format(token),
        "nonce": getattr(request.state, "csp_nonce", ""),
        "user": getattr(request.state, "user", None),
        "insecure": getattr(request.state, "insecure", False),
        "more_navigation": services.more_navigation if services is not None else (),
    }


def _way_back(request: Request) -> str:
    """Where the page can be opened again: what answers a form stands at an address that takes only POST."""
    path = request.url.path
    if request.method not in ("GET", "HEAD"):
        path = "/" + path.split("/", 2)[1]
    return path + (f"?{request.url.query}" if request.url.query else "")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static
    environment.filters["bdi"] = bdi
    environment.filters["direction"] = direction
    environment.filters["inline"] = inline
    return environment


@cache
def _version(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
