"""How the API describes its errors: problem details (RFC 9457), for OpenAPI."""

from __future__ import annotations

from typing import Any

from web.errors import PROBLEM

_TEXT = {"type": "string"}
_SCHEMA = {
    "type": "object",
    "title": "Problem details (RFC 9457)",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "errors": {
            "type": "array",
            "description": "The fields that do not fit, where that is what is wrong",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": _TEXT, "message": _TEXT},
            },
        },
    },
}
_TOLD = {
    400: "marsad was asked for under a name that is not its own",
    401: "Nobody is signed in",
    403: "The CSRF token is missing or wrong, or the request comes from another site",
    404: "There is no such thing",
    422: "The request does not fit this description",
    503: "The database cannot be used now; Retry-After says when to ask again",
}


def problems(*more: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route: what every route may answer, and `more` statuses of its own."""
    statuses = sorted({400, 401, 422, 503, *more})
    return {s: {"description": _TOLD[s], "content": {PROBLEM: {"schema": _SCHEMA}}} for s in statuses}
