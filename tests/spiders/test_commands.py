"""`marsad fetch`, `parse` and `extract` as programs call them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest
from typer.testing import CliRunner

from marsad.cli.main import app
from tests.conftest import ROOT
from tests.spiders.documents import PAGE, TITLES, rss
from tests.spiders.server import Server

RUN = CliRunner()


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    (tmp_path / "good.xml").write_text(rss(), encoding="utf-8")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "legacy.xml").write_bytes(rss("مصنع جديد لأشباه الموصلات", declared=None).encode("cp1256"))
    rows = [
        {"file": "good.xml", "serve_url": "/feeds/good.xml", "headers": {"Content-Type": "text/xml"}},
        {"file": "page.html", "serve_url": "https://news.example/", "headers": {}},
        {"file": "legacy.xml", "serve_url": "https://news.example/f", "headers": {"X-Serve-Status": "200"}},
    ]
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_parse_prints_a_line_for_each_case_and_goes_on_after_an_error(cases: Path) -> None:
    result = RUN.invoke(app, ["parse", "--cases", str(cases), "--root", str(cases.parent), "--json"])

    good, page, legacy = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 0
    assert good["url"] == "http://127.0.0.1:8099/feeds/good.xml"
    assert [entry["title"] for entry in good["entries"]] == list(TITLES)
    assert good["entries"][0] | {"summary": ""} == {
        "title": TITLES[0],
        "link": "https://news.example/1",
        "id": "item-1",
        "published": "2026-02-01T08:00:00Z",
        "summary": "",
    }
    assert (good["kind"], good["file"], "error" in good) == ("rss2.0", "good.xml", False)
    assert (page["file"], page["entries"]) == ("page.html", [])
    assert "web page" in page["error"]
    assert legacy["entries"][0]["title"] == "مصنع جديد لأشباه الموصلات"


def test_parse_takes_one_file_with_headers(cases: Path) -> None:
    file = str(cases.with_name("legacy.xml"))
    header = "Content-Type: text/xml; charset=windows-1256"
    result = RUN.invoke(app, ["parse", file, "--url", "https://news.example/f", "--header", header])

    assert result.exit_code == 0
    assert "rss2.0" in result.stdout


def test_extract_prints_the_article(cases: Path) -> None:
    file = str(cases.with_name("page.html"))
    result = RUN.invoke(app, ["extract", file, "--url", "https://news.example/1", "--json"])

    page = json.loads(result.stdout)
    assert page["title"] == "خبر"
    assert page["text"].startswith("أعلنت الشركة")
    assert (page["published"], page["author"], page["language"]) == ("2026-02-01T07:30:00Z", None, "ar")


@pytest.mark.parametrize(
    "arguments",
    [
        ["parse"],
        ["parse", "x.xml"],
        ["parse", "missing.xml", "--url", "http://x.example/"],
        ["extract"],
        ["fetch"],
    ],
)
def test_a_wrong_call_is_exit_status_2(arguments: list[str]) -> None:
    run = _marsad(*arguments)

    assert run.returncode == 2
    assert run.stdout == ""
    assert "Traceback" not in run.stderr


async def test_fetch_prints_a_line_for_each_address_and_ends_by_itself(server: Server) -> None:
    good, bad = server.answer("/feed", rss()), server.answer("/gone", status=410)
    begun = monotonic()
    run = await asyncio.to_thread(_marsad, "fetch", good, bad, "--json", MARSAD_FETCH_ALLOW="127.0.0.1/32")

    assert run.returncode == 1, run.stderr
    assert run.stderr == ""
    assert monotonic() - begun < 20
    first, second = map(json.loads, run.stdout.splitlines())
    assert (first["url"], first["status"], len(first["entries"])) == (good, 200, 3)
    assert (second["url"], second["status"], second["entries"]) == (bad, 410, [])
    assert "gone for good" in second["error"]


def test_fetch_refuses_loopback_unless_allowed() -> None:
    run = _marsad("fetch", "http://127.0.0.1:9/feed")

    assert run.returncode == 1
    assert "MARSAD_FETCH_ALLOW" in run.stderr


def _marsad(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MARSAD_")} | settings
    return subprocess.run(
        [sys.executable, "-m", "marsad", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
