"""Bad surroundings made of Linux namespaces: a process sees other mounts or another network, and nobody else does.

All of it needs root, as containers of builds and tests mostly have it; elsewhere these tests are skipped.
"""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

import pytest

Prefix = tuple[str, ...]


@functools.cache
def _allowed(*arguments: str) -> bool:
    call = ["unshare", *arguments, "true"]
    try:
        return subprocess.run(call, capture_output=True, timeout=10, check=False).returncode == 0
    except FileNotFoundError:
        return False


def read_only_but(*folders: Path) -> Prefix:
    """What goes before a command that is to see a read-only root file system, but for these folders."""
    if not _allowed("--mount"):
        pytest.skip("no right to make a mount namespace here")
    binds = "".join(f"mount --bind '{folder}' '{folder}' && " for folder in folders)
    return _shell("--mount", f'{binds} mount -o remount,bind,ro / && exec "$@"')


def without_network() -> Prefix:
    """What goes before a command that is to see no network at all but its own loopback."""
    if not _allowed("--net"):
        pytest.skip("no right to make a network namespace here")
    return _shell("--net", 'ip link set lo up && exec "$@"')


def _shell(kind: str, script: str) -> Prefix:
    # No --fork: the command has the process id of what was started, and gets its signals.
    return ("unshare", kind, "sh", "-c", script, "sh")


def with_small_disk(folder: Path, *, megabytes: int) -> Prefix:
    """What goes before a command that is to find `folder`'s content on a file system of its own, so large.

    It is reached through `seen_by`.
    """
    if not _allowed("--mount"):
        pytest.skip("no right to make a mount namespace here")
    script = (
        f"mount -t tmpfs -o size={megabytes}m tmpfs '{folder}.small' && cp -a '{folder}/.' '{folder}.small' && "
        f"mount --move '{folder}.small' '{folder}' && exec \"$@\""
    )
    Path(f"{folder}.small").mkdir()
    return _shell("--mount", script)


def with_names_of(hosts: Path, resolver: Path) -> Prefix:
    """What goes before a command whose host names are those in the file `hosts`, and no others."""
    if not _allowed("--mount"):
        pytest.skip("no right to make a mount namespace here")
    return _shell(
        "--mount",
        f"mount --bind '{hosts}' /etc/hosts && mount --bind '{resolver}' /etc/resolv.conf && exec \"$@\"",
    )


def seen_by(process: int, path: Path) -> Path:
    """A path as a process in another mount namespace sees it."""
    return Path(f"/proc/{process}/root{path}")
