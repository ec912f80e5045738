"""`marsad poll` as a service: it polls, delivers, and ends when it is told to."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command import PROGRAM, Marsad
from tests.faults.installed import install
from tests.newsroom import Newsroom, Story
from tests.servers import RecordingReceiver, Reply

STORY = Story(
    "a",
    "هواوي تعرض معالجها",
    "ملخّص قصير.",
    "قالت هواوي إن المعالج الجديد يصل إلى الأسواق هذا العام. " * 8,
)


@contextmanager
def service(marsad: Marsad) -> Iterator[subprocess.Popen[str]]:
    """A running `marsad poll`, ended at the latest with the test."""
    with subprocess.Popen(
        [PROGRAM, "poll"],
        env=marsad.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def set_up(folder: Path, feed_url: str, hook: str) -> Marsad:
    """A source that is due, and a webhook that is told of its first poll too."""
    return install(folder, [("127.0.0.1", feed_url)], hook, MARSAD_POLL_INTERVAL="900")


def wait_until(condition: Callable[[], object], *, limit: float = 30) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def end(process: subprocess.Popen[str], number: int) -> tuple[float, str]:
    """Send the signal; returns how many seconds the end took, and what was said on standard error."""
    asked = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    return time.monotonic() - asked, said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_polls_delivers_and_ends_when_it_is_told_to(tmp_path: Path, number: int) -> None:
    with Newsroom(stories=[STORY]) as newsroom, RecordingReceiver() as receiver:
        marsad = set_up(tmp_path, newsroom.feed_url, receiver.url)
        with service(marsad) as process:
            wait_until(lambda: receiver.requests)
            took, said = end(process, number)
    assert process.returncode == 0, said
    assert re.match(r"marsad \S+: a worker on sqlite:.* Ctrl-C ends it\.\n", said)
    assert "1 new articles, 1 pages read, 1 matches." in said
    assert "Traceback" not in said
    assert took < 10
    (request,) = receiver.requests
    (match,) = json.loads(request.body)["data"]["matches"]
    assert match["term"] == "Huawei"


def test_it_ends_in_time_while_a_server_hangs_and_goes_on_at_once_when_it_is_back(tmp_path: Path) -> None:
    with RecordingReceiver() as hanging, RecordingReceiver() as receiver:
        hanging.answer(Reply(404), Reply(hang=True))  # first robots.txt is asked for
        marsad = set_up(tmp_path, f"http://127.0.0.1:{hanging.port}/feed", receiver.url)
        with service(marsad) as process:
            wait_until(lambda: len(hanging.requests) == 2)
            took, said = end(process, signal.SIGTERM)
        assert process.returncode == 0, said
        assert took < 10
        assert "Traceback" not in said
        # The lease was in memory only: nobody waits for its time limit.
        with service(marsad) as process:
            wait_until(lambda: len(hanging.requests) >= 3, limit=20)


def test_a_second_one_on_the_same_sqlite_file_is_refused(tmp_path: Path) -> None:
    with Newsroom() as newsroom, RecordingReceiver() as receiver:
        marsad = set_up(tmp_path, newsroom.feed_url, receiver.url)
        with service(marsad):
            wait_until(lambda: newsroom.asked)
            second = marsad.run("poll", "--once", check=False)
            listed = marsad.run("source", "list")
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith("marsad: Another marsad process is at work")
    assert "newsroom" in listed.stdout
