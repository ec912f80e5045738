"""Adding a term, with a look at its spellings before; removing it; trying terms on a text."""

from __future__ import annotations

import re

import pytest

from storage import watchlists
from tests.web.browser import Browser
from tests.web.newsdesk import STORIES, NewsDesk
from web.services import WebServices


def terms(services: WebServices, user_id: int) -> dict[str, tuple[str, ...] | None]:
    with services.database.read() as session:
        return {row.term.name: row.term.spellings for row in watchlists.list_terms(session, user_id)}


def test_a_term_matches_what_is_stored_and_says_how_much(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    desk = NewsDesk.at(services.database, user_id)
    desk.publish(desk.add_source("نون"), *STORIES, first=True)
    answer = signed_in.send_form("/watchlist/terms", page="/watchlist", name=" Nvidia ", step="save")
    assert answer.status_code == 303
    page = signed_in.get(answer.headers["location"]).text
    assert "It is in 3 stored articles." in page
    assert "إنفيديا" in page
    assert terms(services, user_id) == {"Nvidia": None}
    assert signed_in.get("/matches").text.count('<li class="match"') == 3


def test_a_preview_shows_the_spellings_and_stores_nothing(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    page = signed_in.send_form("/watchlist/terms", page="/watchlist", name="Huawei", step="preview")
    assert page.status_code == 200
    boxes = re.findall(r'name="spelling" value="([^"]+)" checked', page.text)
    assert boxes[0] == "Huawei"
    assert "هواوي" in boxes
    assert terms(services, user_id) == {}


def test_all_ticks_leave_the_spellings_to_marsad(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    page = signed_in.send_form("/watchlist/terms", page="/watchlist", name="Huawei", step="preview").text
    ticked = re.findall(r'name="spelling" value="([^"]+)" checked', page)
    signed_in.send_form(
        "/watchlist/terms", page="/watchlist", name="Huawei", previewed="Huawei", spelling=ticked, own=""
    )
    assert terms(services, user_id) == {"Huawei": None}


def test_a_tick_taken_away_and_a_spelling_of_ones_own_count(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    signed_in.send_form(
        "/watchlist/terms",
        page="/watchlist",
        name="Huawei",
        previewed="Huawei",
        spelling=["Huawei", "هواوي"],
        own="هواوى\r\n\r\nهواوي\n",
    )
    assert terms(services, user_id) == {"Huawei": ("هواوي", "هواوى")}


def test_ticks_of_another_name_do_not_count(signed_in: Browser, services: WebServices, user_id: int) -> None:
    signed_in.send_form(
        "/watchlist/terms", page="/watchlist", name="Nvidia", previewed="Huawei", spelling=["هواوي"]
    )
    assert terms(services, user_id) == {"Nvidia": None}


def test_a_name_that_no_arabic_spelling_is_known_of_says_so(signed_in: Browser) -> None:
    page = signed_in.send_form("/watchlist/terms", page="/watchlist", name="7nm", step="preview").text
    assert "No Arabic spelling of this name is known" in page


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("", 422, "there is nothing to look for: give a name."),
        ("!", 422, "there is nothing to look for: give a name."),
        ("x", 422, "is a single letter or digit"),
        ("x" * 300, 422, "is longer than 200 characters"),
        ("a\nb", 422, "holds a line break or another control character"),
        ("من", 422, "of all articles: give a longer name"),
        ("nvidia", 409, "This is there already."),
    ],
)
def test_a_wrong_term_is_shown_again_beside_its_error(
    signed_in: Browser, services: WebServices, user_id: int, name: str, status: int, said: str
) -> None:
    NewsDesk.at(services.database, user_id).watch("Nvidia")
    answer = signed_in.send_form("/watchlist/terms", page="/watchlist", name=name)
    assert answer.status_code == status
    assert said in answer.text
    field = re.search(r'<input id="field-name".*?>', answer.text, re.DOTALL)
    assert field is not None
    assert f'value="{name}"' in field[0]
    assert 'aria-invalid="true"' in field[0]


def test_a_watchlist_that_is_not_there_is_no_place_for_a_term(signed_in: Browser) -> None:
    answer = signed_in.send_form("/watchlist/terms", page="/watchlist", name="Nvidia", watchlist="theirs")
    assert answer.status_code == 422


def test_a_removed_term_leaves_its_matches(signed_in: Browser, services: WebServices, user_id: int) -> None:
    desk = NewsDesk.at(services.database, user_id)
    ids = desk.watch("Nvidia")
    desk.publish(desk.add_source("نون"), *STORIES)
    answer = signed_in.send_form(f"/watchlist/terms/{ids['Nvidia']}/remove", page="/watchlist")
    assert "its matches stay" in signed_in.get(answer.headers["location"]).text
    assert terms(services, user_id) == {}
    assert signed_in.get("/matches").text.count('<li class="match"') == 3
