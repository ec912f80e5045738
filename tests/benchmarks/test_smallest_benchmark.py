"""The benchmark at its smallest size: it runs, checks what it compares, and writes what it measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FEEDS = 3
ALERTS = 50
PEERS = {
    "matching": {"translate + pyahocorasick", "bare automaton", "FlashText", "casefold substring", r"re \b"},
    "quality": {
        "translate + pyahocorasick",
        "FlashText",
        "casefold substring",
        r"re \b",
        "PostgreSQL arabic",
    },
    "polling": {"reader"},
}


pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What `python -m benchmarks` printed and the JSON that it wrote."""
    for peer in ("reader", "flashtext", "ahocorasick"):
        pytest.importorskip(
            peer, reason=f"`make bench` installs {peer}, which this environment does not have"
        )
    sizes = ["--feeds", str(FEEDS), "--spellings", "20", "40", "--articles", "5", "--runs", "1"]
    sizes += ["--workers", "1", "2", "--alerts", str(ALERTS)]
    return measured(tmp_path_factory.mktemp("benchmarks"), *sizes)


def measured(folder: Path, *arguments: str) -> tuple[str, dict[str, Any]]:
    """Run the benchmark without labelled sentences; returns all that it printed, and its JSON."""
    command = [sys.executable, "-m", "benchmarks", *arguments]
    command += ["--results", str(folder / "results"), "--test-data", str(folder / "none")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = (folder / "results").iterdir()
    return done.stdout + done.stderr, json.loads(file.read_text(encoding="utf-8"))


def test_the_document_says_on_what_it_was_measured(ran: tuple[str, dict[str, Any]]) -> None:
    _, document = ran
    assert set(document) == {"measured_at", "machine", "versions", "runs", "rows"}
    assert set(document["machine"]) == {"cores", "system", "python"}
    assert {"marsad", "reader", "flashtext", "pyahocorasick"} <= set(document["versions"])
    assert document["runs"] == 1


def test_every_row_holds_each_tools_figures_and_marsads_ratio_to_each_peer(
    ran: tuple[str, dict[str, Any]],
) -> None:
    _, document = ran
    parts = Counter(row["name"] for row in document["rows"])
    assert parts == {"matching": 2 * 7 + 6, "quality": 2, "polling": 4, "workers": 2}
    for row in document["rows"][:-2]:
        assert set(row) == {"name", "what", "unit", "tools", "ratio"}
        assert {"marsad", *PEERS[row["name"]]} <= set(row["tools"])
        assert {"marsad", *row["ratio"]} == set(row["tools"])
        for result in row["tools"].values():
            assert result["value"] > 0
            assert result["wall_seconds"] > 0
            assert result["cpu_runs"] == [result["cpu_seconds"]]


def test_marsad_and_the_reference_find_every_planted_name_and_no_other(
    ran: tuple[str, dict[str, Any]],
) -> None:
    _, document = ran
    searched = [row for row in document["rows"] if row["unit"] == "µs CPU/article"]
    assert len(searched) == 2 * 6
    for row in searched:
        for tool in ("marsad", "translate + pyahocorasick"):
            counts = row["tools"][tool]["counts"]
            assert counts["found"] == counts["expected"], (row["what"], tool)
    assert sum(row["tools"]["marsad"]["counts"]["expected"] == 0 for row in searched) == 2 * 2


def test_the_memory_of_each_tool_is_told(ran: tuple[str, dict[str, Any]]) -> None:
    _, document = ran
    rows = [row for row in document["rows"] if row["unit"] == "µs CPU/spelling"]
    for result in (result for row in rows for result in row["tools"].values()):
        assert 0 < result["counts"]["MB before"] <= result["counts"]["MB after"]
        assert result["counts"]["MB after"] <= result["peak_rss_mb"] + 1


def test_marsad_finds_more_in_our_own_rows_than_any_peer(ran: tuple[str, dict[str, Any]]) -> None:
    printed, document = ran
    assert "no test data in" in printed
    for row in (row for row in document["rows"] if row["name"] == "quality"):
        assert row["tools"]["marsad"]["value"] == 1
        assert all(ratio > 1 for ratio in row["ratio"].values())


def test_a_part_is_measured_alone(tmp_path: Path) -> None:
    _, document = measured(tmp_path, "--only", "polling", "--feeds", "1", "--runs", "1")
    assert {row["name"] for row in document["rows"]} == {"polling"}


def test_both_pollers_were_answered_alike_and_stored_the_same_number_of_entries(
    ran: tuple[str, dict[str, Any]],
) -> None:
    _, document = ran
    first, unchanged, same_body, one_new = (row for row in document["rows"] if row["name"] == "polling")
    for row, status, entries in (
        (first, "200", 30),
        (unchanged, "304", 30),
        (same_body, "200", 30),
        (one_new, "200", 31),
    ):
        for result in row["tools"].values():
            assert result["counts"][status] == FEEDS
            assert result["counts"]["entries"] == entries * FEEDS
            assert result["peak_rss_mb"] > 0
    assert first["tools"]["marsad"]["counts"]["robots.txt"] == FEEDS
    assert first["tools"]["marsad"]["counts"]["matches"] == 3 * FEEDS


def test_more_workers_are_measured_beside_one(ran: tuple[str, dict[str, Any]]) -> None:
    """That all of it was done, and once, the benchmark checks itself."""
    _, document = ran
    polls, deliveries = (row for row in document["rows"] if row["name"] == "workers")
    assert (polls["unit"], deliveries["unit"]) == ("polls/s", "deliveries/s")
    for row in (polls, deliveries):
        assert set(row["tools"]) == {"1 worker", "2 workers"}
        one, two = (row["tools"][name]["value"] for name in ("1 worker", "2 workers"))
        assert row["ratio"] == {"2 workers": pytest.approx(two / one, rel=0.01)}


def test_the_table_shows_every_tool_of_every_row(ran: tuple[str, dict[str, Any]]) -> None:
    printed, document = ran
    lines = printed.splitlines()
    for row in document["rows"]:
        for tool in row["tools"]:
            assert any(row["what"] in line and f" {tool} " in line for line in lines)
