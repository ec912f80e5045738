"""Documents → titles, links, dates as a person would read them, whatever their form."""

from __future__ import annotations

import gzip
import zlib
from time import perf_counter

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.types import (
    FeedEntry,
    FetchedFeed,
    FetchFailure,
    FetchRequest,
    FetchResult,
    NotModified,
    Validators,
)
from spiders.bodies import parse_body
from tests.spiders.documents import NOW, TITLES, rss

URL = "https://news.example/feeds/main.xml"


def read(body: str | bytes, **headers: str) -> FetchResult:
    return parse_body(
        FetchRequest(URL, "feed"),
        url=URL,
        status=200,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body,
        now=NOW,
    )


def feed(body: str | bytes, **headers: str) -> FetchedFeed:
    result = read(body, **headers)
    assert isinstance(result, FetchedFeed), result
    return result


def entry(inside: str) -> FeedEntry:
    [found] = feed(f'<rss version="2.0"><channel><item>{inside}</item></channel></rss>').entries
    return found


@pytest.mark.parametrize(
    ("xml", "title"),
    [
        ("AT&amp;T تطلق شبكة", "AT&T تطلق شبكة"),
        ("السعر &lt; 100 دولار", "السعر < 100 دولار"),
        ("<![CDATA[<b>إنفيديا</b> و&quot;هواوي&quot;]]>", 'إنفيديا و"هواوي"'),
        ("List&lt;T&gt; في لغة C", "List<T> في لغة C"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;خبر", "خبر"),
        ("  سطر\n\t  آخر ", "سطر آخر"),
        ("الـسـوق\u200f والعُملة", "الـسـوق\u200f والعُملة"),
        ("AT&T و R&D بلا ترميز", "AT&T و R&D بلا ترميز"),
        ("«خبر»&nbsp;جديد&laquo;", "«خبر» جديد«"),
    ],
)
def test_a_title_is_plain_text(xml: str, title: str) -> None:
    assert entry(f"<title>{xml}</title>").title == title


def test_an_atom_title_of_type_text_is_left_alone() -> None:
    document = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>قسم &lt;b&gt; في HTML</title></entry></feed>'
    )

    assert feed(document).entries[0].title == "قسم <b> في HTML"


@pytest.mark.parametrize(
    ("link", "resolved"),
    [
        ("/ar/1", "https://news.example/ar/1"),
        ("2.html", "https://news.example/feeds/2.html"),
        ("//cdn.example/3", "https://cdn.example/3"),
        ("https://other.example/خبر", "https://other.example/خبر"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("http://[broken", None),
    ],
)
def test_links_are_absolute_web_addresses_or_none(link: str, resolved: str | None) -> None:
    assert entry(f"<title>x</title><link>{link}</link>").link == resolved


def test_a_summary_is_text_with_lines_for_blocks() -> None:
    html = "&lt;p&gt;الأول&lt;/p&gt;&lt;p&gt;الثاني &amp;amp; الثالث&lt;/p&gt;&lt;style&gt;x{}&lt;/style&gt;"

    assert entry(f"<title>x</title><description>{html}</description>").summary == "الأول\nالثاني & الثالث"


@pytest.mark.parametrize("version", ["1", "1.1"])
def test_json_feeds_are_read(version: str) -> None:
    document = (
        f'{{"version": "https://jsonfeed.org/version/{version}", "title": "مرصد",'
        '"items": [{"id": 7, "url": "/7",'
        '"title": "خبر", "content_html": "<p>نص</p>", "date_published": "2026-02-01T10:00:00+03:00"}]}'
    )

    found = feed(document)

    assert found.kind == f"json{version}"
    assert found.entries[0].id == "7"
    assert found.entries[0].link == "https://news.example/7"
    assert found.entries[0].content == "نص"
    assert found.entries[0].published is not None
    assert found.entries[0].published.hour == 7


def test_a_sitemap_is_read() -> None:
    document = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc> https://news.example/1 </loc>'
        "<lastmod>2026-02-01</lastmod><news:news><news:title>خبر</news:title></news:news></url></urlset>"
    )

    found = feed(document)

    assert (found.kind, found.entries[0].link, found.entries[0].title) == (
        "urlset",
        "https://news.example/1",
        "خبر",
    )


