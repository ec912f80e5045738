"""The sentences that templates and code ask to be translated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from pipeline.source_state import SENTENCES
from tests.conftest import ROOT

CODE = ("web", "demo")
PYTHON = {"_": None, "gettext": None, "ngettext": (1, 2), "noop": None}
TEMPLATE = {"_": None, "ngettext": (1, 2)}

Message = str | tuple[str, str]


def used_messages() -> dict[Message, str]:
    """Every sentence, with a plural its pair, and where it stands."""
    found: dict[Message, str] = dict.fromkeys(SENTENCES.values(), "pipeline/source_state.py")
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*")):
            found |= {message: str(path.relative_to(ROOT)) for message in _messages_of(path)}
    return found


def arabic() -> Catalog:
    """The Arabic catalogue as it stands in the repository."""
    with (ROOT / "web/locale/ar/LC_MESSAGES/marsad.po").open("rb") as file:
        return read_po(file, locale="ar", abort_invalid=True)


def _messages_of(path: Path) -> Iterator[Message]:
    if path.suffix == ".py":
        with path.open("rb") as file:
            yield from (_message(messages) for _, messages, _, _ in extract("python", file, PYTHON))
    elif path.suffix == ".html":
        with path.open("rb") as file:
            options = {"trim_blocks": "true", "lstrip_blocks": "true"}
            for _, name, messages, _ in babel_extract(file, tuple(TEMPLATE), [], options):
                if isinstance(messages, str) or (messages and messages[0]):  # else it was no literal
                    yield _message(messages[:2] if name == "ngettext" else messages)


def _message(found: str | tuple[str | None, ...]) -> Message:
    if isinstance(found, str):
        return found
    words = [word for word in found if word is not None]
    return (words[0], words[1]) if len(words) > 1 else words[0]
