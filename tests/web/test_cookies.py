"""FAULTS 49: the cookie travels only where it is safe; where it cannot, that is said, never a silent failure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from marsad.addresses import parse_allowance
from tests.web.browser import DEVICE_COOKIE, SESSION_COOKIE, Browser
from tests.web.conftest import EMAIL, PASSWORD, set_up, sign_in
from web.csrf import FIELD
from web.services import WebServices

LAN = "http://news.lan"
THIS_MACHINE = parse_allowance("127.0.0.1", setting="x")


@pytest.fixture
def on_lan(services: WebServices, user_id: int, open_site: Callable[..., Browser]) -> Browser:
    """A browser that opened marsad over plain HTTP from another machine."""
    browser = open_site(services, public_url=LAN)
    browser.headers["Host"] = "news.lan"
    return browser


def test_on_this_machine_the_cookie_is_host_bound_secure_and_out_of_reach_for_scripts(
    client: Browser, user_id: int
) -> None:
    answer = client.send_form("/login", email=EMAIL, password=PASSWORD)
    (cookie,) = [c for c in answer.headers.get_list("set-cookie") if c.startswith(f"{SESSION_COOKIE}=")]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)


def test_the_cookie_of_a_known_browser_is_as_safe_and_lasts_a_year(client: Browser, user_id: int) -> None:
    answer = client.send_form("/login", email=EMAIL, password=PASSWORD)
    (cookie,) = [c for c in answer.headers.get_list("set-cookie") if c.startswith(f"{DEVICE_COOKIE}=")]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/", "max-age=31536000"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)


@pytest.mark.parametrize("page", ["/login", "/setup"])
def test_over_plain_http_from_elsewhere_the_page_says_why_and_what_to_do(
    services: WebServices, open_site: Callable[..., Browser], page: str
) -> None:
    if page == "/login":
        set_up(services)
    browser = open_site(services, public_url=LAN)
    answer = browser.get(page, headers={"Host": "news.lan"})
    assert answer.status_code == 200
    for told in ("not encrypted", "docs/reverse-proxy.md", "MARSAD_INSECURE_HTTP=1"):
        assert told in answer.text
    assert 'name="password"' not in answer.text
    assert "set-cookie" not in answer.headers


def test_a_form_sent_there_all_the_same_is_told_the_same(on_lan: Browser) -> None:
    answer = on_lan.post("/login", data={"email": EMAIL, "password": PASSWORD, FIELD: "x"})
    assert answer.status_code == 403
    assert "docs/reverse-proxy.md" in answer.text
    assert "set-cookie" not in answer.headers


def test_a_session_is_worth_nothing_there(on_lan: Browser, services: WebServices, user_id: int) -> None:
    sign_in(on_lan, services, user_id)
    assert on_lan.get("/api/v1/me").status_code == 401


def test_insecure_http_takes_another_name_and_shows_a_banner_on_every_page(
    services: WebServices, user_id: int, open_site: Callable[..., Browser]
) -> None:
    browser = open_site(services, public_url=LAN, insecure_http=True)
    browser.headers["Host"] = "news.lan"
    answer = browser.send_form("/login", email=EMAIL, password=PASSWORD)
    assert answer.status_code == 303
    assert "marsad-insecure" in browser.cookies
    assert SESSION_COOKIE not in browser.cookies
    assert "marsad-insecure-device" in browser.cookies
    assert DEVICE_COOKIE not in browser.cookies
    for cookie in answer.headers.get_list("set-cookie"):
        assert "secure" not in {part.strip().lower() for part in cookie.split(";")[1:]}
    for path in ("/no-such-page", "/status"):
        assert 'class="insecure"' in browser.get(path).text
    assert browser.get("/api/v1/me").status_code == 200


def test_insecure_http_helps_browsers_that_keep_no_secure_cookie_on_this_machine(
    services: WebServices, user_id: int, open_site: Callable[..., Browser]
) -> None:
    browser = open_site(services, insecure_http=True)
    assert browser.send_form("/login", email=EMAIL, password=PASSWORD).status_code == 303
    assert "marsad-insecure" in browser.cookies
    assert 'class="insecure"' not in browser.get("/no-such-page").text


def test_insecure_http_changes_nothing_where_the_connection_is_encrypted(
    services: WebServices, user_id: int, open_site: Callable[..., Browser]
) -> None:
    browser = open_site(services, insecure_http=True, trusted_proxies=THIS_MACHINE)
    browser.headers["X-Forwarded-Proto"] = "https"
    browser.send_form("/login", email=EMAIL, password=PASSWORD)
    assert SESSION_COOKIE in browser.cookies
    assert 'class="insecure"' not in browser.get("/no-such-page").text


def test_a_browser_that_keeps_no_cookie_is_told_so(client: Browser, user_id: int) -> None:
    fields = {FIELD: client.token_on("/login"), "email": EMAIL, "password": PASSWORD}
    client.cookies.clear()
    answer = client.post("/login", data=fields)
    assert answer.status_code == 403
    assert "Allow cookies" in answer.text


def test_https_is_taken_from_a_trusted_proxy_only(
    services: WebServices, user_id: int, open_site: Callable[..., Browser]
) -> None:
    said = {"Host": "news.lan", "X-Forwarded-Proto": "https"}
    believed = open_site(services, public_url=LAN, trusted_proxies=THIS_MACHINE)
    assert 'name="password"' in believed.get("/login", headers=said).text
    claimed = open_site(services, public_url=LAN)
    assert 'name="password"' not in claimed.get("/login", headers=said).text


def test_a_page_opened_without_the_encryption_that_the_public_address_has_is_told_so(
    services: WebServices, user_id: int, open_site: Callable[..., Browser]
) -> None:
    browser = open_site(services, public_url="https://news.example")
    browser.headers["Host"] = "news.example"
    fields = {FIELD: browser.token_on("/login"), "email": EMAIL, "password": PASSWORD}
    over_http = browser.post("/login", data=fields, headers={"Origin": "http://news.example"})
    assert over_http.status_code == 403
    assert "docs/reverse-proxy.md" in over_http.text
    over_https = browser.post("/login", data=fields, headers={"Origin": "https://news.example"})
    assert over_https.status_code == 303
