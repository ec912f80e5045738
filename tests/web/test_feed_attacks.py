"""What feeds say never becomes markup, script or another direction (FAULTS 25, 28, 31, 32): a fixed sample."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from marsad.types import ChannelKind
from storage import channels, sources, watchlists
from tests.web.browser import Browser
from tests.web.chromium import CHROMIUM, launch, signed_in_page
from tests.web.conftest import serving
from tests.web.newsdesk import NewsDesk, Story
from web.app import create_app
from web.csrf import FIELD
from web.highlight import highlight, highlight_paragraphs, highlight_snippet
from web.rendering import bdi
from web.services import WebServices

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "<svg onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea><iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<math><mtext></form><form action=//evil.example>",
    "<button formaction=javascript:alert(1)>",
    "<style>*{background:url(//evil.example)}</style>",
    "{{ 7*7 }}{% raw %}${7*7}",
    "%(n)s %s %d",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<mark>fake</mark>",
    "\u202egnp.exe\u202c \u2067x",
    "a\x00b\x08c\x1b[31m",
    "--><!--",
    "]]><![CDATA[",
)
LINKS = (
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//evil.example",
    "vbscript:x",
    "ftp://x/",
)
FORBIDDEN = {"img", "iframe", "math", "object", "embed", "base", "style", "audio", "video"}


class Scan(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def faults(self) -> list[str]:
        found = [tag for tag, attrs in self.tags if tag in FORBIDDEN and not _is_our_mark(attrs)]
        for tag, attrs in self.tags:
            found += [
                f"{tag} {name}" for name in attrs if name.startswith("on") or name in ("style", "srcdoc")
            ]
            if tag == "script" and not (attrs.get("nonce") and attrs.get("src", "").startswith("/static/")):
                found.append("script")
            for name in ("href", "src", "action", "formaction"):
                address = attrs.get(name, "/")
                if address.startswith("/") and not address.startswith("//"):
                    continue
                if address.startswith("https://news.example/") and "noopener" in attrs.get("rel", ""):
                    continue
                if not address.startswith("#"):
                    found.append(f"{tag} {name}={address}")
        return found


def _is_our_mark(attrs: dict[str, str]) -> bool:
    return attrs.get("src", "").startswith("/static/marsad.svg?v=")


@pytest.fixture
def attacked(services: WebServices, user_id: int) -> WebServices:
    """Every string that a feed or a user can choose is an attack, and all of them match."""
    desk = NewsDesk.at(services.database, user_id)
    desk.watch("Nvidia", *(f"x {payload}" for payload in PAYLOADS if payload.isprintable()))
    for number, payload in enumerate(PAYLOADS):
        name = f"{payload} {number}"
        with services.database.write() as session:
            source = sources.add_source(
                session,
                url=f"https://h{number}.example/?q={number}",
                name=name,
                host="h.example",
                now=desk.now,
            )
        said = f"{payload} Nvidia {payload}"
        link = LINKS[number % len(LINKS)] if number < 2 * len(LINKS) else None
        desk.publish(source, Story(f"{number} {said}", said, f"{said}\n{payload}", link=link, author=payload))
    channel = desk.add_channel("<b>hook</b>", ChannelKind.WEBHOOK)
    desk.subscribe(channel)
    with services.database.write() as session:
        other = watchlists.ensure_watchlist(session, user_id, "<i>list</i>", now=desk.now)
        deliveries = channels.list_channels(session, user_id)
        watchlists.subscribe(session, other, deliveries[0].id, include_existing=False, now=desk.now)
    desk.send_one(refused="<script>alert(1)</script>")
    return services


def test_no_page_executes_what_feeds_and_people_wrote(attacked: WebServices, signed_in: Browser) -> None:
    pages = ["/matches", "/watchlist", "/alerts", "/sources", "/status"]
    pages += [f"/matches/{number}" for number in range(1, len(PAYLOADS) + 1)]
    for path in pages:
        answer = signed_in.get(path)
        assert answer.status_code == 200, path
        assert Scan(answer.text).faults() == [], path
        assert not any(control in answer.text for control in "\u202e\u202c\u2067\x00\x08\x1b"), path
        assert "49" not in answer.text.split("{{ 7")[0][-20:]
        assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_nothing_of_it_runs_in_a_browser(attacked: WebServices, user_id: int) -> None:
    asked: list[str] = []
    said: list[str] = []
    with (
        serving(create_app(attacked)) as address,
        launch() as chromium,
        signed_in_page(chromium, attacked, user_id, address, language="ar", width=390) as page,
    ):
        page.add_init_script("window.alert = () => { window.ran = true }")
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        for path in (
            "/matches",
            "/watchlist",
            "/alerts",
            "/sources",
            *(f"/matches/{n}" for n in range(1, 19, 3)),
        ):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert page.evaluate("window.ran") is None, path
    assert said == []
    assert all(request.startswith(address) for request in asked)


def test_reflected_input_stays_text(signed_in: Browser) -> None:
    token = signed_in.token_on("/watchlist")
    for payload in PAYLOADS:
        for path, field in (
            ("/watchlist/terms", "name"),
            ("/watchlist/try", "text"),
            ("/sources", "url"),
            ("/alerts/channels", "address"),
        ):
            form = {FIELD: token, field: payload, "step": "preview", "kind": "email"}
            answer = signed_in.post(path, data=form)
            assert answer.status_code in (200, 422), path
            assert Scan(answer.text).faults() == []
    for number, path in enumerate(("/matches", "/sources", "/alerts", "/watchlist")):
        for payload in PAYLOADS[number::4]:
            answer = signed_in.get(path, params={"done": payload, "term": payload, "added": payload})
            assert answer.status_code == 200
            assert Scan(answer.text).faults() == []


class At:
    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end


def test_marks_stand_where_the_stored_text_has_the_hit() -> None:
    text = "\u202eأعلنت\x00 <b> وإنفيديا & غيرها"
    start = text.index("إنفيديا")
    hit = At(start, start + 7)
    assert "و<mark>إنفيديا</mark> &amp; غيرها" in highlight(text, [hit])
    assert "&lt;b&gt;" in highlight(text, [hit])
    assert "<mark>إنفيديا</mark>" in highlight_snippet(text, [hit])
    lines = highlight_paragraphs(f"\n\nسطر\r\n{text}\n", [At(start + 7, start + 14)])
    assert len(lines) == 2
    assert "<mark>إنفيديا</mark>" in lines[1]


@pytest.mark.parametrize(
    "spans", [[(0, 5), (3, 8)], [(0, 99)], [(5, 5)], [(7, 3)], [(-4, 2)], [(0, 1), (0, 4)]]
)
def test_marks_that_overlap_or_lie_outside_break_nothing(spans: list[tuple[int, int]]) -> None:
    shown = highlight("0123456789", [At(*span) for span in spans])
    assert shown.count("<mark>") == shown.count("</mark>") <= 1
    assert shown.replace("<mark>", "").replace("</mark>", "").endswith(">0123456789</bdi>")


def test_a_foreign_string_is_set_apart_with_its_own_direction() -> None:
    assert bdi("Nvidia تعلن") == '<bdi dir="rtl">Nvidia تعلن</bdi>'
    assert bdi("<Nvidia>\n x") == '<bdi dir="auto">&lt;Nvidia&gt; x</bdi>'
    assert bdi(None) == '<bdi dir="auto"></bdi>'
