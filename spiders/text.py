"""Markup → plain text, for titles and summaries."""

from __future__ import annotations

import html
import re

import nh3

_TAGS = (
    "a abbr acronym b bdi bdo big blockquote br button center cite code del div dd dl dt em "
    "figcaption figure font form h1 h2 h3 h4 h5 h6 hr i iframe img input ins kbd label li mark "
    "object ol p picture pre q s samp script small source span strike strong style sub sup svg table "
    "tbody td th thead tr tt u ul var video wbr"
)
_KNOWN_TAG = re.compile(rf"</?(?:{'|'.join(_TAGS.split())})(?:\s[^<>]*)?/?>", re.I)
_HIDDEN = re.compile(r"<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.I | re.S)
_BLOCK = re.compile(
    r"<(?:/?(?:p|div|li|ul|ol|tr|table|blockquote|figure|h[1-6]|pre|section|article)\b|br\b|hr\b)", re.I
)
_MARKUP = re.compile(r"<[A-Za-z/!]|&(?:#\w+|\w+);")
_LONGEST_TITLE = 20_000
_MANY_TAGS = 5_000
_ANY_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>?")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def title_text(value: str, *, markup: bool) -> str:
    """One line of text; of unknown or HTML titles only known tags are taken as markup, so that `a < b` and
    `List<T>` stay. `markup` False (Atom's type="text") leaves every character as it is."""
    value = value[:_LONGEST_TITLE]
    if markup:
        value = html.unescape(_KNOWN_TAG.sub("", _HIDDEN.sub("", value)))
    return " ".join(_CONTROLS.sub("", value).split())


def html_text(value: str) -> str:
    """Text of an HTML fragment: blocks become lines, scripts and styles vanish, entities are resolved."""
    if _MARKUP.search(value):
        spaced = _BLOCK.sub(lambda found: "\n" + found[0], value)
        value = html.unescape(_strip_tags(spaced))
    return tidy(value)


def _strip_tags(value: str) -> str:
    """Escaped text without tags; a real HTML parser, except for input that would only keep it busy."""
    if value.count("<") > _MANY_TAGS:
        return _ANY_TAG.sub("", _HIDDEN.sub("", value))
    return nh3.clean(value, tags=set(), clean_content_tags={"script", "style"})


def tidy(value: str) -> str:
    """Collapse spaces, keep one line break between paragraphs, drop what XML and databases refuse."""
    return _LINES.sub("\n", _SPACES.sub(" ", _CONTROLS.sub("", value))).strip()
