"""A webhook receiver that takes everything at once and counts it.

`python -m benchmarks.receiver SECONDS` prints its port when it listens and ends itself after SECONDS.
`GET /counts` tells how many requests came, and under how many ids, since it was asked last.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter


class Receiver:
    """Answers HTTP/1.1 with connections kept open."""

    def __init__(self) -> None:
        self._ids: Counter[str] = Counter()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                request, *lines = head.split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
                await reader.readexactly(int(headers.get("content-length", 0)))
                writer.write(self._counts() if request.startswith("GET") else self._take(headers))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client is done, or the receiver's time is over
        finally:
            writer.close()

    def _take(self, headers: dict[str, str]) -> bytes:
        self._ids[headers["webhook-id"]] += 1
        return b"HTTP/1.1 204 No Content\r\n\r\n"

    def _counts(self) -> bytes:
        body = json.dumps({"requests": self._ids.total(), "ids": len(self._ids)}).encode()
        self._ids.clear()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def _serve(seconds: float) -> None:
    server = await asyncio.start_server(Receiver().talk, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(seconds)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
