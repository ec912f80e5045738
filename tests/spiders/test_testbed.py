"""The optional checkout of real documents, fetched over loopback, parsed from disk, judged by its scores."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from typer.testing import CliRunner

from marsad.cli.main import app
from tests.command import Marsad

pytestmark = pytest.mark.testbed


@pytest.fixture(scope="module")
def served(testbed: Path) -> Iterator[str]:
    """The checkout's own server on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = testbed / "server" / "serve.py"
    process = subprocess.Popen(
        [sys.executable, str(server), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = monotonic() + 20
    while monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


def test_marsad_fetch_reads_twenty_arabic_feeds_with_every_title(
    testbed: Path, served: str, tmp_path: Path
) -> None:
    """By the command that a user types."""
    lines = (testbed / "feeds" / "dev" / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["file"].startswith("dev/ar-")][:20]
    found = Marsad.at(tmp_path).facts("fetch", *(f"{served}/feeds/{row['file']}" for row in rows))
    assert [feed["status"] for feed in found] == [200] * 20
    for row, feed in zip(rows, found, strict=True):
        expected = [" ".join(entry["title"].split()) for entry in row["expected"]["entries"]]
        assert [entry["title"] for entry in feed["entries"]][: len(expected)] == expected


def _score(testbed: Path, tmp_path: Path, kind: str, command: str) -> dict[str, object]:
    cases = testbed / kind / "dev" / "expected.jsonl"
    run = CliRunner().invoke(
        app, [command, "--cases", str(cases), "--root", str(testbed / kind), "--json"], catch_exceptions=False
    )
    found = tmp_path / "found.jsonl"
    found.write_text(run.stdout, encoding="utf-8")
    score = testbed / ("score_pages.py" if kind == "pages" else "score_feeds.py")
    judged = subprocess.run(
        [sys.executable, str(score), str(cases), str(found), "--errors", "0", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    scores: dict[str, object] = json.loads(judged.stdout)
    return scores


def test_every_arabic_feed_and_every_encoding_is_right(testbed: Path, tmp_path: Path) -> None:
    groups = _score(testbed, tmp_path, "feeds", "parse")["groups"]

    assert isinstance(groups, dict)
    assert groups["ar"] == [27, 27]
    assert groups["enc"] == [24, 24]
    assert groups["trap"][0] >= 37


def test_arabic_articles_are_extracted(testbed: Path, tmp_path: Path) -> None:
    scores = _score(testbed, tmp_path, "pages", "extract")

    assert isinstance(scores["ar"], float)
    assert scores["ar"] >= 0.98


def test_the_articles_of_every_listing_page_are_found_in_order(testbed: Path, tmp_path: Path) -> None:
    folder = testbed / "pages"
    lines = (folder / "dev" / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["kind"] == "listing"]
    cases = tmp_path / "cases.jsonl"
    cases.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    run = CliRunner().invoke(app, ["parse", "--cases", str(cases), "--root", str(folder), "--json"])
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert [page["kind"] for page in found] == ["listing"] * len(rows)
    for row, page in zip(rows, found, strict=True):
        expected = [(item["title"], item["link"]) for item in row["expected"]["items"]]
        assert [(entry["title"], entry["link"]) for entry in page["entries"]] == expected
