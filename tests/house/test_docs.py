"""A setting or a command that is not documented fails here."""

from __future__ import annotations

import re

import pytest

from marsad.config import SECRETS, SETTINGS
from tests.conftest import ROOT
from tests.house.commands import all_commands

CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
SETTINGS_PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `{name}` |" in SETTINGS_PAGE


def test_no_other_setting_is_documented() -> None:
    named = set(re.findall(r"MARSAD_[A-Z_]*[A-Z]", SETTINGS_PAGE))
    assert named <= set(SETTINGS) | {f"{name}_FILE" for name in SECRETS}


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_every_command_is_documented_with_an_example(words: tuple[str, ...]) -> None:
    call = f"marsad {' '.join(words)}"
    (row,) = [line for line in CLI.splitlines() if line.startswith(f"| `{call}` |")]
    *_, example, _ = re.split(r"(?<!\\)\|", row)
    assert call in example


def test_no_other_command_is_documented() -> None:
    documented = re.findall(r"^\| `marsad ([a-z -]+)` \|", CLI, re.M)
    assert sorted(documented) == sorted(" ".join(words) for words in all_commands())


def test_every_option_that_is_documented_exists() -> None:
    from typer.testing import CliRunner

    from marsad.cli.main import app

    for row in re.findall(r"^\| `marsad ([a-z -]+)` \|(.*)$", CLI, re.M):
        words, told = row
        help_text = CliRunner().invoke(app, [*words.split(), "--help"], env={"COLUMNS": "200"}).output
        missing = {option for option in re.findall(r"--[a-z-]+", told) if option not in help_text}
        assert missing == set(), words
