"""FAULTS 46, 47, 48: signing in, its limits, what it gives away, and what ends it."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter

import httpx
import pytest

from marsad.addresses import parse_allowance
from storage import accounts, throttle
from storage.database import Database, now, open_database
from storage.throttle import Counter
from tests.web.browser import SESSION_COOKIE, Browser
from tests.web.conftest import BOTH_DATABASES, EMAIL, PASSWORD, later, sign_in
from tests.web.dump import dump
from web.csrf import FIELD, csrf_token
from web.services import WebServices

WRONG = "not the right one at all"


def log_in(browser: Browser, email: str = EMAIL, password: str = PASSWORD, **headers: str) -> int:
    """Send the sign-in form; returns the status. The form is fetched once for each browser."""
    secret = browser.cookies.get(f"{SESSION_COOKIE}-form")
    token = csrf_token(secret) if secret else browser.token_on("/login")
    fields = {FIELD: token, "email": email, "password": password}
    return browser.post("/login", data=fields, headers=headers).status_code


def fail_from(services: WebServices, address: str, times: int) -> None:
    """Store failures of an address, each with another account."""
    with services.database.write() as session:
        for _ in range(times):
            throttle.begin_attempt(session, [Counter(f"address:{address}", 30)], now=services.clock(session))


def is_open(browser: Browser, token: str | None) -> bool:
    """Whether a session token opens anything."""
    cookies = {"Cookie": f"{SESSION_COOKIE}={token}"}
    answer = httpx.get(browser.base_url.join("/api/v1/me"), headers=cookies, trust_env=False)
    return answer.status_code == 200


@BOTH_DATABASES
def test_the_right_password_signs_in(client: Browser, services: WebServices, user_id: int) -> None:
    answer = client.send_form("/login", email=f" {EMAIL.upper()} ", password=PASSWORD, next="/matches?term=3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/matches?term=3")
    assert client.get("/api/v1/me").json() == {
        "id": user_id,
        "name": "Mona",
        "email": EMAIL,
        "language": "en",
        "role": "admin",
    }
    assert client.get("/login").headers["location"] == "/"


def test_a_wrong_password_does_not(client: Browser, user_id: int) -> None:
    answer = client.send_form("/login", email=EMAIL, password=WRONG)
    assert answer.status_code == 403
    assert "do not fit together" in answer.text
    assert f'value="{EMAIL}"' in answer.text
    assert WRONG not in answer.text
    assert client.session_token is None


class TestThrottle:
    @BOTH_DATABASES
    def test_an_account_rests_after_five_failures_and_after_a_restart(
        self, client: Browser, services: WebServices, user_id: int, open_site: Callable[..., Browser]
    ) -> None:
        assert [log_in(client, password=WRONG) for _ in range(5)] == [403] * 5
        answer = client.send_form("/login", email=EMAIL, password=PASSWORD)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 30
        assert "seconds" in answer.text
        url = services.database.engine.url.render_as_string(hide_password=False)
        database = open_database(url.replace("postgresql+psycopg", "postgresql"))
        again = open_site(replace(services, database=database))
        assert log_in(again) == 429
        waited = open_site(replace(services, database=database, clock=later(seconds=31)))
        assert log_in(waited) == 303
        database.dispose()

    @BOTH_DATABASES
    def test_each_further_failure_rests_longer_up_to_a_quarter_of_an_hour(self, database: Database) -> None:
        counter = Counter("account:x", 5)
        at, waits = datetime(2026, 11, 22, tzinfo=UTC), []
        with database.write() as session:
            for _ in range(24):
                wait = throttle.begin_attempt(session, [counter], now=at)
                at += wait
                if wait:
                    waits.append(wait.total_seconds())
        assert waits == [30, 60, 120, 240, 480, *[900] * 5]
        with database.write() as session:
            at += timedelta(hours=24)
            assert not any(throttle.begin_attempt(session, [counter], now=at) for _ in range(5))
            assert throttle.begin_attempt(session, [counter], now=at) == timedelta(seconds=30)

    def test_success_begins_anew(self, client: Browser, user_id: int) -> None:
        for _ in range(2):
            assert [log_in(client, password=WRONG) for _ in range(4)] == [403] * 4
            assert log_in(client) == 303
            client.cookies.delete(SESSION_COOKIE)

    def test_an_address_rests_whatever_it_claims_to_be_and_whoever_it_tries(
        self, client: Browser, services: WebServices, user_id: int
    ) -> None:
        fail_from(services, "127.0.0.1", 26)
        statuses = [
            log_in(
                client,
                f"user{number}@example.com",
                WRONG,
                **{"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"},
            )
            for number in range(6)
        ]
        assert statuses == [403] * 4 + [429] * 2
        assert log_in(client, **{"X-Forwarded-For": "203.0.113.7"}) == 429

    def test_signing_in_to_ones_own_account_does_not_free_an_address_for_more_guesses(
        self, client: Browser, services: WebServices, user_id: int
    ) -> None:
        fail_from(services, "127.0.0.1", 28)
        for _ in range(3):
            assert log_in(client) == 303
            client.cookies.delete(SESSION_COOKIE)
        statuses = [log_in(client, f"user{number}@example.com", WRONG) for number in range(4)]
        assert statuses == [403, 403, 429, 429]

    def test_behind_a_trusted_proxy_each_client_counts_for_itself(
        self, services: WebServices, user_id: int, open_site: Callable[..., Browser]
    ) -> None:
        trusted = parse_allowance("127.0.0.1", setting="x")
        browser = open_site(services, trusted_proxies=trusted)
        fail_from(services, "203.0.113.7", 30)
        assert log_in(browser, **{"X-Forwarded-For": "203.0.113.7"}) == 429
        # What the client wrote itself stands left of what the proxy saw.
        assert log_in(browser, **{"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}) == 429
        assert log_in(browser, **{"X-Forwarded-For": "203.0.113.7, 198.51.100.1"}) == 303

    def test_a_proxy_that_hides_who_asks_is_told_to_the_log_once(
        self,
        services: WebServices,
        user_id: int,
        open_site: Callable[..., Browser],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def told() -> int:
            return sum("MARSAD_TRUSTED_PROXIES" in record.message for record in caplog.records)

        passed_on = {"X-Forwarded-For": "203.0.113.7"}
        trusting = open_site(services, trusted_proxies=parse_allowance("127.0.0.1", setting="x"))
        log_in(trusting, password=WRONG, **passed_on)
        browser = open_site(services)
        log_in(browser, password=WRONG)
        browser.get("/login", headers=passed_on)
        assert told() == 0
        for _ in range(2):
            log_in(browser, password=WRONG, **passed_on)
        assert told() == 1

    @BOTH_DATABASES
    def test_who_has_to_wait_stores_nothing_by_going_on(
        self, client: Browser, services: WebServices, user_id: int
    ) -> None:
        fail_from(services, "127.0.0.1", 30)
        before = dump(services.database)
        assert [log_in(client, f"user{number}@example.com", WRONG) for number in range(3)] == [429] * 3
        assert dump(services.database) == before

    def test_a_clock_that_was_set_back_makes_nobody_wait_for_hours(
        self, services: WebServices, user_id: int, open_site: Callable[..., Browser]
    ) -> None:
        ahead = open_site(replace(services, clock=later(hours=10)))
        assert [log_in(ahead, password=WRONG) for _ in range(6)] == [403] * 5 + [429]
        assert log_in(open_site(services)) == 303

    @BOTH_DATABASES
    def test_many_guesses_at_once_gain_nothing(
        self, client: Browser, services: WebServices, user_id: int
    ) -> None:
        fields = {FIELD: client.token_on("/login"), "email": EMAIL, "password": WRONG}

        def guess(_: int) -> int:
            return client.post("/login", data=fields).status_code

        with ThreadPoolExecutor(12) as pool:
            statuses = sorted(pool.map(guess, range(24)))
        assert statuses == [403] * 5 + [429] * 19


class TestEnumeration:
    def test_a_known_and_an_unknown_address_get_the_same_answer(self, client: Browser, user_id: int) -> None:
        with_known = client.send_form("/login", email=EMAIL, password=WRONG)
        with_unknown = client.send_form("/login", email="nobody@example.com", password=WRONG)
        assert with_known.status_code == with_unknown.status_code
        assert without_changes(with_known.text, EMAIL) == without_changes(
            with_unknown.text, "nobody@example.com"
        )
        for _ in range(4):
            log_in(client, password=WRONG)
            log_in(client, "nobody@example.com", WRONG)
        assert log_in(client) == log_in(client, "nobody@example.com", WRONG) == 429

    def test_it_takes_as_long_for_an_unknown_address(self, client: Browser, user_id: int) -> None:
        def fastest(email: Callable[[int], str]) -> float:
            taken = []
            for number in range(4):
                fields = {FIELD: client.token_on("/login"), "email": email(number), "password": WRONG}
                began = perf_counter()
                assert client.post("/login", data=fields).status_code == 403
                taken.append(perf_counter() - began)
            return min(taken)

        fastest(lambda number: f"warm{number}@example.com")
        known = fastest(lambda number: EMAIL)
        unknown = fastest(lambda number: f"nobody{number}@example.com")
        assert 0.4 < known / unknown < 2.5

    def test_a_disabled_account_is_like_an_unknown_one(
        self, client: Browser, services: WebServices, user_id: int
    ) -> None:
        with services.database.write() as session:
            accounts.disable_user(session, user_id, now=services.clock(session))
        answer = client.send_form("/login", email=EMAIL, password=PASSWORD)
        assert answer.status_code == 403
        assert "do not fit together" in answer.text


def without_changes(page: str, email: str) -> str:
    page = re.sub(r'(nonce|value)="[A-Za-z0-9_-]{20,}"', "", page)
    return page.replace(email, "")


class TestSessions:
    @BOTH_DATABASES
    def test_signing_in_gives_a_new_session_and_ends_the_one_before(
        self, client: Browser, services: WebServices, user_id: int
    ) -> None:
        # One that somebody else may have planted, and knows.
        sign_in(client, services, user_id)
        planted = client.session_token
        assert planted is not None
        assert is_open(client, planted)
        fields = {FIELD: csrf_token(planted), "email": EMAIL, "password": PASSWORD}
        assert client.post("/login", data=fields).status_code == 303
        assert client.session_token not in (None, planted)
        assert is_open(client, client.session_token)
        assert not is_open(client, planted)
        client.cookies.clear()
        client.cookies.set(SESSION_COOKIE, "made-up", domain="127.0.0.1")
        assert log_in(client) == 303
        assert not is_open(client, "made-up")

    @BOTH_DATABASES
    def test_signing_out_ends_the_session_itself_and_not_only_its_cookie(
        self, signed_in: Browser, services: WebServices
    ) -> None:
        token = signed_in.session_token
        answer = signed_in.send_form("/logout", page="/no-such-page-but-a-form")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert signed_in.session_token is None
        assert not is_open(signed_in, token)

    @BOTH_DATABASES
    def test_disabling_a_user_and_a_new_password_end_every_session(
        self, signed_in: Browser, services: WebServices, user_id: int, open_site: Callable[..., Browser]
    ) -> None:
        second = open_site(services)
        sign_in(second, services, user_id)
        with services.database.write() as session:
            accounts.set_password(session, user_id, "another hash")
        assert [b.get("/api/v1/me").status_code for b in (signed_in, second)] == [401, 401]
        sign_in(second, services, user_id)
        assert second.get("/api/v1/me").status_code == 200
        with services.database.write() as session:
            accounts.disable_user(session, user_id, now=services.clock(session))
        assert second.get("/api/v1/me").status_code == 401

    @BOTH_DATABASES
    def test_a_session_ends_after_fourteen_idle_days_or_ninety_in_all(
        self, services: WebServices, user_id: int, open_site: Callable[..., Browser]
    ) -> None:
        moved = timedelta()
        browser = open_site(replace(services, clock=lambda session: now(session) + moved))
        sign_in(browser, services, user_id)
        token = browser.session_token

        def is_open_after(days: float) -> bool:
            nonlocal moved
            moved = timedelta(days=days)
            return is_open(browser, token)

        assert not is_open_after(14.1)
        assert is_open_after(13)  # and is written down as used then
        assert is_open_after(26)
        assert not is_open_after(41)
        for day in (39, 52, 65, 78, 89):
            assert is_open_after(day)
        assert not is_open_after(90.1)

    def test_only_the_hash_of_a_token_is_stored(self, signed_in: Browser, services: WebServices) -> None:
        assert signed_in.session_token is not None
        stored = str(dump(services.database))
        assert "web_session" in stored
        assert signed_in.session_token not in stored
        assert PASSWORD not in stored
