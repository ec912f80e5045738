"""Processes of the service under a test's hands: started, listened to, asked over HTTP, and ended."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Running:
    """A process and what it writes, both streams into one file."""

    process: subprocess.Popen[bytes]
    log: Path
    listener: subprocess.Popen[bytes]

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def until(self, condition: Callable[[], object], *, limit: float = 60) -> None:
        """Wait until the condition holds; a process that ends before is a failure, told in its own words."""

        def holds() -> bool:
            if condition():
                return True
            assert self.process.poll() is None, f"it ended:\n{self.said}"
            return False

        wait_until(holds, limit=limit, why=lambda: f"it did not come to it:\n{self.said}")

    def until_said(self, words: str, *, times: int = 1, limit: float = 60) -> None:
        self.until(lambda: self.said.count(words) >= times, limit=limit)

    def end(self, number: int = signal.SIGTERM) -> float:
        """Send the signal and wait; returns how many seconds the end took."""
        asked = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        took = time.monotonic() - asked
        self.listener.wait(10)
        return took


@contextmanager
def running(
    command: Sequence[str | Path], environment: Mapping[str, str], log: Path, *, cwd: Path | None = None
) -> Iterator[Running]:
    """A running process, ended at the latest with the block.

    It writes into a pipe, so that what keeps it from writing files leaves its words alone.
    """
    with log.open("wb") as out, subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=out) as listener:
        assert listener.stdin is not None
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=listener.stdin,
            stderr=subprocess.STDOUT,
        )
        listener.stdin.close()
        try:
            yield Running(process, log, listener)
        finally:
            process.kill()
            process.wait()


def wait_until(
    condition: Callable[[], object], *, limit: float = 60, why: Callable[[], str] = lambda: "too late"
) -> None:
    """Look again until the condition holds; fails after `limit` seconds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, why()
        time.sleep(0.1)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str) -> tuple[int, str]:
    """GET from 127.0.0.1; status 0 while nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, HTTPException):
        return 0, ""
    finally:
        connection.close()
