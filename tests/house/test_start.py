"""Help and version come at once: they load nothing that only the work needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from marsad import __version__
from tests.command import PROGRAM
from tests.conftest import ROOT
from tests.house.commands import all_commands

HEAVY = {"scrapy", "sqlalchemy", "alembic", "fastapi", "trafilatura", "httpx", "twisted", "apscheduler", "feedparser"}
ASKS_EVERY_COMMAND = """
import contextlib, io, sys
from marsad.cli.main import app

said = io.StringIO()
for line in sys.stdin.read().splitlines():
    with contextlib.redirect_stdout(said):
        try:
            app([*line.split(), "--help"])
        except SystemExit as end:
            assert end.code == 0, line
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
print(said.getvalue().count("Usage: "))
"""


def test_no_help_loads_a_heavy_package() -> None:
    calls = ["", *(" ".join(words) for words in all_commands())]
    done = subprocess.run(
        [sys.executable, "-c", ASKS_EVERY_COMMAND],
        cwd=ROOT,
        input="\n".join(calls[1:]) + "\n\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded, told = done.stdout.splitlines()
    assert int(told) >= len(all_commands())
    assert "typer" in loaded.split()
    assert HEAVY & set(loaded.split()) == set()


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["source", "--help"]])
def test_the_installed_program_answers(words: list[str]) -> None:
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"marsad {__version__}\n" or "Usage: marsad" in done.stdout


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_every_help_says_what_the_command_does(words: tuple[str, ...]) -> None:
    from typer.testing import CliRunner

    from marsad.cli.main import app

    result = CliRunner().invoke(app, [*words, "--help"])
    assert result.exit_code == 0
    said = [line.strip() for line in result.output.splitlines() if line.strip()]
    assert said[1].endswith((".", ":")) or len(said[1]) > 20
