"""What the web app needs from the rest of the house; `marsad.app` fills it in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from marsad.config import Settings
from marsad.types import ChannelTarget, Receipt
from pipeline.clock import Clock
from spiders.catalogue import CatalogueSource
from storage.database import Database


@dataclass(frozen=True, slots=True)
class SetUpDefaults:
    """What the set-up form is filled in with; the demo fills in everything."""

    name: str = ""
    email: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """One more page that the demo shows beside the product's own: its path and its names."""

    path: str
    name_ar: str
    name_en: str


@dataclass(frozen=True, slots=True)
class WebServices:
    """The parts behind the pages; nothing here belongs to one request."""

    settings: Settings
    database: Database
    clock: Clock
    catalogue: Sequence[CatalogueSource]
    send_test: Callable[[ChannelTarget], Awaitable[Receipt]]
    """Sends a test alert to a channel now. Raises TransportError."""
    wake: Callable[[], None] = lambda: None
    """Says that something is due: jobs of this process look at once. Safe from any thread."""
    set_up_defaults: SetUpDefaults = SetUpDefaults()
    more_navigation: tuple[NavigationLink, ...] = ()


def _services(request: Request) -> WebServices:
    services: WebServices = request.app.state.services
    return services


Services = Annotated[WebServices, Depends(_services)]
"""The parameter type by which a route asks for the parts."""
