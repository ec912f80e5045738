"""A new user's first minutes in a real browser: set-up, the starter watchlist, the first match, a term, its match.

It leaves a picture of every step in `.screenshots/`, to be looked at.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.command import PROGRAM, Marsad
from tests.conftest import ROOT

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")

PICTURES = ROOT / ".screenshots"
WORDS = {
    "ar": {"set up": "إنشاء الحساب", "term": "كلمة جديدة", "watch": "راقبها"},
    "en": {"set up": "Create the account", "term": "New term", "watch": "Watch it"},
}


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """A running demo's set-up link."""
    marsad = Marsad.at(folder, MARSAD_LISTEN="127.0.0.1:0")
    with subprocess.Popen(
        [PROGRAM, "demo", "--speed", "20"],
        env=marsad.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            link = next(
                found for line in process.stdout if (found := re.search(r"http\S+setup\?token=\S+", line))
            )
            yield link[0]
        finally:
            process.terminate()
            process.communicate(timeout=30)
    assert process.returncode == 0


class Visit:
    """One page after the other, with a picture of each and a note of everything that the browser minds."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._language = language
        self._step = 0
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def picture(self, name: str) -> None:
        self._step += 1
        html = self.page.locator("html")
        assert html.get_attribute("lang") == self._language
        assert html.get_attribute("dir") == {"ar": "rtl", "en": "ltr"}[self._language]
        PICTURES.mkdir(exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{self._language}-{self._step}-{name}.png", full_page=True)


def open_until_marked(page: Page, url: str, pattern: str) -> None:
    """Open a page again and again, as people do who wait for news, until it highlights what they wait for."""
    marked = page.locator("main mark", has_text=re.compile(pattern))
    for _ in range(60):
        page.goto(url)
        if marked.count():
            break
        page.wait_for_timeout(500)
    expect(marked.first).to_be_visible()


@pytest.mark.parametrize("language", WORDS)
def test_from_set_up_to_the_match_of_ones_own_term(tmp_path: Path, language: str) -> None:
    words = WORDS[language]
    with demo(tmp_path) as link, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(locale=language, viewport={"width": 1200, "height": 850}).new_page()
        visit = Visit(page, language)
        base = link.partition("/setup")[0]

        page.goto(link)
        visit.picture("set-up")
        page.get_by_role("button", name=words["set up"]).click()
        expect(page).to_have_url(re.compile(r"/sources/catalogue\?welcome=1"))
        visit.picture("sources")
        page.locator("main form a[href='/watchlist']").click()
        expect(page).to_have_url(f"{base}/watchlist")
        for name in ("Nvidia", "Huawei", "H20", "DeepSeek"):
            expect(page.locator("main").get_by_text(name, exact=True).first).to_be_visible()
        visit.picture("starter-watchlist")

        open_until_marked(page, f"{base}/matches", "")
        visit.picture("first-match")

        page.goto(f"{base}/watchlist")
        page.get_by_label(words["term"]).fill("Qualcomm")
        page.get_by_role("button", name=words["watch"]).click()
        visit.picture("term-added")
        open_until_marked(page, f"{base}/matches", "كوالكوم|Qualcomm")
        visit.picture("its-match")

        page.locator("main a[href^='/matches/']").first.click()
        visit.picture("one-match")
        for name in ("alerts", "sources", "status"):
            page.goto(f"{base}/{name}")
            visit.picture(name)
        browser.close()
    assert visit.complaints == []
