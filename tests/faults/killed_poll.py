"""The program, made to kill itself (SIGKILL) at a chosen point; nothing of it is replaced.

Run as `python -m tests.faults.killed_poll`, it loads the program once and then forks for each order, because
loading takes longer than a poll. An order is a line of JSON on standard input: settings, arguments, and a
point or null. The answers are two lines on standard output: the child's process id, and its exit status
when it has ended (negative: the signal).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Point:
    """The `nth` time that something happens.

    `what` is a function as "module:Class.name" for "call", else a regular expression for the beginning of an
    SQL statement: "statement" is after it, "before commit" and "after commit" are about its transaction.
    """

    when: Literal["call", "statement", "before commit", "after commit"]
    what: str
    nth: int = 1

    def install(self) -> None:
        """Watch for this point in this process, in every thread; when it is reached, the process dies."""
        reached = self._counter()
        if self.when == "call":
            _watch_calls(self.what, reached)
        else:
            _watch_statements(re.compile(self.what), self.when, reached)

    def _counter(self) -> Callable[[], None]:
        lock = threading.Lock()
        left = self.nth

        def reached() -> None:
            nonlocal left
            with lock:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        return reached


def _watch_calls(what: str, reached: Callable[[], None]) -> None:
    module, _, name = what.partition(":")

    def watch(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_qualname == name and frame.f_globals.get("__name__") == module:
            reached()

    threading.setprofile(watch)
    sys.setprofile(watch)


def _watch_statements(wanted: re.Pattern[str], when: str, reached: Callable[[], None]) -> None:
    from sqlalchemy import Connection, Engine, event
    from sqlalchemy.orm import Session

    committing = threading.local()

    def executed(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if wanted.match(statement):
            connection.info["wanted"] = True
            if when == "statement":
                reached()

    def before_commit(connection: Connection) -> None:
        committing.wanted = connection.info.pop("wanted", False)
        if committing.wanted and when == "before commit":
            reached()

    def after_commit(_: Session) -> None:
        if committing.wanted and when == "after commit":
            reached()

    def rolled_back(connection: Connection) -> None:
        connection.info.pop("wanted", None)

    event.listen(Engine, "after_cursor_execute", executed)
    event.listen(Engine, "commit", before_commit)
    event.listen(Engine, "rollback", rolled_back)
    event.listen(Session, "after_commit", after_commit)


def serve() -> None:
    """Answer orders until standard input ends."""
    _load()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _obey(order)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _load() -> None:
    """Load what a poll needs; no reactor, engine or thread comes with it, so that a fork starts clean."""
    for name in ("marsad.app", "pipeline.poll", "pipeline.deliver", "spiders.runner", "psycopg"):
        importlib.import_module(name)
    for name in ("notifiers.email", "notifiers.webhook"):
        importlib.import_module(name)

    # These load their parts when they are first used.
    import typer

    from marsad.cli.main import app
    from spiders.extract import extract_page

    with contextlib.redirect_stdout(sys.stderr):
        typer.main.get_command(app).main(["--version"], standalone_mode=False)
    extract_page("<p>text</p>", url=None, now=datetime.now(UTC))
    assert "twisted.internet.reactor" not in sys.modules
    assert threading.active_count() == 1


def _obey(order: dict[str, Any]) -> None:
    from marsad.cli.main import main

    status = 70
    try:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        os.environ.update(order["settings"])
        sys.argv = ["marsad", *order["arguments"]]
        if order["point"] is not None:
            Point(**order["point"]).install()
        main()
        status = 0
    except SystemExit as exc:
        status = exc.code if isinstance(exc.code, int) else int(exc.code is not None)
    finally:
        sys.stdout.flush()
        os._exit(status)


if __name__ == "__main__":
    serve()
