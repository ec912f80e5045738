"""Packages with common names come from this repository, and no list of them has forgotten one."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NOT_SHIPPED = {"tests", "benchmarks"}
SHIPPED = sorted(
    path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in NOT_SHIPPED
)


def test_there_are_packages_to_look_at() -> None:
    assert {"marsad", "matching", "spiders", "storage", "notifiers", "pipeline", "scheduler"} <= set(SHIPPED)


@pytest.mark.parametrize("name", [*SHIPPED, *sorted(NOT_SHIPPED)])
def test_a_package_is_this_repositorys_own(name: str) -> None:
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    assert Path(found.origin).resolve().is_relative_to(ROOT)


def test_every_package_is_shipped_and_held_to_its_layer() -> None:
    tool = PYPROJECT["tool"]
    assert sorted(tool["hatch"]["build"]["targets"]["wheel"]["packages"]) == SHIPPED
    assert sorted(tool["importlinter"]["root_packages"]) == SHIPPED
    assert sorted(tool["mypy"]["packages"]) == sorted([*SHIPPED, *NOT_SHIPPED])
    layers = " ".join(tool["importlinter"]["contracts"][0]["layers"]).replace("|", " ").split()
    assert {layer.partition(".")[0] for layer in layers} == set(SHIPPED)


def test_the_version_is_told_once() -> None:
    from marsad import __version__

    assert PYPROJECT["project"]["version"] == __version__
