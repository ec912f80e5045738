"""Channels: adding, confirming, testing, subscribing; and what became of alerts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select

from marsad.config import SmtpServer
from marsad.errors import TransportError
from marsad.types import ChannelKind, ChannelTarget, Receipt
from storage import channels, watchlists
from storage.models import AuditEvent, User
from tests.web.browser import Browser
from tests.web.conftest import set_up, sign_in
from tests.web.newsdesk import NewsDesk, fill
from web.services import WebServices


def add(browser: Browser, kind: str, address: str, **more: str) -> str:
    answer = browser.send_form("/alerts/channels", page="/alerts", kind=kind, address=address, **more)
    return answer.text if answer.status_code != 303 else browser.get(answer.headers["location"]).text


def test_a_webhooks_secret_is_shown_once(signed_in: Browser, services: WebServices, user_id: int) -> None:
    NewsDesk.at(services.database, user_id).watch("Nvidia")
    page = add(signed_in, "webhook", "https://hook.example/in", watchlist="main")
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    assert secret is not None
    assert secret[0] not in signed_in.get("/alerts").text
    with services.database.read() as session:
        target, state = channels.find_channel(session, user_id, "hook.example")
        assert (target.secret, state) == (secret[0], "ready")
        assert [s.watchlist for s in watchlists.list_subscriptions(session, user_id)] == ["main"]


def test_a_mail_address_waits_until_it_is_confirmed_even_ones_own(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    page = add(signed_in, "email", "mona@example.com")
    assert "Unconfirmed: it receives nothing yet" in page
    assert "marsad does not send confirmation mails yet." in page
    said = signed_in.send_form("/alerts/channels/1/test", page="/alerts").text
    assert "The address is not confirmed" in said
    assert signed_in.send_form("/alerts/channels/1/confirm", page="/alerts").status_code == 303
    with services.database.read() as session:
        assert channels.find_channel(session, user_id, "mona@example.com")[1] == "ready"
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "mona@example.com"))
        assert list(actions) == ["channel.added", "channel.confirmed-by-operator"]


def test_only_an_administrator_vouches_for_an_address(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    add(signed_in, "email", "mona@example.com")
    with services.database.write() as session:
        session.get_one(User, user_id).role = "member"
    assert "An administrator can confirm it." in signed_in.get("/alerts").text
    assert signed_in.send_form("/alerts/channels/1/confirm", page="/alerts").status_code == 403


def test_what_is_missing_for_mail_is_said(services: WebServices, open_site: Callable[..., Browser]) -> None:
    user_id = set_up(services)
    without = open_site(services)
    sign_in(without, services, user_id)
    assert "MARSAD_SMTP_URL" in without.get("/alerts").text
    with_server = open_site(services, smtp=SmtpServer("127.0.0.1", 25, "opportunistic"))
    sign_in(with_server, services, user_id)
    assert "MARSAD_SMTP_URL" not in with_server.get("/alerts").text


def test_a_wrong_address_keeps_what_was_typed(signed_in: Browser) -> None:
    for kind, address, status in (
        ("webhook", "http://127.0.0.1/x", 422),
        ("webhook", "javascript:alert(1)", 422),
        ("email", "no mail", 422),
        ("email", "a@b.example\r\nBcc: c@d.example", 422),
    ):
        answer = signed_in.send_form("/alerts/channels", page="/alerts", kind=kind, address=address)
        assert answer.status_code == status
        assert 'aria-invalid="true"' in answer.text
    add(signed_in, "webhook", "https://hook.example/", name="hook")
    again = signed_in.send_form(
        "/alerts/channels", page="/alerts", kind="webhook", address="https://hook.example/", name="hook"
    )
    assert again.status_code == 409
    assert 'value="https://hook.example/"' in again.text


def test_a_test_tells_what_the_receiver_said(
    services: WebServices, open_site: Callable[..., Browser]
) -> None:
    async def refuse(target: ChannelTarget) -> Receipt:
        raise TransportError("HTTP 500: <b>broken</b>")

    user_id = set_up(services)
    for send, said in (
        (services.send_test, "accepted for hook"),
        (refuse, "HTTP 500: &lt;b&gt;broken&lt;/b&gt;"),
    ):
        browser = open_site(replace(services, send_test=send))
        sign_in(browser, services, user_id)
        if send is services.send_test:
            add(browser, "webhook", "https://hook.example/", name="hook")
        assert said in browser.send_form("/alerts/channels/1/test", page="/alerts").text


def test_a_watchlist_with_several_spaces_in_its_name_can_be_chosen(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    # Without a value of its own, browsers send an option's text with its spaces run together.
    name = "chips  & boards"
    with services.database.write() as session:
        now = services.clock(session)
        for each in ("main", name):
            watchlists.ensure_watchlist(session, user_id, each, now=now)
    add(signed_in, "webhook", "https://hook.example/", name="hook")
    option = '<option value="chips  &amp; boards">'
    assert signed_in.get("/watchlist").text.count(option) == 2
    page = signed_in.get("/alerts").text
    assert page.count(option) == page.count('name="watchlist">') > 1
    signed_in.send_form("/alerts/channels/1/subscribe", page="/alerts", watchlist=name)
    with services.database.read() as session:
        assert [s.watchlist for s in watchlists.list_subscriptions(session, user_id)] == [name]


def test_a_watchlist_is_subscribed_with_what_exists_and_unsubscribed(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    fill(services.database, user_id)
    with services.database.read() as session:
        mail = next(c for c in channels.list_channels(session, user_id) if c.kind is ChannelKind.EMAIL)
    path = f"/alerts/channels/{mail.id}"
    for _ in range(2):
        signed_in.send_form(f"{path}/subscribe", page="/alerts", watchlist="main", existing="1")
    page = signed_in.get("/alerts").text
    assert page.count("waits for the address to be confirmed") == 5
    for _ in range(2):
        answer = signed_in.send_form(f"{path}/unsubscribe", page="/alerts", watchlist="main")
        assert answer.headers["location"] == "/alerts?done=unsubscribed"
    assert signed_in.send_form(f"{path}/subscribe", page="/alerts", watchlist="no").status_code == 404


def test_recent_alerts_say_how_far_they_came(signed_in: Browser, services: WebServices, user_id: int) -> None:
    fill(services.database, user_id)
    page = signed_in.get("/alerts").text
    assert page.count(">sent<") == 2
    assert "refused; waits for you" in page
    assert "HTTP 400: unknown field" in page
    signed_in.send_form("/alerts/retry", page="/alerts")
    assert "refused; waits for you" not in signed_in.get("/alerts").text
