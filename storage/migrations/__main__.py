"""`python -m storage.migrations "what changes"`: draft the step from the newest version to the models."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from storage.database import open_database
from storage.schema import configuration, head_revision, upgrade


def draft(message: str) -> None:
    """Write the draft of the next version file; it is reviewed by hand before it lands."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/draft.sqlite3")
        head = head_revision()
        if head:
            upgrade(database, data_dir=Path(folder), report=print)
        with database.engine.connect() as connection:
            following = f"{int(head or 0) + 1:04d}"
            command.revision(configuration(connection), message, autogenerate=True, rev_id=following)
        database.dispose()


if __name__ == "__main__":
    draft(sys.argv[1])
