"""The web app, put together: its layers from the outside in, its pages, its API."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware

from marsad import __version__
from web.access import DefaultDeny
from web.api import health
from web.api import matches as api_matches
from web.api import me as api_me
from web.api import status as api_status
from web.csrf import CsrfProtection
from web.edge import Edge
from web.errors import handle_errors
from web.headers import SecurityHeaders
from web.metrics import RequestMetrics
from web.pages import alerts, language, login, matches, setup, sources, status, terms, trial, watchlist, why
from web.rendering import STATIC
from web.services import WebServices
from web.transport import ReadTransport

_API = (api_me.router, api_matches.router, api_status.router)
_PAGES = (
    setup.router,
    login.router,
    language.router,
    matches.router,
    watchlist.router,
    terms.router,
    trial.router,
    why.router,
    alerts.router,
    sources.router,
    status.router,
)


def create_app(services: WebServices, *, more_routers: Sequence[APIRouter] = ()) -> FastAPI:
    """Return the app; what `more_routers` add is closed to anonymous like everything else (`web.access`)."""
    metrics = RequestMetrics()
    app = FastAPI(
        title="marsad",
        version=__version__,
        summary="Watches Arabic technology news for the names you give it.",
        openapi_url="/api/v1/openapi.json",
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(Edge, metrics=metrics),
            Middleware(ReadTransport, settings=services.settings),
            Middleware(DefaultDeny, services=services),
            Middleware(CsrfProtection),
        ],
    )
    app.state.services = services
    app.state.metrics = metrics
    app.state.readiness = health.Readiness()
    app.state.hidden_peers_told = threading.Lock()
    handle_errors(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in (health.router, *_API, *_PAGES, *more_routers):
        app.include_router(router)
    return app
