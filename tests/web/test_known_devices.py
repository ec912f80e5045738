"""FAULTS 46: a stranger who knows the e-mail address holds up nobody in a browser that signed in before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import accounts
from storage.accounts import Account
from tests.web.browser import DEVICE_COOKIE, SESSION_COOKIE, Browser
from tests.web.conftest import BOTH_DATABASES, EMAIL, PASSWORD
from tests.web.dump import dump
from tests.web.test_signing_in import WRONG, fail_from, log_in
from web.devices import is_known_device, new_device
from web.passwords import hash_password
from web.services import WebServices

ACCOUNT = Account(1, "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNo")


@pytest.fixture
def known(services: WebServices, user_id: int, open_site: Callable[..., Browser]) -> Browser:
    """A browser in which the owner signed in, and out again."""
    browser = open_site(services)
    assert log_in(browser) == 303
    browser.cookies.delete(SESSION_COOKIE)
    return browser


@BOTH_DATABASES
def test_a_stranger_who_fails_on_and_on_does_not_lock_the_owner_out(client: Browser, known: Browser) -> None:
    assert [log_in(client, password=WRONG) for _ in range(6)] == [403] * 5 + [429]
    assert log_in(client) == 429
    assert log_in(known) == 303
    # The owner's success frees no guesses.
    assert log_in(client) == 429


@BOTH_DATABASES
def test_nor_does_one_at_the_same_address(known: Browser, client: Browser, services: WebServices) -> None:
    fail_from(services, "127.0.0.1", 30)
    assert log_in(client) == 429
    assert log_in(known) == 303
    assert log_in(client) == 429


def test_failures_in_a_known_browser_count_for_its_address(
    client: Browser, known: Browser, services: WebServices
) -> None:
    fail_from(services, "127.0.0.1", 28)
    assert [log_in(known, password=WRONG) for _ in range(2)] == [403] * 2
    assert log_in(client, "nobody@example.com", WRONG) == 429


def test_a_known_browser_has_five_attempts_of_its_own(client: Browser, known: Browser) -> None:
    assert [log_in(known, password=WRONG) for _ in range(6)] == [403] * 5 + [429]
    assert log_in(known) == 429
    assert log_in(client) == 303


def test_signing_out_leaves_the_browser_known(client: Browser, known: Browser) -> None:
    assert log_in(known) == 303
    known.send_form("/logout", page="/no-such-page-but-a-form")
    for _ in range(5):
        log_in(client, password=WRONG)
    assert log_in(known) == 303


def test_a_known_browser_is_known_to_its_own_account_only(known: Browser) -> None:
    assert [log_in(known, "nobody@example.com", WRONG) for _ in range(6)] == [403] * 5 + [429]


def test_a_new_password_voids_every_known_browser(
    client: Browser, known: Browser, services: WebServices, user_id: int
) -> None:
    with services.database.write() as session:
        accounts.set_password(session, user_id, hash_password(f"{PASSWORD} جديد"))
    for _ in range(5):
        log_in(client, password=WRONG)
    assert log_in(known, password=f"{PASSWORD} جديد") == 429


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_a_made_up_cookie_is_like_none(
    client: Browser, known: Browser, services: WebServices, email: str
) -> None:
    nonce, _, seal = (known.cookies.get(DEVICE_COOKIE) or "").partition(".")
    statuses = []
    for made_up in (f"{nonce}x.{seal}", f"{nonce}.{seal[:-1]}", new_device(Account(0, "")), ".", "x", ""):
        client.cookies.set(DEVICE_COOKIE, made_up, domain="127.0.0.1")
        statuses.append(log_in(client, email, WRONG))
    assert statuses == [403] * 5 + [429]
    assert "device:" not in str(dump(services.database)["login_failure"])


def test_a_cookie_is_bound_to_the_account_and_its_password() -> None:
    device = new_device(ACCOUNT)
    assert is_known_device(device, ACCOUNT)
    assert new_device(ACCOUNT) != device
    assert not is_known_device(device, Account(2, ACCOUNT.password_hash))
    assert not is_known_device(device, Account(1, ACCOUNT.password_hash[:-1] + "p"))
    assert not is_known_device(None, ACCOUNT)
    assert not is_known_device(device, None)
    assert not is_known_device(new_device(Account(0, "")), None)


@given(st.text())
def test_wild_cookies_are_never_known(cookie: str) -> None:
    assert not is_known_device(cookie, ACCOUNT)
    assert not is_known_device(cookie, None)
