"""The stylesheet serves both directions, and the typeface is the one that was published."""

from __future__ import annotations

import hashlib
import re

from tests.conftest import ROOT

STATIC = ROOT / "web/static"
TYPEFACE = STATIC / "vendor/ibm-plex-sans-arabic"
CSS = (STATIC / "app.css").read_text(encoding="utf-8")
PROPERTY = re.compile(r"(?<![\w-])([a-z-]+)\s*:(?!:)")
PHYSICAL = re.compile(
    r"left|right|top|bottom|width|height|(min|max)-(width|height)"
    r"|(margin|padding|border|scroll-margin|scroll-padding)-(left|right|top|bottom)(-.*)?"
    r"|border-(top|bottom)-(left|right)-radius|overflow-[xy]|float|clear"
)


def declarations() -> list[str]:
    rules = re.sub(r"/\*.*?\*/|@media[^{]*|url\([^)]*\)", "", CSS, flags=re.DOTALL)
    return [name for block in re.findall(r"\{([^{}]*)\}", rules) for name in PROPERTY.findall(block)]


def test_only_logical_properties_are_used() -> None:
    found = {name for name in declarations() if PHYSICAL.fullmatch(name)}
    assert len(declarations()) > 200
    assert not found - {"overflow-x"}  # a strip that scrolls along its line, in either direction
    assert not re.search(r"text-align:\s*(left|right)", CSS)


def test_arabic_is_neither_spaced_out_nor_slanted() -> None:
    assert "letter-spacing" not in CSS
    assert "italic" not in CSS


def test_every_file_of_the_typeface_is_the_published_one() -> None:
    lines = (TYPEFACE / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert set(sums) | {"SHA256SUMS", "VERSION"} == {path.name for path in TYPEFACE.iterdir()}
    for name, expected in sums.items():
        assert hashlib.sha256((TYPEFACE / name).read_bytes()).hexdigest() == expected
    assert "SIL OPEN FONT LICENSE" in (TYPEFACE / "LICENSE").read_text("utf-8")


def test_the_stylesheet_loads_nothing_but_files_that_are_there() -> None:
    addresses = re.findall(r'url\("([^"]+)"\)', CSS)
    assert addresses
    assert all((STATIC / address).is_file() for address in addresses)


def test_the_stylesheet_follows_the_wish_for_dark_and_for_less_motion() -> None:
    assert "prefers-color-scheme: dark" in CSS
    assert "prefers-reduced-motion" in CSS
