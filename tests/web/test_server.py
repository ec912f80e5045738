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


async def test_a_connection_without_a_whole_request_is_closed_and_one_that_is_answered_is_not() -> None:
    async def slow(request: object) -> PlainTextResponse:
        await asyncio.sleep(1.5)
        return PlainTextResponse("done")

    listening = bind("127.0.0.1", 0, chosen=True)
    host, port = listening.getsockname()[:2]
    server = WebServer(Starlette(routes=[Route("/", slow)]), listening, idle_seconds=1)
    running = asyncio.create_task(server.run())
    head = b"GET / HTTP/1.1\r\nHost: x\r\n"
    silent, half, whole = [await asyncio.open_connection(host, port) for _ in range(3)]
    half[1].write(head)
    for _ in range(2):
        whole[1].write(head + b"\r\n")
        assert b"200 OK" in await asyncio.wait_for(whole[0].readuntil(b"done"), 10)
    # The second request on a connection may not stop in the middle either.
    whole[1].write(head)
    for reader, writer in (silent, half, whole):
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
    server.stop()
    await asyncio.wait_for(running, 10)
    listening.close()
