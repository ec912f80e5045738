"""What a user can do wrong ends in one sentence that names the thing and the way out; nothing is lost."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from marsad.types import ChannelKind, Term
from storage import channels, sources, users, watchlists
from storage.database import open_database
from storage.schema import upgrade
from tests.cli.calls import Outcome, run_all
from tests.cli.refused import LOOPBACK_ONLY, closed_port, dump
from tests.command import Marsad
from tests.servers import RecordingReceiver, Reply
from tests.storage.stored import NOW

CANARY = "kanarya-7361"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A call and what it ends in; `{…}` in words and settings are addresses of the test's own servers."""

    words: str
    says: tuple[str, ...]
    exit_status: int = 2
    settings: dict[str, str] = field(default_factory=dict)


STRICT = {"MARSAD_FETCH_ALLOW": "", "MARSAD_DELIVER_ALLOW": ""}
CASES = {
    "an address without a scheme": Wrong("source add news.example", ("news.example", "http://")),
    "another scheme": Wrong("source add ftp://news.example/", ("ftp://news.example/", "http://")),
    "a password in an address": Wrong(f"source add http://me:{CANARY}@news.example/", ("before @",)),
    "a password in a checked address": Wrong(f"source check http://me:{CANARY}@news.example/", ("before @",)),
    "a password in a webhook": Wrong(f"channel add webhook https://me:{CANARY}@hook.example/", ("before @",)),
    "bytes that are no text in an address": Wrong("source add http://news.example/\udcff", ("https://",)),
    "a private source": Wrong(
        "source add http://10.0.0.1/feed", ("10.0.0.1", "MARSAD_FETCH_ALLOW"), 1, STRICT
    ),
    "a loopback source": Wrong("source add {silent}", ("127.0.0.1", "MARSAD_FETCH_ALLOW"), 1, STRICT),
    "a private webhook": Wrong(
        "channel add webhook {silent}", ("127.0.0.1", "MARSAD_DELIVER_ALLOW"), 1, STRICT
    ),
    "a private address to look at": Wrong("fetch {silent}", ("127.0.0.1", "MARSAD_FETCH_ALLOW"), 1, STRICT),
    "a source that is away": Wrong("source check {closed}", ("{closed}", "cannot be reached", "check"), 1),
    "a web page in the place of a feed": Wrong(
        "source check {page}", ("{page}", "a web page, not a feed", "look for"), 1
    ),
    "an unknown source": Wrong("source check elsewhere", ("'elsewhere'", "marsad source list")),
    "an unknown source to enable": Wrong("source enable elsewhere", ("'elsewhere'", "marsad source list")),
    "an address that is watched": Wrong("source add {closed}", ("{closed}", "'newsroom'")),
    "a source's name that is taken": Wrong(
        "source add https://other.example/ --name newsroom", ("'newsroom'", "--name")
    ),
    "a name of nothing": Wrong("source add https://other.example/ --name \u00a0", ("source", "characters")),
    "a name that is no text": Wrong("source add https://other.example/ --name \udcff", ("characters",)),
    "a watchlist without a name": Wrong("watch add Intel --watchlist=", ("watchlist", "characters")),
    "a term that is watched": Wrong("watch add Intel Huawei", ("'Huawei'", "marsad watch list")),
    "a term of one letter": Wrong("watch add Intel X", ('"X"', "at least two")),
    "a term without letters": Wrong("watch add «»", ("«»",)),
    "a term that is no text": Wrong("watch add Intel\udcff", ("cannot be watched",)),
    "spellings for two names": Wrong("watch add A1 B2 --spelling x", ("--spelling", "one by one")),
    "an unknown term": Wrong("watch rm Intel", ("'Intel'", "marsad watch list")),
    "an unknown term that is no text": Wrong("watch rm \udcff", ("UTF-8",)),
    "an unknown watchlist": Wrong("watch rm Huawei -w elsewhere", ("'elsewhere'", "marsad watch add")),
    "no mail address": Wrong("channel add email me.desk.example", ("me.desk.example", "me@example.com")),
    "half a mail address": Wrong("channel add email me@", ("me@", "me@example.com")),
    "a mail address that is no text": Wrong("channel add email me\udcff@desk.example", ("me@example.com",)),
    "a channel's name that is taken": Wrong(
        "channel add email me@desk.example --name hook", ("'hook'", "--name")
    ),
    "an unknown channel": Wrong("channel test elsewhere", ("'elsewhere'", "marsad channel list")),
    "an unknown channel to confirm": Wrong("channel confirm elsewhere", ("'elsewhere'", "channel list")),
    "a webhook that is away": Wrong("channel test hook", ("127.0.0.1", "could not be reached"), 1),
    "a subscription of an unknown list": Wrong("subscribe elsewhere hook", ("'elsewhere'", "watch add")),
    "a subscription to an unknown channel": Wrong(
        "subscribe main elsewhere", ("'elsewhere'", "channel list")
    ),
    "a subscription that exists": Wrong("subscribe main hook", ("'main'", "'hook'", "already")),
    "an unknown kind of database": Wrong(
        "source list",
        ("mysql", "sqlite:////", "postgresql://"),
        settings={"MARSAD_DATABASE_URL": f"mysql://me:{CANARY}@localhost/marsad"},
    ),
    "no database address": Wrong(
        "source list", ("MARSAD_DATABASE_URL", "sqlite:////"), settings={"MARSAD_DATABASE_URL": "marsad.db"}
    ),
    "a PostgreSQL that is away": Wrong(
        "poll --once",
        ("postgresql://me:***@", "see that the server runs"),
        1,
        {"MARSAD_DATABASE_URL": f"postgresql://me:{CANARY}@127.0.0.1:{{port}}/marsad"},
    ),
    "a schema too new": Wrong(
        "source list",
        ("9999", "run the newer marsad", "backup"),
        1,
        {"MARSAD_DATABASE_URL": "sqlite:///{newer}"},
    ),
    "a home that does not exist": Wrong(
        "source list", ("MARSAD_DATA_DIR", "whole path"), settings={"MARSAD_DATA_DIR": "~no-such-user/marsad"}
    ),
    "a pause that is no number": Wrong(
        "source list", ("MARSAD_HOST_DELAY", "a number of seconds"), settings={"MARSAD_HOST_DELAY": "soon"}
    ),
    "networks that are none": Wrong(
        "source list",
        ("MARSAD_DELIVER_ALLOW", "127.0.0.1/32"),
        settings={"MARSAD_DELIVER_ALLOW": "10.0.0.0/33"},
    ),
    "a mail server that is none": Wrong(
        "source list", ("MARSAD_SMTP_URL", "smtp://"), settings={"MARSAD_SMTP_URL": "mail.example"}
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """The addresses around an installation, how every wrong call on it ended, and its rows before and after."""

    addresses: dict[str, str]
    outcomes: dict[str, Outcome]
    before: list[str]
    after: list[str]
    asked: bool
    """Whether anybody connected where nothing should connect to."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Every wrong call is made once, one after the other."""
    folder = tmp_path_factory.mktemp("errors")
    with (
        RecordingReceiver() as page,
        closing(socket.create_server(("127.0.0.1", 0))) as silent,
    ):
        silent.settimeout(0)
        page.answer(Reply(headers=(("Content-Type", "text/html"),), body=b"<!doctype html><title>x</title>"))
        port = closed_port()
        addresses = {
            "closed": f"http://127.0.0.1:{port}/feed",
            "port": str(port),
            "page": page.url,
            "silent": f"http://127.0.0.1:{silent.getsockname()[1]}/feed",
            "newer": str(make_newer(folder)),
        }
        file = set_up(folder, addresses["closed"])
        before = dump(file)
        marsad = Marsad.at(folder, **LOOPBACK_ONLY)
        outcomes = run_all({name: prepare(marsad, case, addresses) for name, case in CASES.items()})
        yield Place(addresses, outcomes, before, dump(file), was_asked(silent))


def prepare(marsad: Marsad, case: Wrong, addresses: dict[str, str]) -> tuple[Marsad, list[str]]:
    settings = {name: value.format(**addresses) for name, value in case.settings.items()}
    return Marsad(marsad.settings | settings), [w.format(**addresses) for w in case.words.split(" ")]


def was_asked(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def set_up(folder: Path, url: str) -> Path:
    file = folder / "marsad.sqlite3"
    database = open_database(f"sqlite:///{file}")
    upgrade(database, data_dir=folder, report=lambda _: None)
    with database.write() as session:
        owner = users.owner_id(session, now=NOW)
        sources.add_source(session, url=url, name="newsroom", host="127.0.0.1", now=NOW)
        main = watchlists.ensure_watchlist(session, owner, "main", now=NOW)
        watchlists.add_term(session, main, Term("Huawei"), now=NOW)
        hook = channels.add_channel(
            session,
            owner,
            kind=ChannelKind.WEBHOOK,
            name="hook",
            address=url,
            secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            confirmed=True,
            now=NOW,
        )
        watchlists.subscribe(session, main, hook, include_existing=False, now=NOW)
    database.dispose()
    return file


def make_newer(folder: Path) -> Path:
    file = folder / "newer.sqlite3"
    database = open_database(f"sqlite:///{file}")
    upgrade(database, data_dir=folder, report=lambda _: None)
    database.dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    return file


@pytest.mark.parametrize("name", CASES)
def test_it_ends_in_one_sentence_with_the_way_out(place: Place, name: str) -> None:
    case, done = CASES[name], place.outcomes[name]
    assert done.returncode == case.exit_status, done.stderr
    assert done.stderr.startswith("marsad: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    for said in case.says:
        assert said.format(**place.addresses) in done.stderr
    assert CANARY not in done.stderr


def test_nothing_was_changed_and_nobody_was_asked(place: Place) -> None:
    assert place.after == place.before
    assert not place.asked


def test_a_call_of_the_wrong_shape_shows_the_usage(tmp_path: Path) -> None:
    marsad = Marsad.at(tmp_path)
    shapes = ["nonsense", "source add", "channel add pigeon x", "matches list --limit 0", "watch add ---"]
    for words, done in run_all({words: (marsad, words.split()) for words in shapes}).items():
        assert (done.returncode, done.stdout) == (2, ""), words
        assert "Usage: marsad" in done.stderr
        assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_setting_is_reported_once_and_the_command_goes_on(tmp_path: Path) -> None:
    marsad = Marsad.at(tmp_path, MARSAD_SMPT_URL=f"smtp://me:{CANARY}@mail.example")
    done = marsad.run("source", "add", "https://news.example/feed")
    assert done.stderr == "MARSAD_SMPT_URL is no setting of marsad; see docs/settings.md for their names.\n"
    assert done.stdout.startswith("Watching https://news.example/feed as 'news.example'.")
