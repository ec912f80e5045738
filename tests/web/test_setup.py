"""FAULTS 55: the first account is made only with the one-time link that stands in the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from marsad.types import Term
from storage import accounts, users, watchlists
from tests.web.browser import DEVICE_COOKIE, Browser
from tests.web.conftest import BOTH_DATABASES, EMAIL, PASSWORD, later
from tests.web.dump import dump
from web.csrf import FIELD
from web.devices import is_known_device
from web.services import SetUpDefaults, WebServices


def new_link(services: WebServices) -> str:
    with services.database.write() as session:
        return accounts.new_set_up_link(session, now=services.clock(session))


def complete(browser: Browser, token: str, **changed: str) -> httpx.Response:
    fields = {"name": "منى", "email": EMAIL, "password": PASSWORD, "language": "ar", **changed}
    return browser.send_form(f"/setup?token={token}", page="/setup", **fields)


@BOTH_DATABASES
def test_the_link_makes_the_first_account_out_of_the_owner(client: Browser, services: WebServices) -> None:
    with services.database.write() as session:
        now = services.clock(session)
        owner = users.owner_id(session, now=now)
        watchlist = watchlists.ensure_watchlist(session, owner, "main", now=now)
        watchlists.add_term(session, watchlist, Term("Nvidia"), now=now)
    token = new_link(services)
    assert 'name="password"' in client.get("/setup", params={"token": token}).text
    answer = complete(client, token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sources/catalogue?welcome=1")
    me = client.get("/api/v1/me").json()
    assert me == {"id": owner, "name": "منى", "email": EMAIL, "language": "ar", "role": "admin"}
    with services.database.read() as session:
        assert len(watchlists.list_terms(session, owner)) == 1
    assert "user.set-up" in str(dump(services.database)["audit_event"])
    with services.database.read() as session:
        account = accounts.find_account(session, EMAIL)
    assert is_known_device(client.cookies.get(DEVICE_COOKIE), account)


@BOTH_DATABASES
def test_a_link_works_once_and_then_set_up_is_over(
    client: Browser, services: WebServices, open_site: Callable[..., Browser]
) -> None:
    token = new_link(services)
    second = open_site(services)
    held = second.token_on("/setup")
    assert complete(client, token).status_code == 303
    before = dump(services.database)
    fields = {FIELD: held, "name": "x", "email": "x@example.com", "password": PASSWORD, "language": "ar"}
    assert second.post(f"/setup?token={token}", data=fields).headers["location"] == "/login"
    assert second.get("/setup", params={"token": token}).headers["location"] == "/login"
    assert second.post(f"/setup?token={new_link(services)}", data=fields).headers["location"] == "/login"
    assert dump(services.database)["user_account"] == before["user_account"]


@BOTH_DATABASES
def test_two_who_hold_the_link_at_once_make_one_account(client: Browser, services: WebServices) -> None:
    token = new_link(services)
    held = client.token_on("/setup")

    def race(number: int) -> httpx.Response:
        fields = {
            "token": token,
            "name": f"n{number}",
            "email": f"n{number}@example.com",
            "password": PASSWORD,
        }
        with Browser(str(client.base_url)) as browser:
            browser.cookies.update(client.cookies)
            return browser.post(f"/setup?token={token}", data={FIELD: held, **fields})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(race, range(4)))
    made = [a for a in answers if a.headers.get("location", "").startswith("/sources")]
    assert len(made) == 1
    assert len(dump(services.database)["web_session"]) == 1
    assert len(dump(services.database)["user_account"]) == 1


@BOTH_DATABASES
def test_a_wrong_or_old_link_explains_where_the_right_one_is(
    client: Browser, services: WebServices, open_site: Callable[..., Browser]
) -> None:
    link = new_link(services)
    tomorrow = open_site(replace(services, clock=later(hours=24.1)))
    before = dump(services.database)
    for browser, token in ((client, ""), (client, "x"), (tomorrow, link)):
        page = browser.get("/setup", params={"token": token})
        assert 'name="password"' not in page.text
        assert "marsad setup-link" in page.text
        assert "terminal" in page.text
        answer = complete(browser, token)
        assert answer.status_code == 403
        assert "marsad setup-link" in answer.text
        assert "set-cookie" not in {
            name for name in answer.headers if "__Host-marsad=" in answer.headers[name]
        }
    assert dump(services.database) == before
    assert complete(client, link).status_code == 303


@BOTH_DATABASES
def test_of_several_links_each_works_until_one_was_used(client: Browser, services: WebServices) -> None:
    first, second = new_link(services), new_link(services)
    assert complete(client, first).status_code == 303
    assert len(dump(services.database)["one_time_link"]) == 1
    assert second not in client.get("/setup", params={"token": second}).text


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "  ", "Write a name"),
        ("name", "a" * 101, "Write a name"),
        ("name", "two\nlines", "Write a name"),
        ("email", "mona", "Write an e-mail address"),
        ("email", "Mona <mona@example.com>", "Write an e-mail address"),
        ("email", "mona@example.com, x@example.com", "Write an e-mail address"),
        ("password", "short", "at least 12"),
        ("password", "Password 1234", "among the first"),
        ("password", "MONA@example.com", "your name or address"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(
    client: Browser, services: WebServices, field: str, value: str, told: str
) -> None:
    token = new_link(services)
    before = dump(services.database)
    answer = complete(client, token, **{field: value})
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert told in answer.text
    assert answer.text.count('class="error"') == 1
    assert PASSWORD not in answer.text
    if field != "name":
        assert 'value="منى"' in answer.text
    assert dump(services.database) == before
    assert complete(client, token).status_code == 303


def test_switching_the_language_keeps_the_link(client: Browser, services: WebServices) -> None:
    address = f"/setup?token={new_link(services)}"
    for page in (client.get(address).text, client.send_form(address, page="/setup", name="").text):
        (wanted,) = re.findall(r'name="next" value="([^"]+)"', page)
        assert wanted == address
    answer = client.send_form("/language", page=address, language="ar", next=address)
    assert answer.headers["location"] == address
    assert 'dir="rtl"' in client.get(address).text


def test_before_set_up_every_page_leads_to_where_the_link_is_explained(client: Browser) -> None:
    answer = client.get("/matches", follow_redirects=True)
    assert answer.url.path == "/setup"
    assert "marsad setup-link" in answer.text


def test_the_demo_fills_everything_in(services: WebServices, open_site: Callable[..., Browser]) -> None:
    defaults = SetUpDefaults("تجربة", "demo@example.com", "four words shown here")
    browser = open_site(replace(services, set_up_defaults=defaults))
    page = browser.get("/setup", params={"token": new_link(services)}).text
    for value in (defaults.name, defaults.email, defaults.password):
        assert f'value="{value}"' in page


def test_the_link_is_stored_as_a_hash(services: WebServices) -> None:
    assert new_link(services) not in str(dump(services.database))
