"""Where a form may lead on to: a path of this site and nothing else."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

HOME = "/"
_LONGEST = 2000
_NO_PAGES = ("/logout", "/language")


def local_path(wanted: str | None) -> str:
    """Return `wanted` if it is a path of this site, with its query, else the home page.

    Browsers read `//host`, `/\\host` and control characters in between as another site.
    """
    if not wanted or len(wanted) > _LONGEST or not wanted.startswith("/"):
        return HOME
    for read in (wanted, unquote(wanted)):
        if read.startswith("//") or "\\" in read or not read.isprintable():
            return HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc or parts.path.rstrip("/") in _NO_PAGES:
        return HOME
    return parts.path + (f"?{parts.query}" if parts.query else "")
