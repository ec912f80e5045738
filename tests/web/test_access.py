"""FAULTS 41: without signing in, only a named list is reached. FAULTS 38: nobody is led elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse

from tests.web.browser import Browser
from tests.web.conftest import EMAIL, PASSWORD
from tests.web.routes import all_routes
from web.app import create_app
from web.local_path import local_path
from web.services import WebServices

ANONYMOUS_REACHES = {
    ("GET", "/healthz"),
    ("HEAD", "/healthz"),
    ("GET", "/readyz"),
    ("HEAD", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/setup"),
    ("POST", "/setup"),
    ("POST", "/language"),
    ("GET", "/static/"),
    ("GET", "/api/v1/openapi.json"),
    ("HEAD", "/api/v1/openapi.json"),
}
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/%5Cevil.example/",
    "/%2Fevil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "/%09/evil.example/",
    "http:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "/\u2028/evil.example/",
    "/" + "a" * 3000,
    "/logout",
    "/language?x=1",
    "",
)


def is_turned_away(answer: httpx.Response) -> bool:
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/login")
    refused = answer.status_code == 401 and answer.headers["content-type"] == "application/problem+json"
    return to_sign_in or refused


def test_anonymous_reaches_only_the_named_list(app: FastAPI, client: Browser) -> None:
    routes = all_routes(app)
    reached = {
        (route.method, route.template)
        for route in routes
        if not is_turned_away(client.request(route.method, route.path))
    }
    assert reached == ANONYMOUS_REACHES
    assert len(routes) > len(reached) + 5


def test_a_route_added_anywhere_is_closed_as_well(
    services: WebServices, open_site: Callable[..., Browser]
) -> None:
    more = APIRouter()
    more.get("/more")(lambda: "secret")
    app = create_app(services, more_routers=[more])
    app.get("/later")(lambda: "secret")
    app.post("/api/v1/later")(lambda: "secret")
    app.mount("/mounted", PlainTextResponse("secret"))
    browser = open_site(app)
    for method, path in (
        ("GET", "/more"),
        ("GET", "/later"),
        ("POST", "/api/v1/later"),
        ("GET", "/mounted/x"),
        ("GET", "/no-such-thing"),
        ("GET", "//healthz/../later"),
        ("GET", "/static/../later"),
        ("GET", "/login/"),
        ("GET", "/LOGIN"),
        ("DELETE", "/login"),
        ("GET", "/language"),
    ):
        answer = browser.request(method, path)
        assert is_turned_away(answer), (method, path, answer.status_code)
        assert "secret" not in answer.text


def test_who_signs_in_comes_to_the_page_that_was_wanted(client: Browser, user_id: int) -> None:
    sent = client.get("/matches?term=3&source=2")
    assert sent.headers["location"] == "/login?next=/matches%3Fterm%3D3%26source%3D2"
    page = client.get(sent.headers["location"]).text
    assert 'name="next" value="/matches?term=3&amp;source=2"' in page


def test_the_api_says_401_in_problem_details(client: Browser) -> None:
    answer = client.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 401


def test_a_made_up_or_broken_cookie_is_anonymous(client: Browser) -> None:
    for value in ("", "x", "a" * 5000, "'; DROP TABLE web_session; --", "%00"):
        answer = client.get("/api/v1/me", headers={"Cookie": f"__Host-marsad={value}"})
        assert answer.status_code == 401


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_led_elsewhere_after_signing_in(wanted: str) -> None:
    assert local_path(wanted) == "/"


@pytest.mark.parametrize(
    "wanted",
    ["/matches", "/matches?term=1&x=%20", "/مصادر", "/sources/catalogue?welcome=1", "/setup?token=x"],
)
def test_our_own_pages_are_led_to(wanted: str) -> None:
    assert local_path(wanted) == wanted


@given(st.text(max_size=40), st.text(alphabet="/\\:.@%25cF#?\t\n evil", max_size=20))
def test_what_is_led_to_is_a_path_of_this_site_as_every_parser_reads_it(start: str, end: str) -> None:
    for wanted in (start + end, f"/{start}{end}", f"/{end}"):
        joined = httpx.URL("https://marsad.example/").join(local_path(wanted))
        assert (joined.scheme, joined.host) == ("https", "marsad.example")


def test_open_redirects_go_home_through_the_real_forms(client: Browser, user_id: int) -> None:
    for wanted in ("//evil.example/", "https://evil.example/"):
        switched = client.send_form("/language", page="/login", language="ar", next=wanted)
        assert switched.headers["location"] == "/"
    signed = client.send_form("/login", email=EMAIL, password=PASSWORD, next="//evil.example/")
    assert signed.headers["location"] == "/"
    again = client.get("/login", params={"next": "//evil.example/"})
    assert again.headers["location"] == "/"
