"""A process killed while it writes loses nothing that it had acknowledged."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import select, text

from storage.database import open_database
from storage.models import User
from storage.schema import upgrade

ROOT = Path(__file__).resolve().parent.parent.parent
KILLS = 5
WRITES_FOR_EVER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from storage.database import now, open_database
from storage.models import User

database = open_database(sys.argv[1])
numbers = count()

def write_on(thread):
    while True:
        names = [f"{sys.argv[2]}-{next(numbers)}" for _ in range(20)]
        with database.write() as session:
            session.add_all(User(name=name, created_at=now(session)) for name in names)
        sys.stdout.write("".join(f"{name}\\n" for name in names))
        sys.stdout.flush()

with ThreadPoolExecutor(4) as pool:
    list(pool.map(write_on, range(4)))
"""


def test_acknowledged_rows_survive_kill_9(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/marsad.sqlite3"
    database = open_database(url)
    upgrade(database, data_dir=tmp_path, report=lambda _: None)
    acknowledged: set[str] = set()
    for turn in range(KILLS):
        before = len(acknowledged)
        acknowledged |= written_until_killed(url, turn)
        assert len(acknowledged) > before
        with database.read() as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            stored = set(session.scalars(select(User.name)))
        assert acknowledged <= stored
        assert len(stored) % 20 == 0  # each transaction is there as a whole or not at all
    database.dispose()


def written_until_killed(url: str, turn: int) -> set[str]:
    with subprocess.Popen(
        [sys.executable, "-c", WRITES_FOR_EVER, url, str(turn)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(0.05 + 0.07 * turn)
        process.kill()
        # The last line may be cut: it is acknowledged only with its end.
        lines = (first + process.stdout.read()).splitlines(keepends=True)
    return {line.strip() for line in lines if line.endswith("\n")}
