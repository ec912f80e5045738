"""What people may call a source, channel or watchlist."""

from __future__ import annotations

from unicodedata import category

from marsad.errors import UsageError

LONGEST_NAME = 100
_NOT_IN_NAMES = frozenset({"Cc", "Cs", "Zl", "Zp"})


def check_name(name: str, what: str) -> str:
    """Return the name of a source, channel or watchlist without the white space around it.

    Raises UsageError for one that could not be typed or read again.
    """
    name = name.strip()
    # Joiners and direction marks belong to how Arabic and Persian names are written.
    # "://" would make it an address to those commands that take either.
    bad = "://" in name or any(category(c) in _NOT_IN_NAMES for c in name)
    if bad or not 0 < len(name) <= LONGEST_NAME:
        shown = "".join(c if c.isprintable() else " " for c in name[:40])
        raise UsageError(
            f"'{shown}' cannot name a {what}; write 1 to {LONGEST_NAME} characters on one line, and no address."
        )
    return name
