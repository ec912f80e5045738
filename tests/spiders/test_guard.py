"""Row 1-6 of the faults: what the guard refuses is never dialled, what it checked is what is dialled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle

import pytest
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionRefusedError as Refused

from marsad.addresses import Allowance, IPAddress
from marsad.types import FetchFailure, FetchRequest, Grade
from spiders.runner import Fetcher
from tests.spiders.conftest import LOOPBACK
from tests.spiders.server import Server


@dataclass
class RecordingConnector:
    """Never dials: remembers what would have been connected to, and refuses."""

    dialled: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, address: IPAddress, port: int, timeout: float) -> RecordingConnector:
        self.dialled.append((str(address), port))
        return self

    def connect(self, factory: object) -> Deferred[None]:
        return fail(Refused())  # type: ignore[no-untyped-call]


def answers(*texts: Sequence[str]) -> object:
    """A resolver that gives these answers in turn, for ever."""
    turn = cycle(texts)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return next(turn)

    return resolve


async def _fetch(url: str, *addresses: Sequence[str]) -> tuple[FetchFailure, list[tuple[str, int]]]:
    connector = RecordingConnector()
    async with Fetcher(resolve=answers(*addresses), connect=connector, obey_robots=False) as fetcher:  # type: ignore[arg-type]
        result = await fetcher.fetch(FetchRequest(url, "feed"))
    assert isinstance(result, FetchFailure)
    return result, connector.dialled


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
    ],
)
async def test_a_name_that_is_not_public_is_refused_undialled(address: str) -> None:
    failure, dialled = await _fetch("https://news.example/feed", [address])

    assert dialled == []
    assert failure.grade is Grade.HARD
    assert "news.example:443 is not a public" in failure.reason


@pytest.mark.parametrize("mixed", [["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["2606:4700::1", "::1"]])
async def test_an_answer_with_one_private_address_is_refused_whole(mixed: list[str]) -> None:
    failure, dialled = await _fetch("http://news.example/feed", mixed)

    assert dialled == []
    assert failure.grade is Grade.HARD


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://１２７.0.0.1/",
    ],
)
async def test_a_literal_is_judged_by_what_it_reaches(url: str) -> None:
    connector = RecordingConnector()
    async with Fetcher(connect=connector, obey_robots=False) as fetcher:
        failure = await fetcher.fetch(FetchRequest(url, "feed"))

    assert connector.dialled == []
    assert isinstance(failure, FetchFailure)
    assert failure.grade is Grade.HARD


async def test_a_resolver_that_flips_gains_no_connection_to_its_second_answer() -> None:
    connector = RecordingConnector()
    resolve = answers(["8.8.8.8"], ["10.0.0.1"])
    async with Fetcher(resolve=resolve, connect=connector, obey_robots=False) as fetcher:  # type: ignore[arg-type]
        for _ in range(50):
            await fetcher.fetch(FetchRequest("http://news.example/feed", "feed"))

    assert set(connector.dialled) == {("8.8.8.8", 80)}
    assert len(connector.dialled) == 25


async def test_every_checked_address_is_tried_in_the_resolvers_order() -> None:
    failure, dialled = await _fetch("http://news.example/feed", ["8.8.8.8", "2606:4700::1", "1.1.1.1"])

    assert dialled == [("8.8.8.8", 80), ("2606:4700::1", 80), ("1.1.1.1", 80)]
    assert failure.grade is Grade.TEMPORARY


@pytest.mark.parametrize("location", ["http://10.0.0.1/", "https://10.0.0.1/x", "//10.0.0.1/x"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_a_private_address_is_refused_undialled(
    server: Server, status: int, location: str
) -> None:
    url = server.answer("/feed", status=status, Location=location)
    async with Fetcher(allow=LOOPBACK, obey_robots=False) as fetcher:
        failure = await fetcher.fetch(FetchRequest(url, "feed"))

    assert isinstance(failure, FetchFailure)
    assert failure.grade is Grade.HARD
    assert "10.0.0.1" in failure.reason
    assert url in failure.reason


@pytest.mark.parametrize(
    "location",
    ["file:///etc/hostname", "http://a@10.0.0.1/", "http:\\\\10.0.0.1\\", "gopher://x/", "http://b\\@c/"],
)
async def test_a_redirect_that_two_parsers_read_differently_is_refused(
    server: Server, fetcher: Fetcher, location: str
) -> None:
    url = server.answer("/feed", status=302, Location=location)

    failure = await fetcher.fetch(FetchRequest(url, "feed"))

    assert isinstance(failure, FetchFailure)
    assert failure.grade is Grade.HARD
    assert server.paths() == ["/feed"]


@pytest.mark.parametrize(
    "url", ["ftp://x/", "file:///x", "http://a:b@c/", "http://a\\@b/", "news", "", "http://"]
)
async def test_a_bad_address_is_a_failure_not_an_exception(fetcher: Fetcher, url: str) -> None:
    failure = await fetcher.fetch(FetchRequest(url, "feed"))

    assert isinstance(failure, FetchFailure)
    assert failure.grade is Grade.HARD


async def test_ports_of_other_services_are_refused() -> None:
    _, dialled = await _fetch("http://news.example:22/", ["8.8.8.8"])

    assert dialled == []


def test_no_allowance_means_no_loopback() -> None:
    assert not Allowance().networks
