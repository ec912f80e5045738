"""An installation that waits for its first news, copied for each case; its servers keep their addresses."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from tests.command import Marsad
from tests.conftest import ROOT
from tests.faults.killed_poll import Point
from tests.faults.stories import STORIES, TERMS
from tests.newsroom import Newsroom
from tests.servers import MailBox, RecordingReceiver, Reply

POLL = ("poll", "--once", "--all")


class LoadedProgram:
    """Runs commands of the program in forks of one loaded process, and dies with it where told."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, marsad: Marsad, *arguments: str, point: Point | None = None) -> int:
        """Begin a command; gives its process id."""
        assert self._process.stdin is not None
        order = {
            "settings": marsad.settings,
            "arguments": arguments,
            "point": asdict(point) if point else None,
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def wait(self) -> int:
        """Wait for the command's end; gives its exit status, negative for a signal."""
        return self._answer()

    def run(self, marsad: Marsad, *arguments: str, point: Point | None = None) -> int:
        self.start(marsad, *arguments, point=point)
        return self.wait()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@pytest.fixture(scope="session")
def program() -> Iterator[LoadedProgram]:
    command = [sys.executable, "-m", "tests.faults.killed_poll"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield LoadedProgram(process)


@dataclass(frozen=True, slots=True)
class Installation:
    """One case's copy: its database, its settings, and the servers around it."""

    url: str
    marsad: Marsad
    program: LoadedProgram
    newsroom: Newsroom
    mailbox: MailBox
    receiver: RecordingReceiver


@dataclass(frozen=True, slots=True)
class Prepared:
    """The installation that is copied: subscribed, and its source polled while it was empty."""

    copies: Callable[[], AbstractContextManager[str]]
    program: LoadedProgram
    newsroom: Newsroom
    mailbox: MailBox
    receiver: RecordingReceiver


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def prepared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, program: LoadedProgram
) -> Iterator[Prepared]:
    folder = tmp_path_factory.mktemp("prepared")
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{folder}/marsad.sqlite3"
            copies = _sqlite_copies(folder)
        else:
            server = request.getfixturevalue("postgres_server")
            name = f"prepared_{secrets.token_hex(6)}"
            url = stack.enter_context(_postgres_database(server, name))
            copies = _postgres_copies(server, name)
        newsroom = stack.enter_context(Newsroom())
        mailbox = stack.enter_context(MailBox())
        receiver = stack.enter_context(RecordingReceiver())
        marsad = _settings(folder, url, mailbox)
        for command in (
            ("source", "add", newsroom.feed_url, "--name", "newsroom"),
            ("watch", "add", *TERMS),
            ("channel", "add", "email", "analyst@desk.example", "--name", "mail", "--confirmed"),
            ("channel", "add", "webhook", receiver.url, "--name", "hook"),
            ("subscribe", "main", "mail"),
            ("subscribe", "main", "hook"),
            POLL,
        ):
            assert program.run(marsad, *command) == 0
        yield Prepared(copies, program, newsroom, mailbox, receiver)


@pytest.fixture
def installation(prepared: Prepared, tmp_path: Path) -> Iterator[Installation]:
    """A copy for this test; the stories have just been published."""
    newsroom, mailbox, receiver = prepared.newsroom, prepared.mailbox, prepared.receiver
    newsroom.stories, newsroom.page_status = STORIES, 200
    mailbox.mails.clear()
    receiver.requests.clear()
    receiver.answer(Reply())
    with prepared.copies() as url:
        marsad = _settings(tmp_path, url, mailbox)
        yield Installation(url, marsad, prepared.program, newsroom, mailbox, receiver)


def _settings(folder: Path, url: str, mailbox: MailBox) -> Marsad:
    return Marsad.at(
        folder,
        MARSAD_DATABASE_URL=url,
        MARSAD_SMTP_URL=mailbox.url,
        MARSAD_MAIL_FROM="marsad@alerts.example",
    )


def _sqlite_copies(folder: Path) -> Callable[[], AbstractContextManager[str]]:
    @contextmanager
    def copy() -> Iterator[str]:
        own = folder / secrets.token_hex(6)
        own.mkdir()
        with (
            closing(sqlite3.connect(folder / "marsad.sqlite3")) as source,
            closing(sqlite3.connect(own / "marsad.sqlite3")) as target,
        ):
            source.backup(target)
        yield f"sqlite:///{own}/marsad.sqlite3"
        shutil.rmtree(own)

    return copy


def _postgres_copies(server: str, template: str) -> Callable[[], AbstractContextManager[str]]:
    return lambda: _postgres_database(server, f"copy_{secrets.token_hex(6)}", template=template)


@contextmanager
def _postgres_database(server: str, name: str, *, template: str = "template1") -> Iterator[str]:
    import psycopg
    from psycopg.sql import SQL, Identifier

    with psycopg.connect(server, autocommit=True) as connection:
        create = SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(create.format(Identifier(name), Identifier(template)))
        try:
            yield server.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
