"""Web page → the articles that it links to, in the order in which it shows them: for houses without a feed.

Articles are told by structure, not by selectors of one site: a link within the site, outside the page's
furniture, that has a headline and whose path names one thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree, html  # type: ignore[import-untyped]

from marsad.types import FeedEntry
from spiders.dates import parse_date
from spiders.headlines import Headline, find_heading, find_headline, plain_text
from spiders.links import clean_link
from spiders.text import title_text

MAX_LENGTH = 3_000_000
"""Code points of a page that are looked at."""

MAX_LINKS = 3_000
MAX_ENTRIES = 200

_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,300}\?>", re.I)
_FURNITURE = frozenset({"nav", "footer", "aside"})
_ROLES = frozenset({"navigation", "menu", "menubar", "contentinfo", "complementary", "search"})
_CLASS = re.compile(
    r"(?:\w+[-_])*(?:nav|navbar|navigation|menu|submenu|footer|breadcrumbs?|pagination|pager)(?:[-_](?:list|items?|links?))?"
    r"|(?:l-|left-|right-|main-)?sidebar|widget|widget-area|tags|tagcloud|social|share",
    re.I,
)
_CONTENT = frozenset({"article", "main", "section", "li"})
_NO_ARTICLE_NAMES = (
    "category categories cat tag tags topic topics author authors writer writers page pages search login "
    "register signin signup account profile cart feed rss about about-us contact contact-us privacy "
    "privacy-policy terms advertise newsletter subscribe print trend wp-content wp-login.php wp-admin cdn-cgi "
    "تصنيف تصنيفات وسم وسوم كاتب كتاب بحث من-نحن اتصل-بنا سياسة-الخصوصية"
)
_NO_ARTICLE = frozenset(_NO_ARTICLE_NAMES.split())
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp[34]|xml|rss|css|js|apk|exe)$", re.I)
_SLUG = re.compile(r"[^\W_]+(?:[-_][^\W_]+){2,}")
_NUMBER = re.compile(r"\d{3,}")
_NUMBERED = re.compile(r"(?:^|&)(?:\w*id|p|n|item|article|news|story)=[\w-]*\d", re.I)
_TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|mc_[ce]id)=", re.I)
_DATE_CLASS = re.compile(r"(?:^|[\s_-])(?:date|time|published|posted)(?:$|[\s_-])", re.I)
_LONGEST_DATE = 80
_TRIES = 20
_LABEL = 3
"""Words up to which the text of a link in a menu names a section."""


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    anchor: html.HtmlElement
    furniture: bool


def parse_listing(text: str, *, url: str, now: datetime) -> tuple[str | None, tuple[FeedEntry, ...]]:
    """Return the page's title and an entry for each article that it links to.

    An entry's id is its link; its date comes from the card that it stands in. Never raises on any text:
    a page that cannot be read has no entries.
    """
    tree = _tree(text)
    if tree is None:
        return None, ()
    title = title_text(tree.findtext(".//title") or "", markup=False) or None
    links = list(_links(tree, url=url))
    sections = {
        link.url for link in links if link.furniture and len(plain_text(link.anchor).split()) <= _LABEL
    }
    possible = [link for link in links if link.url not in sections and _may_be_article(link.url)]
    # A site that calls its whole page a menu or a sidebar: then what is furniture cannot be told.
    inside = [link for link in possible if not link.furniture] or possible
    cards = _Cards(inside)
    found = _best_headlines(inside, cards, below=url)
    return title, tuple(
        FeedEntry(title=headline.text, link=link, id=link, published=_date(cards.of(link), now=now))
        for link, headline in list(found.items())[:MAX_ENTRIES]
    )


def _tree(text: str) -> html.HtmlElement | None:
    text = _DECLARATION.sub("", text[:MAX_LENGTH])  # lxml refuses text that declares an encoding
    try:
        return html.document_fromstring(text) if text.strip() else None
    except (etree.LxmlError, ValueError):
        return None


def _links(tree: html.HtmlElement, *, url: str) -> Iterator[_Link]:
    """Every link to another page of the site, without fragment and without what only counts visitors."""
    base = urljoin(url, next(iter(tree.xpath("//base/@href")), "").strip())
    site, own = _site(url), _page(url)
    for anchor in tree.xpath("//a[@href]")[:MAX_LINKS]:
        link = clean_link(anchor.get("href"), base=base)
        if link is None or _site(link) != site:
            continue
        parts = urlsplit(link)
        query = "&".join(part for part in parts.query.split("&") if not _TRACKING.match(part))
        link = parts._replace(query=query, fragment="").geturl()
        if _page(link) != own:
            yield _Link(link, anchor, _is_furniture(anchor))


def _site(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.").removeprefix("m.")


def _page(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.path.rstrip("/"), parts.query


def _is_furniture(anchor: html.HtmlElement) -> bool:
    """Tell whether a link belongs to what every page of the site has; a card's own header does not."""
    header = False
    for around in anchor.iterancestors():
        if around.tag in ("body", "html"):
            return header
        if around.tag in _FURNITURE or (around.get("role") or "").lower() in _ROLES:
            return True
        if any(_CLASS.fullmatch(name) for name in (around.get("class") or "").split()):
            return True
        if around.tag in _CONTENT and header:
            return False
        header = header or around.tag == "header"
    return header


