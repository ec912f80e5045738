"""The demo's own database: a file beside the real one, emptied at each start."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from marsad.errors import DatabaseError, DatabaseUnreachable

FILE = "demo.sqlite3"


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """Empty the demo's database in this folder and yield its address; what else is in the folder stays.

    It can still be looked at when the demo has ended. Raises DatabaseError while another demo runs there.
    """
    file = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f"{FILE}.demo-lock").open("w")
    except OSError as exc:
        raise DatabaseUnreachable(
            f"The demo cannot write to {folder} ({exc.strerror}); name another folder in MARSAD_DATA_DIR."
        ) from exc
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise DatabaseError(
                f"Another demo runs in {folder}; end it, or name another folder in MARSAD_DATA_DIR."
            ) from exc
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
            (folder / name).unlink(missing_ok=True)
        yield f"sqlite:///{quote(str(file))}"
