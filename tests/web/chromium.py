"""Debian's Chromium, with a page that somebody is signed in on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, ViewportSize, sync_playwright

from storage import accounts, sessions
from tests.web.browser import SESSION_COOKIE
from web.services import WebServices

CHROMIUM = shutil.which("chromium")


@contextmanager
def launch() -> Iterator[Chromium]:
    """A running browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def signed_in_page(
    chromium: Chromium,
    services: WebServices,
    user_id: int,
    address: str,
    *,
    language: str,
    width: int,
    scripts: bool = True,
) -> Iterator[Page]:
    """A page of the owner's, who reads in this language on a screen so wide."""
    with services.database.write() as session:
        accounts.set_language(session, user_id, language)
        token = sessions.start_session(session, user_id, now=services.clock(session))
    viewport: ViewportSize = {"width": width, "height": 900}
    with chromium.new_context(viewport=viewport, java_script_enabled=scripts) as context:
        context.set_default_timeout(10_000)
        # Set as by https; the browser sends it to this machine's own address by http as well.
        secure = address.replace("http://", "https://")
        context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": secure, "secure": True}])
        yield context.new_page()
