"""A server on loopback and a Fetcher that may reach it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from marsad.addresses import Allowance, parse_allowance
from spiders.runner import Fetcher
from tests.spiders.documents import NOW
from tests.spiders.server import Server, running_server

LOOPBACK: Allowance = parse_allowance("127.0.0.1/32", setting="MARSAD_FETCH_ALLOW")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with running_server() as server:
        yield server


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(allow=LOOPBACK, deadline=5.0, now=lambda: NOW) as fetcher:
        yield fetcher
