"""FAULTS 50: every route that may change something refuses four forgeries."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

from tests.web.browser import SESSION_COOKIE, Browser
from tests.web.conftest import BOTH_DATABASES, EMAIL, PASSWORD, sign_in
from tests.web.dump import dump
from tests.web.routes import unsafe_routes
from web.access import is_public
from web.app import create_app
from web.csrf import FIELD, HEADER, LARGEST_BODY, csrf_token
from web.services import WebServices


def own_token(browser: Browser) -> str:
    assert browser.session_token is not None
    return csrf_token(browser.session_token)


def test_four_forgeries_of_every_form_are_refused_and_change_nothing(
    app: FastAPI, services: WebServices, signed_in: Browser, user_id: int, open_site: Callable[..., Browser]
) -> None:
    other = open_site(app)
    sign_in(other, services, user_id)
    anonymous, another = open_site(app), open_site(app)
    routes = unsafe_routes(app)
    before = dump(services.database)
    for route in routes:
        public = is_public(route.method, route.path)
        token = anonymous.token_on("/login") if public else own_token(signed_in)
        foreign = another.token_on("/login") if public else own_token(other)
        forgeries: tuple[tuple[dict[str, str], dict[str, str]], ...] = (
            ({}, {}),
            ({FIELD: "0" * 64}, {}),
            ({FIELD: foreign}, {}),
            ({FIELD: token}, {"Origin": "https://evil.example"}),
        )
        for fields, headers in forgeries:
            browser = anonymous if public else signed_in
            answer = browser.request(route.method, route.path, data=fields, headers=headers)
            assert answer.status_code == 403, (route, fields, headers)
    assert {("POST", "/login"), ("POST", "/logout"), ("POST", "/setup"), ("POST", "/language")} <= {
        (route.method, route.path) for route in routes
    }
    assert dump(services.database) == before


def test_a_right_token_from_another_site_is_refused(signed_in: Browser) -> None:
    fields = {FIELD: own_token(signed_in)}
    for header, value in (
        ("Origin", "null"),
        ("Origin", "http://127.0.0.1:1"),
        ("Origin", "https://127.0.0.1"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ):
        assert signed_in.post("/logout", data=fields, headers={header: value}).status_code == 403, value
    assert signed_in.get("/api/v1/me").status_code == 200


def test_our_own_form_passes_with_what_browsers_say(client: Browser, user_id: int) -> None:
    origin = str(client.base_url).rstrip("/")
    answer = client.post(
        "/login",
        data={FIELD: client.token_on("/login"), "email": EMAIL, "password": PASSWORD},
        headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 303


class Note(BaseModel):
    text: str


@pytest.fixture
def app(services: WebServices) -> FastAPI:
    """The app with a route that takes JSON, as later parts of the API will."""
    more = APIRouter()

    @more.post("/api/v1/echo")
    def echo(note: Note) -> Note:
        return note

    return create_app(services, more_routers=[more])


def test_a_call_carries_the_token_in_a_header_and_its_body_arrives_whole(signed_in: Browser) -> None:
    text = "مرصد " * 50_000
    refused = signed_in.post("/api/v1/echo", json={"text": text})
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    answer = signed_in.post("/api/v1/echo", json={"text": text}, headers={HEADER: own_token(signed_in)})
    assert answer.json() == {"text": text}


def test_a_form_of_several_parts_carries_the_token_too(client: Browser, user_id: int) -> None:
    fields = {FIELD: client.token_on("/login"), "email": EMAIL, "password": PASSWORD}
    parts = {name: (None, value) for name, value in fields.items()}
    assert client.post("/login", files=parts).status_code == 303


def test_a_body_larger_than_the_limit_is_not_read(signed_in: Browser) -> None:
    answer = signed_in.post(
        "/logout", content=b"x" * (LARGEST_BODY + 1), headers={HEADER: own_token(signed_in)}
    )
    assert answer.status_code == 413
    assert "2 MiB" in answer.text


def test_a_body_that_is_no_form_is_refused_and_breaks_nothing(signed_in: Browser) -> None:
    for kind, body in (
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
        ("multipart/form-data; boundary=b; charset=utf-7", b"--b\r\n"),
        ("application/x-www-form-urlencoded; charset=none", b"%ff%fe=%00&_csrf=%ff"),
        ("application/x-www-form-urlencoded", b"a&" * 5000),
        ("application/json", b"{"),
        ("", b"_csrf=x"),
    ):
        answer = signed_in.post("/logout", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 403, (kind, body)
    assert signed_in.get("/api/v1/me").status_code == 200


@BOTH_DATABASES
def test_texts_that_no_database_stores_are_refused(client: Browser, user_id: int) -> None:
    token = client.token_on("/login")
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n--b'
    parts = "--b\r\n" + "\r\n".join((part.format(FIELD, token), part.format("email", "\\ud800")))
    kind = "multipart/form-data; boundary=b; charset=unicode_escape"
    assert client.post("/login", content=f"{parts}--", headers={"Content-Type": kind}).status_code == 422
    assert client.post("/login", data={FIELD: token, "email": "a\0b", "password": "x"}).status_code == 422
    for charset in ("undefined", "idna", "punycode"):
        kind = f"multipart/form-data; boundary=b; charset={charset}"
        answer = client.post("/login", content=f"{parts}--", headers={"Content-Type": kind})
        assert answer.status_code in (400, 403), charset


def test_a_token_is_worth_nothing_without_its_cookie(
    app: FastAPI, signed_in: Browser, open_site: Callable[..., Browser]
) -> None:
    stranger = open_site(app)
    answer = stranger.post("/language", data={FIELD: own_token(signed_in), "language": "ar"})
    assert answer.status_code == 403
    assert SESSION_COOKIE not in stranger.cookies
