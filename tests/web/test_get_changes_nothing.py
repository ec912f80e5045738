"""FAULTS 30: no GET changes anything."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI

from marsad.types import Term
from storage import accounts, watchlists
from tests.storage.stored import Desk, article
from tests.web.browser import Browser
from tests.web.conftest import BOTH_DATABASES
from tests.web.dump import dump
from tests.web.routes import SAFE, all_routes
from web.services import WebServices


@BOTH_DATABASES
def test_the_database_is_the_same_before_and_after_every_get(
    app: FastAPI, services: WebServices, signed_in: Browser, open_site: Callable[..., Browser]
) -> None:
    desk = Desk.at(services.database, "Nvidia", "Huawei")
    desk.store(desk.add_source(), article("a", desk.matched("Nvidia")))
    desk.add_channel()
    with services.database.write() as session:
        watchlists.add_term(session, desk.watchlist, Term("H20"), now=services.clock(session))
    anonymous = open_site(app)
    before = dump(services.database)
    asked = [route for route in all_routes(app) if route.method in SAFE]
    for route in asked:
        for browser in (signed_in, anonymous):
            answer = browser.request(route.method, route.path)
            assert answer.status_code < 500 or route.path == "/readyz", route
    assert len(asked) > 10
    assert dump(services.database) == before


def test_looking_at_the_set_up_link_does_not_use_it(client: Browser, services: WebServices) -> None:
    with services.database.write() as session:
        token = accounts.new_set_up_link(session, now=services.clock(session))
    before = dump(services.database)
    for _ in range(3):
        assert 'name="password"' in client.get("/setup", params={"token": token}).text
    assert dump(services.database) == before