def _may_be_article(url: str) -> bool:
    parts = urlsplit(url)
    names = [name.lower() for name in unquote(parts.path).split("/") if name]
    if not names:
        return bool(_NUMBERED.search(parts.query))
    return _NO_ARTICLE.isdisjoint(names) and not _FILE.search(names[-1])


def _names_one_thing(url: str) -> bool:
    """Tell whether a path ends in a number or in several words, as paths of articles do."""
    parts = urlsplit(url)
    last = [name for name in unquote(parts.path).split("/") if name][-2:]
    return any(_SLUG.search(name) or _NUMBER.search(name) for name in last) or bool(
        _NUMBERED.search(parts.query)
    )


def _best_headlines(links: Iterable[_Link], cards: _Cards, *, below: str) -> dict[str, Headline]:
    """The surest headline of each link, the first of equals, in the order of the links."""
    found: dict[str, Headline | None] = {}
    for link in links:
        known, headline = found.setdefault(link.url, None), find_headline(link.anchor)
        if headline is not None and (known is None or headline.sure > known.sure):
            found[link.url] = headline
    # A picture that is a link, beside a heading that is none.
    complete = ((url, headline or find_heading(cards.of(url))) for url, headline in found.items())
    return {
        url: headline
        for url, headline in complete
        if headline is not None and _is_article(url, headline, below=below)
    }


def _is_article(url: str, headline: Headline, *, below: str) -> bool:
    path, own = urlsplit(url).path, urlsplit(below).path.rstrip("/")
    if _names_one_thing(url):
        return True if headline.marked else headline.long
    # A heading may be that of a section: its link is an article's if it is long, or stands under this very page.
    return headline.marked and (headline.long or (own != "" and path.startswith(f"{own}/")))


class _Cards:
    """The part of the page that belongs to one link alone: its picture, its heading, its date."""

    _HIGHEST = 8

    def __init__(self, links: Iterable[_Link]) -> None:
        owners: dict[html.HtmlElement, str | None] = {}
        self._cards: dict[str, html.HtmlElement] = {}
        links = list(links)
        for link in links:
            for around in link.anchor.iterancestors():
                owner = owners.setdefault(around, link.url)
                if owner is None:
                    break  # and so are all above
                if owner != link.url:
                    owners[around] = None
        for link in links:
            card = link.anchor
            for number, around in enumerate(link.anchor.iterancestors()):
                if owners[around] != link.url or around.tag == "body" or number > self._HIGHEST:
                    break
                card = around
            self._cards.setdefault(link.url, card)

    def of(self, url: str) -> html.HtmlElement:
        return self._cards[url]


def _date(card: html.HtmlElement, *, now: datetime) -> datetime | None:
    for time in islice(card.iter("time"), _TRIES):
        if found := parse_date(time.get("datetime"), now=now) or parse_date(plain_text(time), now=now):
            return found
    dated = (part for part in card.iter() if _DATE_CLASS.search(part.get("class") or ""))
    for part in islice(dated, _TRIES):
        text = plain_text(part)
        if len(text) <= _LONGEST_DATE and (found := parse_date(text, now=now)):
            return found
    return None
