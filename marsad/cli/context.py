"""What commands share: the settings, the app, and how they print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import platformdirs
import typer

from marsad.config import Settings, read_settings

if TYPE_CHECKING:
    from marsad.app import App

Json = Annotated[bool, typer.Option("--json", help="Print facts as JSON, one line each, for programs.")]

_SHORT = frozenset(
    (
        "id",
        "matched",
        "created",
        "last success",
        "next poll",
        "attempts",
        "matches",
        "articles",
        "term",
        "kind",
    )
)
"""Titles of the columns that are never broken."""


def read_context_settings() -> Settings:
    """Read the settings of this process; unknown MARSAD_ names are reported on standard error."""
    default = Path(platformdirs.user_data_dir("marsad", appauthor=False))
    settings = read_settings(os.environ, default_data_dir=default)
    for name in settings.unknown:
        tell(f"{name} is no setting of marsad; see docs/settings.md for their names.")
    return settings


@contextmanager
def open_app(settings: Settings | None = None) -> Iterator[App]:
    """The wired app, with its schema up to date; `settings` are passed by who has read them already."""
    from marsad.app import build_app

    app = build_app(settings or read_context_settings(), report=tell)
    try:
        yield app
    finally:
        app.database.dispose()


def tell(sentence: str) -> None:
    """Say something to the person at the terminal, beside the command's output."""
    print(sentence, file=sys.stderr)


def print_json(value: object) -> None:
    """Print one JSON document on one line; datetimes as ISO 8601 UTC."""
    print(json.dumps(value, ensure_ascii=False, default=_plain))


def print_rows(
    rows: Sequence[Any],
    *,
    as_json: bool,
    columns: Mapping[str, Callable[[Any], object]],
    empty: str,
) -> None:
    """Print rows as a table for people, or as a JSON line each; `empty` is said when there are none."""
    if as_json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        print(empty)
        return
    print_table(columns, ([_text(value(row)) for value in columns.values()] for row in rows))


def print_table(titles: Iterable[str], lines: Iterable[Sequence[str]]) -> None:
    """Print a table; text from outside is never read as markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        # A broken date or number is hard to read; what is long may break.
        table.add_column(title, overflow="fold", no_wrap=title in _SHORT)
    for line in lines:
        table.add_row(*(Text(_printable(cell)) for cell in line))
    # Read by a program or a pager, lines are as long as they are.
    Console(width=None if sys.stdout.isatty() else 300).print(table)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    return str(value)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
