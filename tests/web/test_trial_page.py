"""Trying the user's terms on a text: what they find, where, and why."""

from __future__ import annotations

from datetime import UTC, datetime

from marsad.types import Term
from storage import watchlists
from tests.web.browser import Browser
from tests.web.newsdesk import NewsDesk
from web.services import WebServices


def test_terms_can_be_tried_on_a_text(signed_in: Browser, services: WebServices, user_id: int) -> None:
    NewsDesk.at(services.database, user_id).watch("Huawei")
    assert "<mark>هواوي</mark>" in signed_in.get("/watchlist/try").text
    page = signed_in.send_form("/watchlist/try", text="قالت وهواوي <b>كذا</b>").text
    assert "و<mark>هواوي</mark> &lt;b&gt;" in page
    assert "None of your terms is in this text." in signed_in.send_form("/watchlist/try", text="").text


def test_each_hit_says_why_and_where(signed_in: Browser, services: WebServices, user_id: int) -> None:
    NewsDesk.at(services.database, user_id).watch("Apple", "Huawei")
    text = "قالت شركة أبل إنها ستطلق هاتفا."
    page = signed_in.send_form("/watchlist/try", headline="Huawei تعلن", text=text).text
    assert "the name as you typed it, in the headline" in page
    assert "a spelling from the lexicon, in the text" in page
    assert "counted as the company because of " in page
    assert '<p class="lead"><bdi class="foreign" dir="rtl"><mark>Huawei</mark> تعلن</bdi></p>' in page


def test_an_expression_looks_at_headline_and_text_together(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    with services.database.write() as session:
        now = datetime.now(UTC)
        watchlist = watchlists.ensure_watchlist(session, user_id, "main", now=now)
        term = Term("سباق", expression="title:Huawei AND إنفيديا")
        watchlists.add_term(session, watchlist, term, now=now)
    page = signed_in.send_form("/watchlist/try", headline="هواوي تتقدم", text="وتراجعت إنفيديا").text
    assert page.count("<mark>هواوي</mark>") == 2
    alone = signed_in.send_form("/watchlist/try", text="هواوي وإنفيديا").text
    assert "None of your terms is in this text." in alone


def test_a_stored_term_that_would_be_refused_today_breaks_nothing(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    NewsDesk.at(services.database, user_id).watch("x", "Huawei")
    assert "<mark>هواوي</mark>" in signed_in.get("/watchlist/try").text
    assert signed_in.get("/watchlist").status_code == 200
