"""Addresses from outside as links: only what leads to the web."""

from __future__ import annotations

from marsad.addresses import parse_target
from marsad.errors import AddressInvalid


def web_address(url: str | None) -> str | None:
    """Return an address that may stand in a link; None for every other scheme and for what is no address."""
    if not url:
        return None
    try:
        parse_target(url)
    except AddressInvalid:
        return None
    return url
