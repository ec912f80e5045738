"""Sources by address and from the catalogue; a new term says what it found in what is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from marsad.types import FeedOutcome
from storage import articles
from storage.database import open_database
from storage.schema import upgrade
from tests.cli.calls import Outcome, run_all
from tests.command import Marsad
from tests.storage.stored import NOW, Desk, article

PAGE = "https://news.example/tech"
CALLS: Mapping[str, Sequence[str]] = {
    "a group": ("source", "add", "--group", "science", "--json"),
    "an id that is there": ("source", "add", "nasainarabic"),
    "an id that is none": ("source", "add", "nasa"),
    "a feed": ("source", "add", PAGE, "--name", "news"),
    "the feed as a page": ("source", "add", "--listing", PAGE),
    "the page once more": ("source", "add", "--listing", PAGE),
    "a page and a group": ("source", "add", "--listing", PAGE, "--group", "science"),
    "a name for two": ("source", "add", PAGE, "https://other.example/", "--name", "two"),
    "a pause": ("source", "pause", "nasainarabic"),
    "the sources": ("source", "list", "--json"),
    "the sources for people": ("source", "list"),
    "the catalogue": ("source", "catalogue", "--group", "technology", "--json"),
    "one term": ("watch", "add", "H20"),
    "two terms": ("watch", "add", "Nvidia", "Huawei"),
    "no match": ("watch", "add", "Qualcomm"),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Every call, one after the other, on an installation that has three articles and a refused source."""
    folder: Path = tmp_path_factory.mktemp("sources")
    database = open_database(f"sqlite:///{folder / 'marsad.sqlite3'}")
    upgrade(database, data_dir=folder, report=lambda _: None)
    desk = Desk.at(database)
    titles = ("رقائق إنفيديا", "هواوي تردّ", "رقاقة H20 من إنفيديا")
    stored = [replace(article(str(n)), title=title) for n, title in enumerate(titles)]
    desk.store(desk.add_source(), *stored)
    refused = FeedOutcome(desk.add_source("closed"), "failed: soft/refused", 403, "It refuses.", NOW, 1)
    with database.write() as session:
        articles.apply_feed(session, refused, now=NOW, page_patience=NOW - NOW)
    database.dispose()
    marsad = Marsad.at(folder)
    return run_all({name: (marsad, words) for name, words in CALLS.items()})


def test_a_group_of_the_catalogue_is_watched_under_its_arabic_names(done: dict[str, Outcome]) -> None:
    added = [json.loads(line) for line in done["a group"].stdout.splitlines()]
    assert "ناسا بالعربي" in {source["name"] for source in added}
    assert done["an id that is there"].returncode == 0
    assert "already" in done["an id that is there"].stdout


def test_what_is_neither_an_address_nor_an_id_says_where_ids_are(done: dict[str, Outcome]) -> None:
    wrong = done["an id that is none"]
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "'nasa'" in wrong.stderr
    assert "marsad source catalogue" in wrong.stderr


def test_a_feed_that_is_a_page_can_be_added_as_one(done: dict[str, Outcome]) -> None:
    assert "Watching https://news.example/tech as 'news'" in done["a feed"].stdout
    assert "is read as a page of links from now on" in done["the feed as a page"].stdout
    assert (done["the page once more"].returncode, "already" in done["the page once more"].stderr) == (
        2,
        True,
    )


@pytest.mark.parametrize("name", ["a page and a group", "a name for two"])
def test_a_name_and_a_shape_go_with_one_address(done: dict[str, Outcome], name: str) -> None:
    assert done[name].returncode == 2
    assert "--listing go with one address" in done[name].stderr


def test_the_list_says_how_each_source_is(done: dict[str, Outcome]) -> None:
    rows = {row["name"]: row for row in map(json.loads, done["the sources"].stdout.splitlines())}
    assert (rows["closed"]["state"], rows["closed"]["last_status"]) == ("refused", 403)
    assert rows["ناسا بالعربي"]["state"] == "paused"
    assert (rows["news"]["state"], rows["news"]["shape"]) == ("never_polled", "listing")
    assert "refuses programs (HTTP 403)" in done["the sources for people"].stdout


def test_the_catalogue_is_shown_by_group(done: dict[str, Outcome]) -> None:
    rows = [json.loads(line) for line in done["the catalogue"].stdout.splitlines()]
    assert {row["group"] for row in rows} == {"technology"}
    assert {"techalarab", "hitecweb"} <= {row["id"] for row in rows}


def test_a_new_term_says_how_many_stored_articles_it_found(done: dict[str, Outcome]) -> None:
    assert "1 stored article matches already; no alert was sent for it." in done["one term"].stderr
    assert "3 stored articles match already; no alerts were sent for them." in done["two terms"].stderr
    assert "stored" not in done["no match"].stderr
