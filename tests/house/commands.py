"""Every command of the program, found in the program itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from marsad.cli.main import app


def all_commands() -> list[tuple[str, ...]]:
    """The words that call each command, such as ("source", "add")."""
    return list(_walk(get_command(app), ()))


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    members = getattr(command, "commands", None)
    if members is None:
        yield words
        return
    for name, member in members.items():
        yield from _walk(member, (*words, name))
