"""Help and version come at once: they load nothing that only the work needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from marsad import __version__
from tests.command import PROGRAM
from tests.conftest import ROOT
from tests.house.commands import all_commands

HEAVY = {
    "scrapy",
    "sqlalchemy",
    "alembic",
    "fastapi",
    "trafilatura",
    "httpx",
    "twisted",
    "apscheduler",
    "feedparser",
}
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


@pytest.mark.parametrize(
    ("option", "start"),
    [("--version", f"marsad {__version__}\n"), ("--help", "Usage: marsad [OPTIONS] COMMAND")],
)
def test_the_installed_program_answers(option: str, start: str) -> None:
    done = subprocess.run([PROGRAM, option], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(start)
