"""Processes that write to SQLite as fast as they can until they are killed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text

from storage.database import open_database
from storage.models import User
from storage.schema import upgrade
from tests.conftest import ROOT

_ROWS = 20
"""Rows in a transaction."""
_WRITES_FOR_EVER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from storage.database import now, open_database
from storage.models import User

database = open_database(sys.argv[1])
numbers = count()

def write_on(thread):
    while True:
        names = [f"{sys.argv[2]}-{next(numbers)}" for _ in range(int(sys.argv[3]))]
        with database.write() as session:
            session.add_all(User(name=name, created_at=now(session)) for name in names)
        sys.stdout.write("".join(f"{name}\\n" for name in names))
        sys.stdout.flush()

with ThreadPoolExecutor(4) as pool:
    list(pool.map(write_on, range(4)))
"""


@dataclass(frozen=True, slots=True)
class Survived:
    """What the kills left; a row is acknowledged when its transaction had returned."""

    kills: int
    acknowledged: int
    broken: tuple[str, ...]
    """A sentence for each promise that was broken."""


def write_and_kill(folder: Path, *, kills: int, seed: int = 76) -> Survived:
    """Kill a writer again and again after times drawn by chance; look at the file after each kill."""
    url = f"sqlite:///{folder}/marsad.sqlite3"
    rng = random.Random(seed)
    database = open_database(url)
    upgrade(database, data_dir=folder, report=lambda _: None)
    acknowledged: set[str] = set()
    broken: list[str] = []
    for turn in range(kills):
        new = _written_until_killed(url, turn, after=rng.uniform(0.02, 0.4))
        acknowledged |= new
        with database.read() as session:
            said = session.scalar(text("PRAGMA integrity_check"))
            stored = set(session.scalars(select(User.name)))
        wrong = {
            "nothing was written": not new,
            f"integrity check: {said}": said != "ok",
            "acknowledged rows are missing": not acknowledged <= stored,
            "half a transaction is there": len(stored) % _ROWS != 0,
        }
        broken += [f"kill {turn + 1}: {what}" for what, is_so in wrong.items() if is_so]
    database.dispose()
    return Survived(kills, len(acknowledged), tuple(broken))


def _written_until_killed(url: str, turn: int, *, after: float) -> set[str]:
    command = [sys.executable, "-c", _WRITES_FOR_EVER, url, str(turn), str(_ROWS)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(after)
        process.kill()
        # The last line may be cut: it is acknowledged only with its end.
        lines = (first + process.stdout.read()).splitlines(keepends=True)
    return {line.strip() for line in lines if line.endswith("\n")}
