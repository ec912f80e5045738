"""A page of links gives the articles that it links to, however the site is built."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.types import FailureKind, FeedEntry, FetchedFeed, FetchFailure, FetchRequest, FetchResult
from spiders.bodies import parse_body
from spiders.listing import parse_listing
from tests.spiders.documents import NOW, PAGE, TITLES, rss

URL = "https://news.example/ar/"
HEADLINE = "إنفيديا تكشف عن معالج جديد لمراكز البيانات"
OTHER = "هواوي تفتتح مركزًا للأبحاث في الرياض"


def listed(body: str, *, url: str = URL) -> list[tuple[str, str]]:
    """Title and link of each entry of a page that has this body."""
    return [(e.title, e.link or "") for e in entries(body, url=url)]


def entries(body: str, *, url: str = URL) -> tuple[FeedEntry, ...]:
    _, found = parse_listing(
        f"<html><head><title>أخبار</title></head><body>{body}</body></html>", url=url, now=NOW
    )
    return found


def read(body: str, what: str = "listing") -> FetchResult:
    request = FetchRequest(URL, "listing" if what == "listing" else "feed")
    return parse_body(request, url=URL, status=200, headers={}, body=body.encode(), now=NOW)


@pytest.mark.parametrize(
    "card",
    [
        f"<h2><a href='/ar/story/1042'>{HEADLINE}</a></h2>",
        f"<a href='/ar/story/1042'><h3>{HEADLINE}</h3><p>ملخص طويل للخبر يشرح ما جرى.</p></a>",
        f"<a href='/ar/story/1042'><img src='1.jpg'></a><h3>{HEADLINE}</h3>",
        f"<a href='/ar/story/1042'><img src='1.jpg' alt='صورة'></a><a href='/ar/story/1042'>{HEADLINE}</a>"
        "<a href='/ar/story/1042'>اقرأ المزيد</a>",
        f"<a href='/ar/story/1042' title='{HEADLINE}'>إنفيديا تكشف عن…</a>",
        f"<a href='/ar/story/1042' title='{HEADLINE}'><img src='1.jpg'></a>",
        f"<div class='card__title'><a href='/ar/story/1042'>{HEADLINE}</a></div>",
        f"<a href='/ar/story/1042'><span>{HEADLINE}</span><time datetime='2026-02-27T08:00:00Z'>أمس</time></a>",
        f"<a href='/ar/story/1042#comments'>12 تعليقًا</a><a href='/ar/story/1042'>{HEADLINE}</a>",
        f"<a href='/ar/story/1042'><p>{HEADLINE}</p><p>{'جملة من ملخص طويل جدًا للخبر. ' * 12}</p></a>",
        f"<header><h2><a href='/ar/story/1042'>{HEADLINE}</a></h2></header><p>ملخص</p>",
    ],
)
def test_a_card_gives_its_headline_whatever_its_form(card: str) -> None:
    assert listed(f"<main><article>{card}</article></main>") == [
        (HEADLINE, "https://news.example/ar/story/1042")
    ]


@pytest.mark.parametrize(
    ("href", "link"),
    [
        (
            "/ar/2026/02/27/nvidia-new-data-center-chip",
            "https://news.example/ar/2026/02/27/nvidia-new-data-center-chip",
        ),
        ("story.aspx?id=77", "https://news.example/ar/story.aspx?id=77"),
        ("/?p=5312", "https://news.example/?p=5312"),
        ("/إنفيديا-تكشف-عن-معالج/", "https://news.example/إنفيديا-تكشف-عن-معالج/"),
        ("https://www.news.example/a/1042?utm_source=home&v=2", "https://www.news.example/a/1042?v=2"),
        ("/news/1042#top", "https://news.example/news/1042"),
    ],
)
def test_a_path_that_names_one_thing_is_an_articles(href: str, link: str) -> None:
    assert listed(f"<li><a href='{href}'>{HEADLINE}</a></li>") == [(HEADLINE, link)]


@pytest.mark.parametrize(
    "link",
    [
        f"<nav><ul><li><a href='/ar/story/1042'>{HEADLINE}</a></li></ul></nav>",
        f"<footer><a href='/ar/story/1042'>{HEADLINE}</a></footer>",
        f"<aside><h3><a href='/ar/story/1042'>{HEADLINE}</a></h3></aside>",
        f"<div class='main-menu'><a href='/ar/story/1042'>{HEADLINE}</a></div>",
        f"<div role='navigation'><a href='/ar/story/1042'>{HEADLINE}</a></div>",
        f"<header><a href='/ar/story/1042'>{HEADLINE}</a></header>",
        f"<h2><a href='https://other.example/story/1042'>{HEADLINE}</a></h2>",
        f"<h2><a href='/category/technology-and-science-news'>{HEADLINE}</a></h2>",
        f"<h2><a href='/ar/author/someone-or-other-1'>{HEADLINE}</a></h2>",
        f"<h2><a href='/tag/1042'>{HEADLINE}</a></h2>",
        f"<h2><a href='/files/report-2026-final.pdf'>{HEADLINE}</a></h2>",
        f"<h2><a href='javascript:open(1042)'>{HEADLINE}</a></h2>",
        f"<h2><a href='mailto:desk@news.example'>{HEADLINE}</a></h2>",
        f"<h2><a href='{URL}#top'>{HEADLINE}</a></h2>",
        "<h2><a href='/tech'>أخبار التقنية</a></h2>",
        "<a href='/ar/page/2'>الصفحة التالية من الأخبار القديمة</a>",
        "<a href='/ar/story/1042'>اقرأ المزيد</a>",
        "<a href='/ar/story/1042'>1042</a>",
    ],
)
def test_what_every_page_of_a_site_has_is_no_article(link: str) -> None:
    article = f"<main><h2><a href='/ar/story/7001'>{OTHER}</a></h2></main>"
    assert listed(link + article) == [(OTHER, "https://news.example/ar/story/7001")]


def test_a_section_that_the_menu_names_is_no_article_where_it_has_a_heading() -> None:
    page = (
        "<nav><a href='/ar/artificial-intelligence-news'>ذكاء اصطناعي</a></nav>"
        "<h2><a href='/ar/artificial-intelligence-news'>كل أخبار الذكاء الاصطناعي هنا</a></h2>"
        f"<h3><a href='/ar/short'>{OTHER}</a></h3>"
    )
    assert listed(page) == [(OTHER, "https://news.example/ar/short")]


def test_articles_come_in_the_order_of_the_page_each_once() -> None:
    page = (
        "<div><a href='/a/100'><img></a><h2><a href='/a/100'>الخبر الأول من أخبار اليوم</a></h2></div>"
        "<div><h2><a href='/a/99'>الخبر الثاني من أخبار اليوم</a></h2></div>"
        "<div><a href='/a/100'>الأكثر قراءة: الخبر الأول من أخبار اليوم</a></div>"
    )
    assert listed(page) == [
        ("الخبر الأول من أخبار اليوم", "https://news.example/a/100"),
        ("الخبر الثاني من أخبار اليوم", "https://news.example/a/99"),
    ]


def test_each_article_has_the_date_of_its_own_card_and_its_link_as_id() -> None:
    page = (
        f"<ul><li><h3><a href='/a/100'>{HEADLINE}</a></h3>"
        "<time datetime='2026-02-27T08:00:00+03:00'>أمس</time></li>"
        f"<li><h3><a href='/a/99'>{OTHER}</a></h3><span class='post-date'>25 شباط 2026</span></li>"
        "<li><h3><a href='/a/98'>خبر ثالث لا تاريخ له هنا</a></h3></li></ul>"
    )
    found = entries(page)
    assert [e.published.isoformat() if e.published else None for e in found] == [
        "2026-02-27T05:00:00+00:00",
        "2026-02-25T00:00:00+00:00",
        None,
    ]
    assert [e.id for e in found] == [e.link for e in found]


def test_a_site_that_calls_its_whole_page_a_sidebar_is_read_all_the_same() -> None:
    page = f"<div class='sidebar'><h2><a href='/a/100'>{HEADLINE}</a></h2></div>"
    assert listed(page) == [(HEADLINE, "https://news.example/a/100")]


def test_links_are_resolved_against_the_pages_base() -> None:
    page = (
        f"<head><base href='https://news.example/root/'></head><body><h2><a href='a/100'>{HEADLINE}</a></h2>"
    )
    _, (found,) = parse_listing(page, url=URL, now=NOW)
    assert found.link == "https://news.example/root/a/100"


def test_words_that_stand_apart_on_the_page_stand_apart_in_the_title() -> None:
    page = "<h2><a href='/a/100'><span>عاجل</span><span>إن<b>في</b>ديا تكشف عن معالج</span></a></h2>"
    assert listed(page) == [("عاجل إنفيديا تكشف عن معالج", "https://news.example/a/100")]


def test_a_fetched_listing_is_a_feed_of_its_own_kind() -> None:
    result = read(
        f"<html><title>أخبار اليوم</title><body><h2><a href='/a/100'>{HEADLINE}</a></h2></body></html>"
    )
    assert isinstance(result, FetchedFeed)
    assert (result.kind, result.title, len(result.entries)) == ("listing", "أخبار اليوم", 1)
    assert result.body_hash is not None


def test_a_page_without_articles_is_a_failure_that_says_so() -> None:
    result = read("<html><body><p>لحظة من فضلك…</p></body></html>")
    assert isinstance(result, FetchFailure)
    assert (result.kind, "no links to articles" in result.reason) == (FailureKind.EMPTY, True)


def test_a_listing_that_became_a_feed_is_read_as_one() -> None:
    result = read(rss())
    assert isinstance(result, FetchedFeed)
    assert [entry.title for entry in result.entries] == list(TITLES)


def test_a_feed_that_is_a_page_says_how_to_read_it() -> None:
    result = read(PAGE, "feed")
    assert isinstance(result, FetchFailure)
    assert result.kind is FailureKind.WEB_PAGE
    assert f"marsad source add --listing {URL}" in result.reason


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 20_000 + "<a href='/a/100'>خبر</a>",
        "<p><a href='/a/100'>نص طويل بعض الشيء هنا</a>" * 20_000,
        f"<div class='title'>{'<span class=title>' * 5_000}<a href='/a/100'></a>{'س' * 100_000}",
        "<a href='/a/100'>" + "كلمة " * 200_000 + "</a>",
        "<a href='/a/100'></a>" * 5_000 + "<div class='date title'>" * 5_000,
    ],
    ids=["nested", "many", "titles", "long", "empty"],
)
def test_hostile_pages_are_read_quickly(page: str) -> None:
    begin = perf_counter()
    entries(page)
    assert perf_counter() - begin < 5


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    parse_listing(text, url=URL, now=NOW)


@given(
    st.lists(
        st.sampled_from(["<a href='/a/100'>", "</a>", "<h2>", "</h2>", HEADLINE, "<time>", "\x00", "<nav>"])
    )
)
def test_no_markup_breaks_it(parts: list[str]) -> None:
    parse_listing("".join(parts), url=URL, now=NOW)
