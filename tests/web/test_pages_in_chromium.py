"""The pages in a real browser: direction, width, keyboard, no JavaScript, no policy violation."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.web.chromium import CHROMIUM, launch, signed_in_page
from tests.web.conftest import serving
from tests.web.newsdesk import NewsDesk, Story, fill
from web.app import create_app
from web.services import WebServices

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")

PAGES = (
    "/matches",
    "/matches/1",
    "/watchlist",
    "/watchlist/terms/1",
    "/watchlist/try",
    "/watchlist/why?term=1",
    "/alerts",
    "/sources",
    "/sources/catalogue",
    "/status",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with launch() as browser:
        yield browser


@pytest.fixture
def address(services: WebServices, user_id: int) -> Iterator[str]:
    fill(services.database, user_id)
    with serving(create_app(services)) as url:
        yield url


def complaints(page: Page) -> list[str]:
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_pages_run_the_right_way_and_fit(
    chromium: Chromium, services: WebServices, user_id: int, address: str, language: str, width: int
) -> None:
    with signed_in_page(chromium, services, user_id, address, language=language, width=width) as page:
        said = complaints(page)
        for path in PAGES:
            page.goto(address + path)
            facts = page.evaluate(
                """() => {
                  const box = e => e.getBoundingClientRect();
                  const targets = "a.button, button, summary, .navigation a, input, select";
                  const small = [...document.querySelectorAll(targets)]
                    .filter(e => e.type !== "hidden" && box(e).width > 1 && !e.closest(".tick"))
                    .filter(e => box(e).height < 24 || box(e).width < 24).map(e => e.outerHTML);
                  return {
                    direction: getComputedStyle(document.documentElement).direction,
                    overflows: document.documentElement.scrollWidth > innerWidth,
                    brand: box(document.querySelector(".brand img")).left,
                    small,
                  };
                }"""
            )
            assert facts["direction"] == ("rtl" if language == "ar" else "ltr"), path
            assert not facts["overflows"], path
            assert (facts["brand"] > width / 2) == (language == "ar"), path
            assert facts["small"] == [], path
        fonts = page.evaluate('document.fonts.check("16px Plex Latin", "ab")')
        assert fonts
        assert said == []


def test_a_term_is_added_by_the_keyboard_alone(
    chromium: Chromium, services: WebServices, user_id: int, address: str
) -> None:
    with signed_in_page(chromium, services, user_id, address, language="ar", width=1280) as page:
        said = complaints(page)
        page.goto(f"{address}/watchlist")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        for _ in range(5):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == "name":
                break
        page.keyboard.type("متحف")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/watchlist\?added="))
        assert "طابق خبرًا واحدًا محفوظًا." in page.inner_text("main")
        page.click(".added a")
        assert "متحف" in page.inner_text(".match mark")
        assert said == []


def test_everything_is_there_without_javascript(
    chromium: Chromium, services: WebServices, user_id: int, address: str
) -> None:
    with signed_in_page(
        chromium, services, user_id, address, language="en", width=390, scripts=False
    ) as page:
        page.goto(f"{address}/matches")
        page.select_option("#term", label="DeepSeek")
        page.click("text=Filter")
        assert page.locator(".match").count() == 1
        page.click("text=Watchlist")
        page.fill("#field-name", "Samsung")
        page.click("button[value=preview]")
        page.locator("input[name=spelling]").nth(1).uncheck()
        page.click("button[value=save]")
        assert "Samsung" in page.inner_text(".added")
        page.click("summary")
        assert page.locator("text=Sign out").is_visible()


def test_a_term_is_explained_and_mended_without_javascript(
    chromium: Chromium, services: WebServices, user_id: int, address: str
) -> None:
    with signed_in_page(
        chromium, services, user_id, address, language="ar", width=390, scripts=False
    ) as page:
        page.goto(f"{address}/watchlist/why")
        page.fill("#text", "أعلنت ديب سيكاا أرباحها")
        page.select_option("#term", label="DeepSeek")
        page.click("text=اشرح")
        assert "لم يُرصد" in page.inner_text(".verdict h2")
        page.click("text=عدّل الكلمة هكذا")
        page.wait_for_url("**/watchlist/why/edit")
        assert page.inner_text(".verdict h2").startswith("رُصد")
        assert page.inner_text(".looked-at mark") == "ديب سيكاا"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_expression_runs_from_left_to_right_on_an_arabic_page(
    chromium: Chromium, services: WebServices, user_id: int, address: str
) -> None:
    with signed_in_page(chromium, services, user_id, address, language="ar", width=390) as page:
        page.goto(f"{address}/watchlist")
        page.click(".expression-card > summary")
        page.fill("#expression", "هواوي AND إنفيديا")
        page.click(".expression-card .actions button")
        page.wait_for_url("**/watchlist?added=*")
        first, last = page.evaluate(
            """() => {
              const text = document.querySelector(".item code.expression").firstChild;
              const at = place => {
                const range = document.createRange();
                range.setStart(text, place);
                range.setEnd(text, place + 1);
                return range.getBoundingClientRect().left;
              };
              return [at(0), at(text.length - 1)];
            }"""
        )
        assert first < last
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_news_are_told_while_the_page_is_open(
    chromium: Chromium, services: WebServices, user_id: int, address: str
) -> None:
    with signed_in_page(chromium, services, user_id, address, language="ar", width=1280) as page:
        said = complaints(page)
        page.goto(f"{address}/matches")
        assert not page.locator(".news").is_visible()
        NewsDesk.at(services.database, user_id).publish(1, Story("Nvidia تعلن نتائجها"), minutes_ago=0)
        page.wait_for_selector(".news:not([hidden])", timeout=10_000)
        assert page.inner_text(".news") == "خبر جديد: اعرضه"
        page.click(".news")
        assert "Nvidia تعلن نتائجها" in page.inner_text(".match >> nth=0")
        assert said == []


def test_a_page_that_waits_renews_itself_but_not_under_ones_hands(
    chromium: Chromium, services: WebServices, user_id: int, address: str
) -> None:
    desk = NewsDesk.at(services.database, user_id)
    with signed_in_page(chromium, services, user_id, address, language="en", width=1280) as page:
        page.goto(f"{address}/sources")
        page.fill("#field-url", "https://typed")
        desk.publish(3, Story("خبر أول من المرفأ"), minutes_ago=0)
        page.wait_for_timeout(5000)
        assert page.input_value("#field-url") == "https://typed"
        assert not page.locator("text=خبر أول من المرفأ").is_visible()
        page.fill("#field-url", "")
        page.evaluate("document.activeElement.blur()")
        page.wait_for_selector("text=خبر أول من المرفأ")
