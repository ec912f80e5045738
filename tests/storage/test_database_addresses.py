"""Every address that cannot be used is one sentence with the way out, and never shows a password."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from marsad.errors import DatabaseUnreachable, MarsadError, SettingInvalid
from storage.database import open_database

CANARY = "kanarya-7361"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "marsad.sqlite3",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/marsad.sqlite3",
        "sqlite:///marsad.sqlite3?mode=ro",
        f"mysql://marsad:{CANARY}@localhost/marsad",
        f"postgresql+asyncpg://marsad:{CANARY}@localhost/marsad",
        f"postgresql://marsad:{CANARY}@localhost:port/marsad",
        f"postgresql://marsad@localhost:{CANARY}/marsad",
        f"postgresql://marsad:word@{CANARY}@localhost/marsad",
        f"postgresql://marsad:word@{CANARY}?@localhost/marsad",
        f"postgresql://marsad:{CANARY}@localhost/marsad?pasword={CANARY}",
    ],
)
def test_an_address_that_cannot_be_used_names_the_setting_and_one_that_can(url: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        open_database(url)
    assert_is_one_sentence(caught.value)
    assert "MARSAD_DATABASE_URL" in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_way_to_name_postgresql_is_understood(scheme: str) -> None:
    database = open_database(f"{scheme}://marsad:{CANARY}@localhost/marsad?sslmode=require")
    assert not database.is_sqlite
    assert database.shown_url == "postgresql://marsad:***@localhost/marsad?sslmode=require"
    assert CANARY not in repr(database)


def test_a_password_among_the_options_is_not_shown() -> None:
    database = open_database(f"postgresql://marsad@localhost/marsad?sslpassword={CANARY}&password={CANARY}")
    assert database.shown_url == "postgresql://marsad@localhost/marsad"


def test_opening_makes_the_folder_and_connects_nothing(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/جديد/marsad.sqlite3")
    assert (tmp_path / "جديد").is_dir()
    assert not (tmp_path / "جديد" / "marsad.sqlite3").exists()
    assert database.is_sqlite
    assert database.shown_url.endswith("marsad.sqlite3")


def test_a_server_that_does_not_answer_is_unreachable() -> None:
    error = unreachable(f"postgresql://marsad:{CANARY}@127.0.0.1:1/marsad")
    assert "the server runs" in str(error)


@pytest.mark.postgres
def test_an_unknown_database_says_how_to_make_it(postgres_server: str) -> None:
    error = unreachable(postgres_server.replace("/postgres?", "/missing?"))
    assert "createdb" in str(error)


@pytest.mark.postgres
def test_an_unknown_user_says_how_to_make_it(postgres_server: str) -> None:
    error = unreachable(postgres_server.replace("postgres:@", f"nobody:{CANARY}@"))
    assert "createuser" in str(error)


@pytest.mark.parametrize("size", [100, 5000])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, size: int) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("x" * size)
    assert "name another file" in str(unreachable(f"sqlite:///{path}"))
    assert path.read_text() == "x" * size


def test_a_folder_in_the_place_of_the_file_is_unreachable(tmp_path: Path) -> None:
    assert "can be written" in str(unreachable(f"sqlite:///{tmp_path}"))


def test_a_file_in_the_place_of_the_folder_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    assert "MARSAD_DATA_DIR" in str(unreachable(f"sqlite:///{tmp_path}/taken/marsad.sqlite3"))


def unreachable(url: str) -> MarsadError:
    with pytest.raises(DatabaseUnreachable) as caught, open_database(url).write():
        pass
    assert_is_one_sentence(caught.value)
    return caught.value


def assert_is_one_sentence(error: MarsadError) -> None:
    assert str(error).endswith(".")
    assert "\n" not in str(error)
    assert CANARY not in str(error)
    written = "".join(traceback.format_exception(error))
    errors_only = [line for line in written.splitlines() if not line.startswith("  ")]
    assert CANARY not in "\n".join(errors_only)
