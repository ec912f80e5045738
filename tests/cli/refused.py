"""Ports that refuse, and a look at everything that a database holds."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

LOOPBACK_ONLY = {"MARSAD_FETCH_ALLOW": "127.0.0.1/32", "MARSAD_DELIVER_ALLOW": "127.0.0.1/32"}


def closed_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


def dump(file: Path) -> list[str]:
    """Every row of a SQLite database, as statements."""
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())
