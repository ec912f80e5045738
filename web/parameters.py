"""What addresses carry, read leniently: a wrong number finds nothing and never breaks a query."""

from __future__ import annotations

import re

from fastapi import HTTPException

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def number(text: str | None) -> int | None:
    """Return a row's number; None for what is none."""
    return int(text) if text and _NUMBER.fullmatch(text) else None


def number_or_404(text: str) -> int:
    """Return a row's number; raises HTTPException 404 for what is none."""
    found = number(text)
    if found is None:
        raise HTTPException(404)
    return found
