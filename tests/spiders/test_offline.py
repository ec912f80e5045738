"""Whether this machine or the source is to blame when a fetch fails."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

import pytest
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectError, getConnectError

from marsad.addresses import Allowance
from marsad.types import FetchFailure, FetchRequest
from spiders.runner import Fetcher

REQUEST = FetchRequest("http://news.example/feed", "feed")


class Dials:
    """An endpoint whose connection fails with the number that the system gave."""

    def __init__(self, number: int) -> None:
        self._error: ConnectError = getConnectError((number, "no"))  # type: ignore[no-untyped-call]

    def connect(self, factory: object) -> Deferred[object]:
        return fail(self._error)


@pytest.mark.parametrize(("number", "offline"), [(socket.EAI_AGAIN, True), (socket.EAI_NONAME, False)])
async def test_no_name_server_is_our_outage_and_an_unknown_name_is_not(number: int, offline: bool) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(number, "no")

    async with Fetcher(resolve=resolve) as fetcher:
        result = await fetcher.fetch(REQUEST)
    assert isinstance(result, FetchFailure)
    assert result.offline is offline


@pytest.mark.parametrize(
    ("number", "offline"),
    [(errno.ENETUNREACH, True), (errno.EHOSTUNREACH, True), (errno.ECONNREFUSED, False)],
    ids=str,
)
async def test_no_way_out_is_our_outage_and_a_server_that_refuses_is_not(number: int, offline: bool) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34"]

    async with Fetcher(
        allow=Allowance(), resolve=resolve, connect=lambda *_: Dials(number), obey_robots=False
    ) as fetcher:
        result = await fetcher.fetch(REQUEST)
    assert isinstance(result, FetchFailure)
    assert result.offline is offline
