"""What is installed is pinned with hashes, and no file says from which index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

LOCKS = sorted(ROOT.glob("requirements*.txt"))
_PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+")


def requirements(path: Path) -> list[str]:
    """The requirements of a lock file, each with its options on one line."""
    joined = path.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_and_has_hashes(path: Path) -> None:
    found = requirements(path)
    assert found
    for line in found:
        assert _PINNED.match(line), line
        assert "--hash=sha256:" in line, line


@pytest.mark.parametrize("path", [*LOCKS, *sorted(ROOT.glob("requirements*.in"))], ids=lambda path: path.name)
def test_no_index_address_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(--|-i\b|-f\b)(?!hash)", text.replace("    --hash", ""), re.M)


def test_every_lock_has_its_source() -> None:
    assert [path.with_suffix(".in").is_file() for path in LOCKS] == [True] * len(LOCKS)
