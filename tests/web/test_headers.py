"""FAULTS 29, 27: the same policy on every answer, errors and files included; nothing reflected is markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from storage.database import open_database
from tests.web.browser import Browser
from tests.web.routes import all_routes
from web.app import create_app
from web.services import WebServices

_NONCE = re.compile(r"script-src 'nonce-([A-Za-z0-9_-]{20,})'")


def check_headers(answer: httpx.Response) -> str:
    headers = answer.headers
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "cache-control" in headers
    assert "server" not in headers
    found = _NONCE.search(policy)
    assert found is not None
    return found[1]


def test_every_route_has_them_signed_in_or_not(
    app: FastAPI, signed_in: Browser, open_site: Callable[..., Browser]
) -> None:
    anonymous = open_site(app)
    nonces = [
        check_headers(browser.request(route.method, route.path))
        for route in all_routes(app)
        for browser in (signed_in, anonymous)
    ]
    assert len(set(nonces)) == len(nonces), "a nonce was used twice"


def test_scripts_on_a_page_carry_the_nonce_of_its_policy(client: Browser) -> None:
    answer = client.get("/setup")
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert scripts
    assert all(f'nonce="{check_headers(answer)}"' in script for script in scripts)
    assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:", answer.text)


def test_private_pages_are_never_kept_and_versioned_files_always(signed_in: Browser) -> None:
    assert signed_in.get("/api/v1/me").headers["cache-control"] == "no-store"
    assert signed_in.get("/no-such-page").headers["cache-control"] == "no-store"
    page = signed_in.get("/no-such-page").text
    (style,) = re.findall(r'href="(/static/app\.css\?v=[0-9a-f]+)"', page)
    assert signed_in.get(style).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert signed_in.get("/static/app.css").headers["cache-control"] == "no-cache"


def test_errors_of_every_kind_have_them(
    services: WebServices, user_id: int, open_site: Callable[..., Browser], caplog: pytest.LogCaptureFixture
) -> None:
    broken = APIRouter()

    @broken.get("/login")
    def fail() -> None:
        raise RuntimeError("canary-of-the-inside")

    app = create_app(services)
    app.router.routes.insert(0, broken.routes[0])
    answer = open_site(app).get("/login")
    check_headers(answer)
    assert answer.status_code == 500
    assert "canary" not in answer.text
    assert "It was written to the log" in answer.text
    assert "canary-of-the-inside" in caplog.text


def test_a_database_that_is_away_is_said_without_its_address(
    services: WebServices, open_site: Callable[..., Browser], caplog: pytest.LogCaptureFixture
) -> None:
    gone = open_database("postgresql://marsad:canary-password@127.0.0.1:1/marsad")
    browser = open_site(replace(services, database=gone))
    for path in ("/login", "/api/v1/me", "/matches"):
        answer = browser.get(path, headers={"Cookie": "__Host-marsad=x"})
        check_headers(answer)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "The database cannot be reached just now; nothing is lost." in answer.text
        for inside in ("canary", "127.0.0.1:1", "postgresql", "refused"):
            assert inside not in answer.text
    arabic = browser.get("/login", headers={"Accept-Language": "ar"}).text
    assert "يتعذّر الوصول إلى قاعدة البيانات الآن" in arabic
    causes = [
        record.__dict__["cause"] for record in caplog.records if record.message == "database unavailable"
    ]
    assert causes
    assert all("127.0.0.1:1/marsad cannot be used" in cause for cause in causes)
    assert "canary" not in str(causes)
    assert browser.get("/healthz").status_code == 200
    ready = browser.get("/readyz")
    assert ready.status_code == 503
    assert "cannot be used" in ready.json()["reasons"][0]
    assert "canary" not in ready.text
    assert "marsad_database_up 0.0" in browser.get("/metrics").text
    gone.dispose()


def test_what_is_reflected_is_text(client: Browser, user_id: int) -> None:
    attack = '"><script>alert(1)</script>'
    pages = [
        client.get("/login", params={"next": f"/{attack}"}),
        client.send_form("/login", email=attack, password=attack, next=f"/{attack}"),
        client.get("/setup", params={"token": attack}),
        client.get(f"/{attack}", headers={"Host": "evil<script>.example"}),
    ]
    for page in pages:
        check_headers(page)
        assert "<script>alert" not in page.text


class TestHost:
    """A page elsewhere whose name is made to lead here (DNS rebinding) reads nothing."""

    def test_an_unknown_name_is_refused_with_the_way_out(self, client: Browser) -> None:
        for host in (
            "evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "x@::1",
        ):
            for path in ("/login", "/api/v1/me", "/metrics", "/static/app.css"):
                answer = client.get(path, headers={"Host": host})
                check_headers(answer)
                assert answer.status_code == 400
                assert "MARSAD_PUBLIC_URL" in answer.text

    def test_this_machine_and_bare_addresses_are_known(self, client: Browser) -> None:
        here = ("localhost", "LOCALHOST:1", "marsad.localhost", "127.0.0.1:99", "[::1]:80")
        for host in (*here, "192.168.1.9", "[fd00::1]"):
            assert client.get("/setup", headers={"Host": host}).status_code == 200, host

    def test_with_a_public_address_that_and_this_machine_are_known(
        self, services: WebServices, open_site: Callable[..., Browser]
    ) -> None:
        browser = open_site(services, public_url="https://رصد.example")
        for host, status in (
            ("xn--mgb7ce4d.example", 400),
            ("xn--4gbwfv.example", 400),
            ("192.168.1.9", 400),
            ("evil.example", 400),
            ("localhost", 200),
            ("رصد.example".encode("idna").decode(), 200),
        ):
            assert browser.get("/setup", headers={"Host": host}).status_code == status, host

    def test_whether_the_process_is_alive_is_told_under_any_name(self, client: Browser) -> None:
        assert client.get("/healthz", headers={"Host": "web:8080"}).json() == {"status": "alive"}
