"""The demo begins empty and touches nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.database import FILE, fresh_database
from marsad.errors import DatabaseError, DatabaseUnreachable


def test_what_an_earlier_demo_left_is_gone_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "marsad.sqlite3").write_text("real")
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        (tmp_path / name).write_text("old")
    with fresh_database(tmp_path) as url:
        assert url == f"sqlite:///{tmp_path / FILE}"
        left = {path.name for path in tmp_path.iterdir()}
    assert left == {"marsad.sqlite3", f"{FILE}.demo-lock"}
    assert (tmp_path / "marsad.sqlite3").read_text() == "real"


def test_it_can_still_be_looked_at_afterwards(tmp_path: Path) -> None:
    with fresh_database(tmp_path / "new folder"):
        (tmp_path / "new folder" / FILE).write_text("facts")
    assert (tmp_path / "new folder" / FILE).read_text() == "facts"


def test_a_second_demo_does_not_pull_the_first_ones_database_away(tmp_path: Path) -> None:
    with fresh_database(tmp_path):
        (tmp_path / FILE).write_text("in use")
        with (
            pytest.raises(DatabaseError, match=r"Another demo runs in .*MARSAD_DATA_DIR"),
            fresh_database(tmp_path),
        ):
            pass
        assert (tmp_path / FILE).read_text() == "in use"


def test_a_folder_that_cannot_be_made_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(DatabaseUnreachable, match=r"cannot write to .*/file/x .*MARSAD_DATA_DIR"),
        fresh_database(tmp_path / "file" / "x"),
    ):
        pass
