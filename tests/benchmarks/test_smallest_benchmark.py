"""The benchmark at its smallest size: it runs, checks what it compares, and writes what it measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FEEDS = 3
ALERTS = 50


pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What `python -m benchmarks` printed and the JSON that it wrote."""
    for peer in ("reader", "flashtext"):
        pytest.importorskip(
            peer, reason=f"`make bench` installs {peer}, which this environment does not have"
        )
    folder = tmp_path_factory.mktemp("benchmarks") / "results"
    sizes = ["--feeds", str(FEEDS), "--names", "20", "--runs", "1"]
    sizes += ["--workers", "1", "2", "--alerts", str(ALERTS)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *sizes, "--results", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (file,) = folder.iterdir()
    return done.stdout, json.loads(file.read_text(encoding="utf-8"))


def test_the_document_says_on_what_it_was_measured(ran: tuple[str, dict[str, Any]]) -> None:
    _, document = ran
    assert set(document) == {"measured_at", "machine", "versions", "runs", "rows"}
    assert set(document["machine"]) == {"cores", "system", "python"}
    assert {"marsad", "reader", "flashtext"} <= set(document["versions"])
    assert document["runs"] == 1


def test_every_row_holds_each_tools_figures_and_marsads_ratio_to_each_peer(
    ran: tuple[str, dict[str, Any]],
) -> None:
    _, document = ran
    names = ["matching"] * 4 + ["polling"] * 4 + ["workers"] * 2
    assert [row["name"] for row in document["rows"]] == names
    for row in document["rows"][:8]:
        assert set(row) == {"name", "what", "unit", "tools", "ratio"}
        peers = {"reader"} if row["name"] == "polling" else {"FlashText", "casefold substring"}
        assert set(row["ratio"]) == peers
        assert set(row["tools"]) == peers | {"marsad"}
        for result in row["tools"].values():
            assert result["value"] > 0
            assert result["wall_seconds"] > 0
            assert result["cpu_runs"] == [result["cpu_seconds"]]


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