@pytest.mark.parametrize(
    "broken",
    [
        "\n\n" + rss(),
        "<br />Notice: undefined in /x.php\n" + rss(),
        rss() + "<script>x</script>",
        rss().replace("أخبار", "أخ\x08بار"),
        rss().replace("<item>", "<item><media:thing>x</media:thing>"),
        rss()[: rss().rindex("</channel>")],
    ],
)
def test_broken_documents_keep_their_entries(broken: str) -> None:
    assert [found.title for found in feed(broken).entries] == list(TITLES)


def test_a_cut_anywhere_keeps_the_whole_entries_before_it() -> None:
    content = rss().encode()
    ends = [content.index(b"</item>", content.index(f"item-{n}".encode())) + 7 for n in (1, 2, 3)]
    for cut in range(100, len(content), 37):
        result = read(content[:cut])
        whole = sum(end <= cut for end in ends)
        titles = [found.title for found in result.entries] if isinstance(result, FetchedFeed) else []
        assert titles[:whole] == list(TITLES[:whole])


@pytest.mark.parametrize(
    ("encode", "coding"),
    [
        (gzip.compress, "gzip"),
        (gzip.compress, ""),
        (lambda b: gzip.compress(gzip.compress(b)), "gzip"),
        (zlib.compress, "deflate"),
        (lambda b: zlib.compress(b)[2:-4], "deflate"),
        (brotli.compress, "br"),
        (bytes, "gzip"),
        (bytes, "utf-8"),
    ],
)
def test_compressed_bodies_are_read_whatever_the_label(encode, coding: str) -> None:  # type: ignore[no-untyped-def]
    assert len(feed(encode(rss().encode()), content_encoding=coding).entries) == 3


@pytest.mark.parametrize(
    "bomb",
    [
        gzip.compress(b" " * 200_000_000),
        gzip.compress(gzip.compress(b" " * 200_000_000)),
    ],
    ids=["once", "twice"],
)
def test_a_bomb_stops_at_the_limit(bomb: bytes) -> None:
    result = read(bomb, content_encoding="gzip")

    assert isinstance(result, FetchFailure)
    assert "size limit" in result.reason


@pytest.mark.parametrize(("coding", "compress"), [("br", brotli.compress), ("deflate", zlib.compress)])
def test_other_codings_stop_at_the_limit_too(coding: str, compress) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(read(compress(b" " * 20_000_000), content_encoding=coding), FetchFailure)


def test_a_cut_stream_gives_its_entries_but_neither_validators_nor_hash() -> None:
    found = feed(gzip.compress(rss().encode())[:-20], content_encoding="gzip", etag='"1"')

    assert found.entries
    assert (found.validators, found.body_hash) == (Validators(), None)


def test_a_304_keeps_the_validators_that_it_does_not_repeat() -> None:
    asked = Validators('"1"', "then")
    result = parse_body(FetchRequest(URL, "feed", asked), url=URL, status=304, headers={}, body=b"", now=NOW)

    assert isinstance(result, NotModified)
    assert result.validators == asked


def _laughs() -> str:
    names = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return rss("&a9;").replace("<rss", f'<!DOCTYPE r [<!ENTITY a0 "ha">{names}]><rss')


@pytest.mark.parametrize(
    "hostile",
    [
        _laughs(),
        rss("x")
        .replace("<rss", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss')
        .replace(">x<", ">&x;<"),
        rss("&lt;b&gt;" * 20_000 + "x"),
        rss("<b>" * 20_000 + "x" + "</b>" * 20_000),
        rss("ا" * 2_500_000),
        rss("x").replace("<item>", "<item><description>" + "&lt;div&gt;" * 20_000 + "</description>"),
        rss("<![CDATA[" * 100_000),
        rss("&" * 500_000),
        "<rss>" + "<" * 500_000,
        "[" * 100_000,
    ],
    ids=[
        "laughs",
        "external",
        "escaped",
        "nested",
        "long",
        "divs",
        "cdata",
        "ampersands",
        "brackets",
        "json",
    ],
)
def test_hostile_documents_end_soon_and_leak_nothing(hostile: str) -> None:
    begun = perf_counter()
    result = read(hostile)

    assert perf_counter() - begun < 10  # generous: two seconds on a quiet machine
    if isinstance(result, FetchedFeed):
        assert all(len(found.title) <= 1_000 for found in result.entries)


@given(st.text(max_size=300))
def test_any_text_gives_a_result(text: str) -> None:
    read(text)
    read(rss(text))
    read('{"version": "https://jsonfeed.org/version/1", "items": [' + text)
