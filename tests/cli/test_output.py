"""What commands print: JSON lines for programs, tables that take nothing for markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from storage.database import open_database
from storage.schema import upgrade
from tests.cli.refused import LOOPBACK_ONLY
from tests.command import Marsad
from tests.newsroom import Newsroom, Story
from tests.storage.stored import Desk, article

TITLE = "هواوي [red]تعرض[/red] :smile: \\[bold]"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
TIMES = {"matched_at", "published", "created_at", "due_at", "settled_at", "last_success_at"}


@pytest.fixture(scope="module")
def marsad(tmp_path_factory: pytest.TempPathFactory) -> Marsad:
    folder = tmp_path_factory.mktemp("output")
    database = open_database(f"sqlite:///{folder / 'marsad.sqlite3'}")
    upgrade(database, data_dir=folder, report=lambda _: None)
    desk = Desk.at(database, "Huawei")
    desk.add_channel("[red]hook")
    matched = desk.matched("Huawei", tell=["[red]hook"])
    desk.store(desk.add_source("[bold]room"), replace(article("a", matched), title=TITLE))
    database.dispose()
    return Marsad.at(folder, **LOOPBACK_ONLY, COLUMNS="400")


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(stories=[Story("a", TITLE, "ملخّص", None)]) as running:
        yield running


@pytest.mark.parametrize(
    "words", ["source list", "watch list", "channel list", "matches list", "deliveries list"]
)
def test_facts_are_json_lines_with_times_in_utc(marsad: Marsad, words: str) -> None:
    done = marsad.run(*words.split(), "--json")
    (row,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.stderr == ""
    for name, value in walk(row):
        if name in TIMES and value is not None:
            assert _TIME.fullmatch(value), name


def test_a_feeds_entries_are_json_too(marsad: Marsad, newsroom: Newsroom) -> None:
    (feed,) = marsad.facts("fetch", newsroom.feed_url)
    (found,) = feed["entries"]
    assert _TIME.fullmatch(found["published"] or "2026-01-01T00:00:00Z")  # null where the clock is older
    assert set(feed) == {"url", "final_url", "status", "kind", "title", "entries"}


def test_tables_show_publishers_words_as_they_are(marsad: Marsad, newsroom: Newsroom) -> None:
    matches = marsad.run("matches", "list").stdout
    assert TITLE in matches
    assert "[bold]room" in matches
    assert "[هواوي]" in matches
    assert "[red]hook" in marsad.run("channel", "list").stdout
    # The known tags of a title are markup of the feed's; brackets are not.
    assert TITLE in marsad.run("fetch", newsroom.feed_url).stdout


def walk(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document with the name that it has."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from walk(inner, key)
        case list():
            for inner in value:
                yield from walk(inner, name)
        case _:
            yield name, value
