"""The demo's pages in the product's own web app, from one click on the set-up form to what came in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from demo.stage import NAVIGATION, Stage, resolve
from marsad.app import App, build_app
from marsad.config import read_settings
from notifiers.signing import sign
from storage import accounts
from tests.demo.test_mailbox import send
from tests.web.browser import Browser
from tests.web.conftest import serving
from web.app import create_app

PAGES = ("/demo/newsroom", "/demo/mailbox", "/demo/webhooks")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as running:
        yield running


@pytest.fixture
def app(stage: Stage, tmp_path: Path) -> Iterator[App]:
    """A marsad among the demo's servers, seeded, that does not poll."""
    given = read_settings({}, default_data_dir=tmp_path)
    built = build_app(stage.settings(given, f"sqlite:///{tmp_path / 'demo.sqlite3'}"), resolve=resolve)
    with built.write() as (session, owner, now):
        stage.seed(session, owner, now=now)
    yield built
    built.database.dispose()


@pytest.fixture
def visitor(app: App, stage: Stage) -> Iterator[Browser]:
    """A browser that nobody has signed in with."""
    services = app.web_services(
        set_up_defaults=stage.set_up_defaults, catalogue=stage.catalogue, more_navigation=NAVIGATION
    )
    with serving(create_app(services, more_routers=stage.routers)) as url, Browser(url) as browser:
        yield browser


@pytest.fixture
def entered(app: App, stage: Stage, visitor: Browser) -> Browser:
    """The same after the set-up form was sent as it comes filled in."""
    with app.database.write() as session:
        token = accounts.new_set_up_link(session, now=app.clock(session))
    page = f"/setup?token={token}"
    given = stage.set_up_defaults
    form = visitor.get(page).text
    assert all(f'value="{value}"' in form for value in (given.name, given.email, given.password))
    answer = visitor.send_form(
        page,
        name=given.name,
        email=given.email,
        password=given.password,
        language="ar",
    )
    assert answer.status_code == 303, answer.text
    return visitor


@pytest.mark.parametrize("path", ["/demo", *PAGES, "/demo/mailbox/1"])
def test_nobody_sees_a_page_without_signing_in(visitor: Browser, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


def test_every_page_is_in_the_navigation_and_says_what_it_waits_for(entered: Browser) -> None:
    for path in PAGES:
        page = entered.get(path)
        assert page.status_code == 200
        assert all(f'href="{other}"' in page.text for other in PAGES)


def test_the_newsroom_leads_to_each_house_and_its_newest_articles(entered: Browser, stage: Stage) -> None:
    page = entered.get("/demo/newsroom").text
    for house in stage.sites.houses.values():
        assert f'href="{stage.sites.base(house)}/"' in page
        assert stage.sites.source_url(house) in page
        assert f"/news/{stage.sites.items(house)[0].slug}" in page
    assert entered.get("/demo").headers["location"] == "/demo/newsroom"


async def test_a_mail_is_listed_and_opened(entered: Browser, stage: Stage) -> None:
    await send(stage.mailbox)
    assert "وإنفيديا تعرض معالج H20 جديدًا" in entered.get("/demo/mailbox").text
    mail = entered.get("/demo/mailbox/1").text
    assert "visitor@demo.example" in mail
    assert stage.mailbox.html_url(stage.mailbox.newest()[0]) in mail
    assert entered.get("/demo/mailbox/2").status_code == 404


def test_a_webhook_is_listed_with_the_word_on_its_signature(entered: Browser, stage: Stage) -> None:
    body = '{"data": {"article": {"title": "<b>عنوان"}, "matches": [{"term": "H20"}]}}'.encode()
    forged = {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1",
        "webhook-signature": sign("whsec_" + "A" * 32, "msg_1", 1, body),
    }
    assert httpx.post(stage.receiver.url, content=body, headers=forged).status_code == 401
    page = entered.get("/demo/webhooks").text
    assert "&lt;b&gt;عنوان" in page
    assert "the timestamp is too far from now" in page


async def test_names_under_localhost_are_this_machine() -> None:
    assert await resolve("madar.localhost", 80) == ["127.0.0.1"]
    assert await resolve("127.0.0.1", 80) == ["127.0.0.1"]
