"""How many rows a statement changed: the check that makes a conditional update a claim."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CursorResult, Result


def changed_rows(result: Result[Any]) -> int:
    """Return the row count of an UPDATE or DELETE."""
    if not isinstance(result, CursorResult):
        raise TypeError("only a statement that changes rows has a row count")
    return int(result.rowcount)
