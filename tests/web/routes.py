"""Every route of an app, found in the app itself, with an address that leads to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Reach:
    """One method of one route: `template` as the app has it, `path` with every parameter filled in."""

    method: str
    template: str
    path: str


def all_routes(app: FastAPI) -> list[Reach]:
    """Return each method of each route; a mounted folder stands for the files in it."""
    return sorted(_walk(app), key=lambda reach: (reach.template, reach.method))


def unsafe_routes(app: FastAPI) -> list[Reach]:
    """Return the routes that may change something."""
    return [reach for reach in all_routes(app) if reach.method not in SAFE]


def _walk(app: FastAPI) -> Iterator[Reach]:
    for route in iter_route_contexts(app.routes):
        template = route.path or ""
        if isinstance(route.route, Mount):
            yield Reach("GET", f"{template}/", f"{template}/nothing.css")
            continue
        path = re.sub(r"\{[^}]*\}", "1", template)
        for method in sorted(route.methods or ()):
            yield Reach(method, template, path)
