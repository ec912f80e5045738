"""The content pages in both languages, filled and empty, and what they keep to themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from marsad.types import FailureKind
from spiders.catalogue import CatalogueSource
from storage import accounts, users, watchlists
from storage.models import User
from tests.web.browser import Browser
from tests.web.conftest import set_up, sign_in
from tests.web.newsdesk import STORIES, NewsDesk, Story, fill
from web.services import NavigationLink, WebServices

PAGES = [
    "/matches",
    "/watchlist",
    "/watchlist/try",
    "/watchlist/why",
    "/alerts",
    "/sources",
    "/sources/catalogue",
    "/status",
]
HEADINGS = {
    "/matches": ("الرصد", "Matches"),
    "/watchlist": ("قائمة المراقبة", "Watchlist"),
    "/watchlist/try": ("جرّب كلماتك على نص", "Try your terms on a text"),
    "/watchlist/why": ("لماذا لم يُرصد؟", "Why not?"),
    "/alerts": ("التنبيهات", "Alerts"),
    "/sources": ("المصادر", "Sources"),
    "/sources/catalogue": ("الدليل", "The catalogue"),
    "/status": ("الحالة", "Status"),
}


def speak(services: WebServices, user_id: int, language: str) -> None:
    with services.database.write() as session:
        accounts.set_language(session, user_id, language)


@pytest.mark.parametrize("filled", [True, False], ids=["filled", "empty"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_page_is_there_in_both_languages(
    signed_in: Browser, services: WebServices, user_id: int, language: str, filled: bool
) -> None:
    if filled:
        fill(services.database, user_id)
    speak(services, user_id, language)
    for path in PAGES:
        page = signed_in.get(path)
        assert page.status_code == 200, path
        assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page.text
        assert f"<h1>{HEADINGS[path][language == 'en']}</h1>" in page.text
        assert page.text.count("<h1") == 1


def test_home_leads_to_the_matches(signed_in: Browser) -> None:
    assert signed_in.get("/").headers["location"] == "/matches"


def test_switching_the_language_is_kept_with_the_account(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    answer = signed_in.send_form("/language", page="/watchlist", language="ar", next="/watchlist")
    assert (answer.status_code, answer.headers["location"]) == (303, "/watchlist")
    assert 'lang="ar"' in signed_in.get("/watchlist").text
    with services.database.read() as session:
        assert session.get_one(User, user_id).language == "ar"


def test_the_language_can_be_switched_on_a_page_that_answers_a_form(signed_in: Browser, user_id: int) -> None:
    for page, path, fields in (
        ("/watchlist", "/watchlist/terms", {"name": "x"}),
        ("/watchlist", "/watchlist/expressions", {"expression": "x"}),
        ("/watchlist", "/watchlist/why", {"name": "x"}),
        ("/alerts", "/alerts/channels", {"kind": "webhook", "address": "https://hook.example/in"}),
        ("/sources", "/sources", {"url": "nothing"}),
    ):
        answer = signed_in.send_form(path, page=page, **fields)
        assert re.findall(r'name="next" value="([^"]*)"', answer.text) == [page]


@pytest.mark.parametrize(
    ("language", "to", "leads"),
    [("xx", "/alerts", "/alerts"), ("ar", "https://evil.example/", "/"), ("ar", "//evil.example", "/")],
)
def test_a_language_that_is_none_and_a_foreign_target_do_nothing(
    signed_in: Browser, language: str, to: str, leads: str
) -> None:
    answer = signed_in.send_form("/language", page="/watchlist", language=language, next=to)
    assert answer.headers["location"] == leads
    assert (answer.cookies.get("marsad-lang") is None) == (language == "xx")


def test_someone_who_is_not_signed_in_gets_the_language_of_the_cookie(client: Browser, user_id: int) -> None:
    assert 'lang="en"' in client.get("/login").text
    client.cookies.set("marsad-lang", "ar", domain=client.base_url.host)
    assert 'lang="ar" dir="rtl"' in client.get("/login").text


def test_more_pages_stand_in_the_navigation(services: WebServices, open_site: Callable[..., Browser]) -> None:
    link = NavigationLink("/demo/mail", "بريد العرض", "Demo mail")
    services = replace(services, more_navigation=(link,))
    user_id = set_up(services)
    browser = open_site(services)
    sign_in(browser, services, user_id)
    assert '<a href="/demo/mail">Demo mail</a>' in browser.get("/matches").text


# ---------------------------------------------------------------- matches


def test_one_row_an_article_newest_first_with_its_hits(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    fill(services.database, user_id)
    page = signed_in.get("/matches").text
    rows = re.findall(r'<li class="match".*?</li>\s*(?=<li class="match"|</ol>)', page, re.DOTALL)
    assert len(rows) == 5
    assert "<mark>هواوي</mark> تكشف" in rows[0]
    assert "و<mark>هواوي</mark>" in rows[0]  # the clitic stays outside
    assert all(f">{term}</bdi></a>" in rows[0] for term in ("Nvidia", "Huawei", "H20"))
    assert "<mark>Nvidia</mark> و <mark>Huawei</mark>" in rows[3]


def test_filters_live_in_the_address(signed_in: Browser, services: WebServices, user_id: int) -> None:
    fill(services.database, user_id)
    with services.database.read() as session:
        ids = {row.term.name: row.id for row in watchlists.list_terms(session, user_id)}
    only = signed_in.get("/matches", params={"term": str(ids["DeepSeek"])}).text
    assert only.count('<li class="match"') == 1
    assert "selected>DeepSeek" in only
    assert signed_in.get("/matches", params={"source": "1"}).text.count('<li class="match"') == 2
    nothing = signed_in.get("/matches", params={"source": "1", "term": str(ids["DeepSeek"])}).text
    assert "Nothing like this was found" in nothing
    for wild in ("x", "-1", "9" * 40, "1;drop", ""):
        assert signed_in.get("/matches", params={"term": wild, "before": wild}).status_code == 200


def test_pages_follow_one_another_without_gap_or_repetition(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    desk = NewsDesk.at(services.database, user_id)
    desk.watch("Nvidia")
    source = desk.add_source("نون")
    desk.publish(source, *(Story(f"إنفيديا خبر رقم {n}") for n in range(70)))
    seen: list[str] = []
    path: str | None = "/matches"
    while path:
        page = signed_in.get(path).text
        seen += re.findall(r'<h2><a href="(/matches/\d+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = following[1].replace("&amp;", "&") if following else None
    assert len(seen) == len(set(seen)) == 70


def test_an_empty_inbox_says_what_to_do_next(signed_in: Browser, services: WebServices, user_id: int) -> None:
    desk = NewsDesk.at(services.database, user_id)
    assert "Nothing is watched yet" in signed_in.get("/matches").text
    desk.watch("Graphcore")
    assert "No source is read yet" in signed_in.get("/matches").text
    source = desk.add_source("نون")
    fetching = signed_in.get("/matches").text
    assert "The sources are being fetched" in fetching
    assert "نون" in fetching
    assert "data-waiting" in fetching
    desk.fail(source, FailureKind.OFFLINE)
    offline = signed_in.get("/matches").text
    assert "No source could be reached" in offline
    assert "make demo" in offline
    desk.publish(source, *STORIES)
    assert "6 articles were read so far, and none of your terms is in them." in signed_in.get("/matches").text


def test_a_match_shows_the_whole_text_the_reasons_and_the_alerts(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    fill(services.database, user_id)
    first = re.search(r'<h2><a href="(/matches/\d+)"', signed_in.get("/matches").text)
    assert first is not None
    page = signed_in.get(first[1]).text
    assert page.count("<mark>") >= 9
    assert "ومن المنتظر أن تبدأ الشحنات" in page
    assert '<span class="clitic">و</span> + <mark>هواوي</mark>' in page
    assert "a spelling from the lexicon, in the headline" in page
    assert "غرفة الأخبار" in page
    assert re.search(r'<a [^>]*href="https://news\.example/a/\d+" rel="noopener noreferrer"', page)


def test_other_peoples_matches_are_not_there(signed_in: Browser, services: WebServices, user_id: int) -> None:
    with services.database.write() as session:
        other = User(name="Other", email="o@example.com", role="admin", created_at=services.clock(session))
        session.add(other)
        session.flush()
        other_id = other.id
        assert users.find_owner(session) == user_id
    fill(services.database, other_id)
    assert "Nothing is watched yet" in signed_in.get("/matches").text
    for number in ("1", "2", "7", "x", "0", "9" * 30):
        assert signed_in.get(f"/matches/{number}").status_code == 404
    assert signed_in.get("/watchlist/terms/1").status_code == 404
    assert signed_in.send_form("/watchlist/terms/1", page="/watchlist", own="x").status_code == 404
    edit = {"term": "1", "kind": "ignore_sense", "text": "x"}
    assert signed_in.send_form("/watchlist/why/edit", page="/watchlist", **edit).status_code == 404
    for path in ("/watchlist/terms/1/remove", "/alerts/channels/1/test", "/alerts/channels/1/enable"):
        assert signed_in.send_form(path, page="/watchlist").status_code == 404
    assert (
        signed_in.send_form("/alerts/channels/1/subscribe", page="/watchlist", watchlist="main").status_code
        == 404
    )


def test_news_are_counted_for_the_page_that_is_open(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    desk = fill(services.database, user_id)
    asked = re.search(r'data-news="([^"]+)"', signed_in.get("/matches").text)
    assert asked is not None
    address = asked[1].replace("&amp;", "&")
    assert signed_in.get(address).json()["count"] == 0
    desk.publish(1, Story("Nvidia تعلن نتائجها"), minutes_ago=0)
    assert signed_in.get(address).json() == {"count": 1, "text": "1 new article: show it"}
    assert signed_in.get("/matches/news", params={"after": "x"}).status_code == 200


# ---------------------------------------------------------------- sources


def test_each_source_says_how_it_is(signed_in: Browser, services: WebServices, user_id: int) -> None:
    fill(services.database, user_id)
    page = signed_in.get("/sources").text
    for said in (
        "Its server refuses programs (HTTP 403)",
        "It is a web page, not a feed",
        "Not read yet; it is read next.",
        "Read without trouble.",
        "متحف الحاسوب في تونس",
    ):
        assert said in page
    speak(services, user_id, "ar")
    assert "يرفض خادمه البرامج (HTTP 403)" in signed_in.get("/sources").text


def test_a_source_is_added_paused_and_enabled(
    services: WebServices, open_site: Callable[..., Browser]
) -> None:
    woken: list[bool] = []
    services = replace(services, wake=lambda: woken.append(True))
    user_id = set_up(services)
    browser = open_site(services)
    sign_in(browser, services, user_id)
    added = browser.send_form("/sources", url="https://wahat.example/rss", name="واحة", shape="feed")
    assert added.headers["location"] == "/sources?done=added"
    assert woken == [True]
    assert "واحة" in browser.get("/sources").text
    browser.send_form("/sources/1/pause", page="/sources")
    assert "Paused: it is not read until it is enabled." in browser.get("/sources").text
    browser.send_form("/sources/1/enable", page="/sources")
    assert "Not read yet" in browser.get("/sources").text
    assert browser.send_form("/sources/77/pause", page="/sources").status_code == 404


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("ftp://x.example/", 422, "This address cannot be used."),
        ("http://127.0.0.1/feed", 422, "This address is not public"),
        ("https://there.example/feed", 409, "This is there already."),
    ],
)
def test_a_wrong_address_is_shown_again_with_its_error(
    signed_in: Browser, url: str, status: int, said: str
) -> None:
    signed_in.send_form("/sources", url="https://there.example/feed", shape="feed")
    answer = signed_in.send_form("/sources", url=url, shape="feed")
    assert answer.status_code == status
    assert said in answer.text
    assert f'value="{url}"' in answer.text


def test_the_catalogue_is_read_only_after_it_is_confirmed(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    page = signed_in.get("/sources/catalogue", params={"welcome": "1"}).text
    catalogue: tuple[CatalogueSource, ...] = tuple(services.catalogue)
    for source in catalogue:
        box = re.search(rf'<input[^>]*value="{source.id}"[^>]*>', page)
        assert box is not None
        assert ("checked" in box[0]) == (source.group == "technology")
    assert "No source is read yet" in signed_in.get("/sources").text
    answer = signed_in.send_form("/sources/catalogue", source=[catalogue[0].id, "no-such"], welcome="1")
    assert answer.headers["location"] == "/sources?added=1&welcome=1"
    assert catalogue[0].name_en in signed_in.get("/sources").text
    assert re.search(rf'value="{catalogue[0].id}" checked disabled', signed_in.get("/sources/catalogue").text)
