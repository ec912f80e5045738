"""`marsad demo` as people start it: everything flows, and it ends when it is told to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from subprocess import CompletedProcess, run
from time import monotonic

import pytest

from demo.database import FILE
from demo.newsroom import load_news
from pipeline.starter import NAMES
from tests.command import PROGRAM, Marsad
from tests.demo.gold import MENTIONS, MENTIONS_ONCE_EDITED

SECONDS = 14
UNSHARE = which("unshare")


@dataclass(frozen=True, slots=True)
class Run:
    """A demo that has ended, how long it took, and where it worked."""

    done: CompletedProcess[str]
    took: float
    folder: Path


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A demo in which all the news comes within its first seconds."""
    folder = tmp_path_factory.mktemp("demo")
    marsad = Marsad.at(folder, MARSAD_LISTEN="127.0.0.1:0")
    began = monotonic()
    done = marsad.run("demo", "--speed", "80", "--exit-after", str(SECONDS), check=False)
    return Run(done, monotonic() - began, folder)


def test_it_reaches_a_match_a_mail_and_a_webhook(fast: Run) -> None:
    told = fast.done.stdout
    assert fast.done.returncode == 0, f"{told}\n{fast.done.stderr}"
    firsts = {what: float(s) for s, what in re.findall(r"^After ([\d.]+) s the first (\w+): ", told, re.M)}
    assert set(firsts) == {"match", "mail", "webhook"}
    assert firsts["match"] < 10
    sums = re.search(r"(\d+) matches, (\d+) mails, (\d+) signed webhooks\.$", told.strip())
    assert sums is not None
    matches, mails, webhooks = map(int, sums.groups())
    assert matches > 20
    assert mails > 15
    assert webhooks > 15


def test_it_says_where_to_look_and_nothing_that_is_not_needed(fast: Run) -> None:
    assert fast.done.stderr == ""
    assert re.search(r"^marsad \S+ at http://127\.0\.0\.1:\d+$", fast.done.stdout, re.M)
    assert re.search(r"http://127\.0\.0\.1:\d+/setup\?token=\S+$", fast.done.stdout, re.M)
    assert len(fast.done.stdout.splitlines()) <= 8


def test_it_ends_in_time(fast: Run) -> None:
    assert SECONDS <= fast.took < SECONDS + 10


def test_what_it_found_is_what_the_news_mention_and_can_be_looked_at_afterwards(fast: Run) -> None:
    marsad = Marsad.at(fast.folder, MARSAD_DATABASE_URL=f"sqlite:///{fast.folder / FILE}")
    sources = marsad.facts("source", "list")
    assert [source["articles"] for source in sources] == [9, 9, 9, 11, 9]
    found: dict[str, set[str]] = {}
    for match in marsad.facts("matches", "list", "--limit", "200"):
        slug = match["article"]["url"].rpartition("/")[2]
        found.setdefault(slug, set()).add(match["term"])
    wanted = {slug: terms & set(NAMES) for slug, terms in (MENTIONS | MENTIONS_ONCE_EDITED).items()}
    assert all(terms <= wanted[slug] for slug, terms in found.items())
    for house in load_news():
        if house.format in ("atom", "json"):  # which need no page to be fetched
            assert all(found.get(item.slug, set()) == wanted[item.slug] for item in house.items)


@pytest.mark.skipif(
    run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode != 0 if UNSHARE else True,
    reason="this machine lets nobody make a network namespace",
)
def test_a_machine_that_cannot_reach_itself_is_told_what_to_do(tmp_path: Path) -> None:
    done = run(
        ["unshare", "-rn", PROGRAM, "demo", "--exit-after", "5"],
        env=Marsad.at(tmp_path, MARSAD_LISTEN="127.0.0.1:0").environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot reach itself at 127.0.0.1" in done.stderr
    assert "ip link set lo up" in done.stderr


def test_what_it_is_told_wrong_is_said(tmp_path: Path) -> None:
    done = Marsad.at(tmp_path).run("demo", "--listen", "everywhere", check=False)
    assert done.returncode == 2
    assert "--listen is 'everywhere'" in done.stderr
