"""What is out at which moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.newsroom import Edit, House, Item, Pace, items_at, last_change, load_news

STARTED = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUSE = House(
    key="nasim",
    name="نسيم",
    name_en="Nasim",
    motto="كل يوم",
    format="rss",
    colour="#000",
    items=(
        Item("old", "قديم", "ملخص", "فقرة أولى\n\nفقرة ثانية", before=30),
        Item("new", "جديد", "ملخص", "متن", after=20, edit=Edit(after=50, title="جديد معدل")),
    ),
)


def slugs(pace: Pace, seconds: float) -> list[str]:
    return [item.slug for item in items_at(HOUSE, pace, STARTED + timedelta(seconds=seconds))]


def test_what_is_old_stands_there_from_the_start_dated_before_it() -> None:
    (old,) = items_at(HOUSE, Pace(STARTED), STARTED)
    assert old.published == STARTED - timedelta(minutes=30)
    assert old.paragraphs == ("فقرة أولى", "فقرة ثانية")


def test_an_item_comes_out_at_its_second_on_top_of_the_others() -> None:
    assert slugs(Pace(STARTED), 19) == ["old"]
    assert slugs(Pace(STARTED), 20) == ["new", "old"]


def test_speed_brings_it_sooner() -> None:
    assert slugs(Pace(STARTED, 10), 1.9) == ["old"]
    assert slugs(Pace(STARTED, 10), 2) == ["new", "old"]


def test_an_edit_changes_what_it_names_and_says_when() -> None:
    before, after = (
        items_at(HOUSE, Pace(STARTED), STARTED + timedelta(seconds=seconds))[0] for seconds in (49, 50)
    )
    assert (before.title, before.updated) == ("جديد", None)
    assert (after.title, after.summary, after.updated) == (
        "جديد معدل",
        "ملخص",
        STARTED + timedelta(seconds=50),
    )
    assert after.published == before.published


def test_the_last_change_may_be_an_edit() -> None:
    assert last_change([HOUSE], Pace(STARTED, 5)) == STARTED + timedelta(seconds=10)
    without = replace(HOUSE, items=HOUSE.items[:1])
    assert last_change([without], Pace(STARTED)) == STARTED


@pytest.mark.parametrize(
    ("line", "complaint"),
    [("before = 1\nafter = 2", "either before or after"), ("", "either before or after"), ("befor = 1", "x")],
)
def test_a_file_that_is_wrong_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    (tmp_path / "wrong.toml").write_text(
        "[house]\nkey='k'\nname='n'\nname_en='n'\nmotto='m'\nformat='rss'\ncolour='c'\n"
        f"[[item]]\nslug='x'\ntitle='t'\nsummary='s'\nbody='b'\n{line}\n"
    )
    with pytest.raises(ValueError, match=rf"^wrong\.toml: .*{complaint}"):
        load_news(tmp_path)
