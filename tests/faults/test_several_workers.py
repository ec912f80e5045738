"""Several processes on one database: on PostgreSQL they share the work, on SQLite the second is refused."""

from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter

import pytest

from tests.command import PROGRAM
from tests.faults.conftest import POLL, Installation
from tests.faults.killed_poll import Point
from tests.faults.stories import many_stories
from tests.running import wait_until


@pytest.mark.parametrize("prepared", ["postgres"], indirect=True)
@pytest.mark.postgres
def test_two_workers_at_once_send_each_delivery_once(installation: Installation) -> None:
    count = 40
    installation.newsroom.stories = many_stories(count)
    sending = Point("call", "pipeline.alerts:compose_alert")
    assert installation.program.run(installation.marsad, *POLL, point=sending) == -signal.SIGKILL

    workers = [start(installation, *POLL, "--json") for _ in range(2)]
    results = [worker.communicate(timeout=120) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], results
    assert sum(json.loads(output)["deliver"]["sent"] for output, _ in results) == 2 * count
    ids = Counter(mail.message["Message-ID"] for mail in installation.mailbox.mails)
    ids.update(request.headers["webhook-id"] for request in installation.receiver.requests)
    assert len(ids) == 2 * count
    assert set(ids.values()) == {1}


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_a_second_process_on_a_sqlite_file_is_refused_in_one_sentence(installation: Installation) -> None:
    with start(installation, "poll") as first:
        wait_until(lambda: installation.marsad.facts("status")[0]["polling"])
        second = installation.marsad.run("poll", "--once", check=False)
        first.terminate()
        first.wait(30)
    assert second.returncode == 1
    assert second.stdout == ""
    (sentence,) = second.stderr.splitlines()
    assert "Another marsad process is at work" in sentence


def start(installation: Installation, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PROGRAM, *arguments],
        env=installation.marsad.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
