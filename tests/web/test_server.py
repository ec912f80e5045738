"""The socket that the web app listens on, and the server on it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from marsad.errors import PortTaken
from web.server import WebServer, bind, local_url


def test_a_default_port_that_is_taken_gives_way_to_the_next_free_one() -> None:
    with closing(bind("127.0.0.1", 0, chosen=False)) as first:
        port = first.getsockname()[1]
        with closing(bind("127.0.0.1", port, chosen=False)) as second:
            assert second.getsockname()[1] > port


def test_a_chosen_port_that_is_taken_is_said_with_the_way_out() -> None:
    with closing(bind("127.0.0.1", 0, chosen=True)) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"127\.0\.0\.1:{port} \(another program.*MARSAD_LISTEN"):
            bind("127.0.0.1", port, chosen=True)


def test_an_address_of_another_machine_is_said_too() -> None:
    # 192.0.2.0/24 is for documentation (RFC 5737): no machine has it, and binding sends nothing.
    with pytest.raises(PortTaken, match=r"192\.0\.2\.1:8080 .*MARSAD_LISTEN"):
        bind("192.0.2.1", 8080, chosen=False)


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "127.0.0.1")])
def test_the_address_that_is_printed_can_be_opened_here(host: str, shown: str) -> None:
    with closing(bind(host, 0, chosen=True)) as listening:
        assert local_url(listening) == f"http://{shown}:{listening.getsockname()[1]}"


def test_an_ipv6_address_is_printed_in_brackets() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        listening = bind("::1", 0, chosen=True)
    except PortTaken:
        pytest.skip("this machine has no IPv6 loopback")
    with closing(listening):
        assert local_url(listening).startswith("http://[::1]:")


async def test_a_request_under_way_is_answered_before_the_server_ends() -> None:
    began = asyncio.Event()

    async def slow(request: object) -> PlainTextResponse:
        began.set()
        await asyncio.sleep(0.3)
        return PlainTextResponse("done")

    listening = bind("127.0.0.1", 0, chosen=True)
    server = WebServer(Starlette(routes=[Route("/", slow)]), listening)
    running = asyncio.create_task(server.run())
    async with httpx.AsyncClient(trust_env=False) as client:
        asked = asyncio.create_task(client.get(local_url(listening)))
        await began.wait()
        server.stop()
        answer = await asked
    assert answer.text == "done"
    await asyncio.wait_for(running, 10)
