"""The headline of a link on a web page, and how sure it is that it is one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from lxml import etree, html  # type: ignore[import-untyped]

from spiders.text import title_text

LONGEST = 220
"""Code points; what is longer is a summary."""

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_NEAR = 3
_TRIES = 20
_TITLE_CLASS = re.compile(r"title|headline|heading", re.I)
_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "time"})
_INLINE = frozenset({"a", "b", "strong", "em", "i", "u", "mark", "bdi", "bdo", "font", "small", "sup", "sub"})
_CUT = ("…", "...")
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Headline:
    """A text, and from what it was taken: 3 a heading, 2 what calls itself a title, 1 a link's text."""

    text: str
    sure: int

    @property
    def marked(self) -> bool:
        """The page says that it is a headline."""
        return self.sure > 1

    @property
    def long(self) -> bool:
        """It is as long as headlines are, and names of sections are not."""
        return len(self.text.split()) >= 4 and len(self.text) >= 18


def find_headline(anchor: html.HtmlElement) -> Headline | None:
    """Return the headline that a link holds, or None: a picture, "read more", the number of comments."""
    if inside := find_heading(anchor):
        return inside
    text, attribute = plain_text(anchor), _line(anchor.get("title") or anchor.get("aria-label") or "")
    around = [part.tag for _, part in zip(range(_NEAR), anchor.iterancestors(), strict=False)]
    if text.endswith(_CUT) and attribute.startswith(text.rstrip("….")):
        text = attribute
    if any(tag in _HEADINGS for tag in around):
        return _headline(text, 3)
    if not text:
        return _headline(attribute, 2)
    if len(text) > LONGEST:
        return _first_part(anchor)
    names = f"{anchor.get('class') or ''} {anchor.getparent().get('class') or ''}"
    return _headline(text, 2 if _TITLE_CLASS.search(names) or text == attribute else 1)


def find_heading(part: html.HtmlElement) -> Headline | None:
    """Return the first heading within a part of a page, else what is called its title by a class."""
    for heading in islice(part.iterdescendants(*_HEADINGS), _TRIES):
        if found := _headline(plain_text(heading), 3):
            return found
    called = (inner for inner in part.iterdescendants() if _TITLE_CLASS.search(inner.get("class") or ""))
    for inner in islice(called, _TRIES):
        if found := _headline(plain_text(inner), 2):
            return found
    return None


def plain_text(element: html.HtmlElement) -> str:
    """One line of what an element shows; parts that stand apart on the page stand apart here."""
    words: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        shown = isinstance(node.tag, str) and node.tag not in _UNSEEN
        if event == "start":
            if not shown:
                walk.skip_subtree()
            elif node.tag not in _INLINE:
                words.append(" ")
            words.append((node.text or "") if shown else "")
        else:
            words.append("" if shown and node.tag in _INLINE else " ")
            words.append((node.tail or "") if node is not element else "")
    return _line("".join(words))


def _first_part(anchor: html.HtmlElement) -> Headline | None:
    """A link around a whole card: its first part that is as long as a headline."""
    for inner in islice(anchor.iterdescendants("p", "span", "div", "strong", "b"), _TRIES):
        found = _headline(plain_text(inner), 1)
        if found is not None and found.long:
            return found
    return None


def _headline(text: str, sure: int) -> Headline | None:
    """None for what cannot be one: a word, a number, a summary."""
    words = [word for word in text.split() if _LETTERS.search(word)]
    return Headline(text, sure) if len(words) > 1 and len(text) <= LONGEST else None


def _line(text: str) -> str:
    return title_text(text, markup=False)
