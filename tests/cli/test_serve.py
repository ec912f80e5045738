"""`marsad serve` as it is started: what it prints, whom it refuses, and how it ends."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import httpx
import pytest

from tests.command import PROGRAM, Marsad
from tests.running import running

LINK = re.compile(r"(http://127\.0\.0\.1:\d+)/setup\?token=(\S+)")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_and_a_link_serves_and_ends_well(tmp_path: Path, number: int) -> None:
    marsad = Marsad.at(tmp_path, MARSAD_LISTEN="127.0.0.1:0")
    with running([PROGRAM, "serve"], marsad.environment, tmp_path / "log") as service:
        service.until_said("/setup?token=")
        found = LINK.search(service.said)
        assert found is not None
        assert httpx.get(f"{found[1]}/readyz", trust_env=False).json() == {"status": "ready", "reasons": []}
        assert 'name="password"' in httpx.get(found[0], trust_env=False).text
        took = service.end(number)
    assert service.process.returncode == 0, service.said
    assert took < 10
    assert "Traceback" not in service.said
    assert "Watching Nvidia, Huawei, H20, DeepSeek to begin with." in service.said
    names = {row["term"] for row in marsad.facts("watch", "list")}
    assert names == {"Nvidia", "Huawei", "H20", "DeepSeek"}
    # Nothing is read before a user confirms.
    assert marsad.facts("source", "list") == []


def test_a_second_one_on_the_same_folder_is_refused_and_promises_nothing(tmp_path: Path) -> None:
    marsad = Marsad.at(tmp_path, MARSAD_LISTEN="127.0.0.1:0")
    with running([PROGRAM, "serve"], marsad.environment, tmp_path / "log") as service:
        service.until_said("/setup?token=")
        second = marsad.run("serve", check=False)
        service.end()
    assert (second.returncode, second.stdout) == (1, "")
    assert re.fullmatch(r"marsad: Another marsad process is at work on .*stop it first.*\n", second.stderr)


def test_a_watchlist_that_was_emptied_stays_empty_at_the_next_start(tmp_path: Path) -> None:
    marsad = Marsad.at(tmp_path, MARSAD_LISTEN="127.0.0.1:0")
    marsad.run("watch", "add", "Nvidia")
    marsad.run("watch", "rm", "Nvidia")
    with running([PROGRAM, "serve"], marsad.environment, tmp_path / "log") as service:
        service.until_said("/setup?token=")
        service.end()
    assert marsad.facts("watch", "list") == []
