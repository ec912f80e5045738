"""Bad days: each is seen, said in plain words and not over and over, survived; and nothing is lost."""

from __future__ import annotations

import resource
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from pipeline.connectivity import OFFLINE, ONLINE
from scheduler.ticker import TICK_SECONDS
from tests.command import PROGRAM, Marsad
from tests.faults.installed import QUICK, install, story, told
from tests.faults.postgres import OwnPostgres
from tests.namespaces import read_only_but, seen_by, with_names_of, with_small_disk, without_network
from tests.newsroom import Newsroom
from tests.running import Running, ask, free_port, running
from tests.servers import MailBox, RecordingReceiver

MARSAD = str(PROGRAM)


def titles(count: int) -> Counter[str]:
    return Counter(story(number).title for number in range(count))


def end_well(process: Running) -> None:
    """It ends in time and in good order, and never said anything that only a programmer understands."""
    assert process.end() < 10
    assert process.process.returncode == 0, process.said
    assert "Traceback" not in process.said


# ---------------------------------------------------------------- network


def test_no_network_is_said_once_and_what_waited_is_told_when_it_is_back(tmp_path: Path) -> None:
    hosts, resolver = tmp_path / "hosts", tmp_path / "resolv.conf"
    hosts.write_text("")
    resolver.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    with Newsroom(stories=[story(0)]) as newsroom, RecordingReceiver() as receiver:
        feeds = [
            (name, newsroom.feed_url.replace("127.0.0.1", name))
            for name in ("a.example", "b.example", "c.example", "d.example")
        ]
        marsad = install(tmp_path / "data", feeds, receiver.url)
        command = (*with_names_of(hosts, resolver), MARSAD, "worker")
        with running(command, marsad.environment, tmp_path / "log") as process:
            process.until_said(OFFLINE)
            # Every source is tried again at each of two more ticks.
            process.until(lambda: failures_by_network(tmp_path / "data") >= 3 * len(feeds))
            assert process.said.count(OFFLINE) == 1
            assert process.said.count(" failed)") == 0
            with hosts.open("w") as names:
                names.writelines(f"127.0.0.1 {name}\n" for name, _ in feeds)
            process.until_said(ONLINE)
            process.until(lambda: told(receiver.requests).total() == len(feeds))
            end_well(process)
        assert told(receiver.requests) == {story(0).title: len(feeds)}
        assert (process.said.count(OFFLINE), process.said.count(ONLINE)) == (1, 1)


def failures_by_network(data: Path) -> int:
    with closing(sqlite3.connect(data / "marsad.sqlite3")) as connection:
        found = connection.execute("SELECT count(*) FROM fetch_event WHERE outcome LIKE 'failed%'")
        return int(found.fetchone()[0])


def test_a_machine_without_any_network_is_told_how_to_see_marsad_at_work(tmp_path: Path) -> None:
    feeds = [("news.example", "http://news.example/feed"), ("192.0.2.1", "http://192.0.2.1/feed")]
    marsad = install(tmp_path / "data", feeds, "https://hook.example/", MARSAD_FETCH_ALLOW="192.0.2.0/24")
    with running([*without_network(), MARSAD, "worker"], marsad.environment, tmp_path / "log") as process:
        process.until_said(OFFLINE)
        process.until(lambda: failures_by_network(tmp_path / "data") >= 5)
        end_well(process)
    assert process.said.count(OFFLINE) == 1
    assert "make demo" in process.said


# ---------------------------------------------------------------- mail server


def test_without_a_mail_server_alerts_wait_and_say_for_what_then_go_out_once(tmp_path: Path) -> None:
    with Newsroom(stories=[story(0)]) as newsroom, RecordingReceiver() as receiver:
        marsad = install(tmp_path / "data", [("127.0.0.1", newsroom.feed_url)], receiver.url)
        mail = ("--name", "mail", "--confirmed")
        marsad.run("channel", "add", "email", "analyst@desk.example", *mail)
        marsad.run("subscribe", "main", "mail", "--include-existing")
        with running([MARSAD, "worker"], marsad.environment, tmp_path / "log") as process:
            process.until(lambda: receiver.requests)
            waiting = {row["channel"]: row for row in marsad.facts("deliveries", "list")}
            assert waiting["mail"]["state"] == "pending"
            assert "MARSAD_SMTP_URL" in waiting["mail"]["waits_for"]
            end_well(process)
        with MailBox() as mailbox:
            with_mail = Marsad(marsad.settings | {"MARSAD_SMTP_URL": mailbox.url})
            with running([MARSAD, "worker"], with_mail.environment, tmp_path / "log") as process:
                process.until(lambda: mailbox.mails)
                process.until(lambda: newsroom.asked.count("/feed") >= 4)
                end_well(process)
            assert len(mailbox.mails) == 1
        assert told(receiver.requests) == titles(1)


# ---------------------------------------------------------------- disk


@pytest.mark.parametrize(
    ("command", "existing"), [("serve", False), ("serve", True), ("worker", True)], ids=str
)
def test_a_read_only_data_folder_is_one_sentence(tmp_path: Path, command: str, existing: bool) -> None:
    data = tmp_path / "data"
    data.mkdir()
    marsad = Marsad.at(data)
    if existing:
        marsad = install(data, [], "https://hook.example/")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    call = (*read_only_but(elsewhere), MARSAD, command)
    check_refused(call, marsad, tmp_path / "log", "marsad.sqlite3 cannot be used (", "can be written")


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    marsad = Marsad.at(tmp_path / "file" / "data")
    check_refused([MARSAD, "serve"], marsad, tmp_path / "log", "cannot be made (", "MARSAD_DATA_DIR")


def check_refused(call: Sequence[str | Path], marsad: Marsad, log: Path, *words: str) -> None:
    with running(call, marsad.environment, log) as process:
        status = process.process.wait(60)
        process.listener.wait(10)
    (sentence,) = process.said.splitlines()
    assert status == 1, process.said
    assert sentence.startswith("marsad: ")
    assert all(part in sentence for part in words), sentence


def test_a_full_disk_halves_no_match_is_said_and_everything_follows_when_there_is_room(
    tmp_path: Path,
) -> None:
    data, port = tmp_path / "data", free_port()
    count = 40
    with Newsroom(stories=[story(0)]) as newsroom, RecordingReceiver() as receiver:
        feeds = [("127.0.0.1", newsroom.feed_url)]
        marsad = install(data, feeds, receiver.url, MARSAD_LISTEN=f"127.0.0.1:{port}")
        command = (*with_small_disk(data, megabytes=24), MARSAD, "serve")
        with running(command, marsad.environment, tmp_path / "log") as process:
            process.until_said("1 alerts sent")
            process.until(lambda: ask(port, "/readyz")[0] == 200)
            seen = seen_by(process.process.pid, data)
            fill(seen / "filler")
            newsroom.stories = [story(number) for number in range(count)]
            process.until_said("free some space on its disk")
            # An answer from before is kept for a second.
            process.until(lambda: ask(port, "/readyz")[0] == 503)
            assert ask(port, "/healthz")[0] == 200
            time.sleep(2.2 * TICK_SECONDS)
            assert stored_halves(seen) == 0
            assert process.said.count("free some space on its disk") <= 2
            (seen / "filler").unlink()
            process.until(lambda: told(receiver.requests).total() == count)
            process.until(lambda: ask(port, "/readyz")[0] == 200)
            assert stored_halves(seen) == 0
            end_well(process)
        assert told(receiver.requests) == titles(count)


def test_a_disk_that_takes_no_writes_any_more_is_said_once_and_work_goes_on_after(tmp_path: Path) -> None:
    with Newsroom(stories=[story(0)]) as newsroom, RecordingReceiver() as receiver:
        marsad = install(tmp_path / "data", [("127.0.0.1", newsroom.feed_url)], receiver.url)
        with running([MARSAD, "worker"], marsad.environment, tmp_path / "log") as process:
            process.until_said("1 alerts sent")
            unlimited = resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE)
            # Every write to a file fails, as on a disk that the system has made read-only.
            resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
            newsroom.stories = [story(number) for number in range(5)]
            process.until_said("cannot be used")
            time.sleep(2.2 * TICK_SECONDS)
            assert process.said.count("cannot be used") <= 3
            resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, unlimited)
            process.until(lambda: told(receiver.requests).total() == 5)
            end_well(process)
        assert told(receiver.requests) == titles(5)


def fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as filler:
        for size in (2**20, 2**12, 1):
            with suppress(OSError):
                while True:
                    filler.write(b"\0" * size)


def stored_halves(data: Path) -> int:
    """Articles without their match, and matches without their delivery."""
    with closing(sqlite3.connect(f"file:{data}/marsad.sqlite3?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = connection.execute(
            "SELECT (SELECT count(*) FROM article WHERE id NOT IN (SELECT article_id FROM match))"
            " + (SELECT count(*) FROM match WHERE id NOT IN (SELECT match_id FROM delivery_match))"
        )
        return int(found.fetchone()[0])


# ---------------------------------------------------------------- database


@pytest.mark.postgres
def test_a_database_that_is_away_is_said_at_growing_intervals_and_work_goes_on_after(tmp_path: Path) -> None:
    with (
        OwnPostgres() as server,
        Newsroom(stories=[story(0)]) as newsroom,
        RecordingReceiver() as receiver,
    ):
        marsad = install(
            tmp_path / "data",
            [("127.0.0.1", newsroom.feed_url)],
            receiver.url,
            MARSAD_DATABASE_URL=server.new_database(),
        )
        with running([MARSAD, "worker"], marsad.environment, tmp_path / "log") as process:
            process.until_said("1 alerts sent")
            newsroom.stories = [story(0), story(1)]
            server.restart("fast", away=10)
            newsroom.stories = [story(0), story(1), story(2)]
            process.until(lambda: told(receiver.requests).total() == 3)
            end_well(process)
        assert told(receiver.requests) == titles(3)
    # Two jobs and the heartbeat, each once, and each that it is well again: no line for every try.
    assert 1 <= process.said.count("cannot be used") <= 6, process.said
    assert "password" not in process.said


# ---------------------------------------------------------------- port


def test_a_taken_port_gives_way_when_nobody_chose_it_and_is_refused_when_somebody_did(tmp_path: Path) -> None:
    with socket.socket() as taken:
        with suppress(OSError):  # whoever has 8080 already serves as well
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        marsad = Marsad.at(tmp_path / "data", **QUICK)
        with running([MARSAD, "serve"], marsad.environment, tmp_path / "log") as process:
            process.until_said("Set it up here")
            assert "at http://127.0.0.1:80" in process.said
            assert "at http://127.0.0.1:8080" not in process.said
            end_well(process)
        chosen = Marsad.at(tmp_path / "data", MARSAD_LISTEN="127.0.0.1:8080")
        check_refused([MARSAD, "serve"], chosen, tmp_path / "log", "127.0.0.1:8080", "MARSAD_LISTEN")
