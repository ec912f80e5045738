"""The form of a term: proposals with their reasons, ambiguous names, excluded phrases, and changing a term."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from marsad.types import Term
from matching.proposals import excluded_phrases, propose_spellings
from storage import accounts, watchlists
from storage.watchlists import TermRow
from tests.web.browser import Browser
from tests.web.newsdesk import STORIES, NewsDesk
from web.pages.term_form import TermDraft
from web.services import WebServices

BOX = re.compile(r'<input type="checkbox" name="spelling" value="([^"]+)"( checked)?( disabled)?>')


def boxes(page: str) -> dict[str, bool]:
    """Every proposal on a page, and whether it is ticked."""
    return {unescape(spelling): bool(checked) for spelling, checked, _ in BOX.findall(page)}


def ticked(page: str) -> list[str]:
    """What a browser would send of them."""
    return [unescape(s) for s, checked, disabled in BOX.findall(page) if checked and not disabled]


def stored(services: WebServices, user_id: int) -> dict[str, TermRow]:
    with services.database.read() as session:
        return {row.term.name: row for row in watchlists.list_terms(session, user_id)}


def preview(browser: Browser, name: str, **fields: str) -> str:
    return browser.send_form("/watchlist/terms", page="/watchlist", name=name, step="preview", **fields).text


def add(services: WebServices, user_id: int, term: Term) -> int:
    with services.database.write() as session:
        now = services.clock(session)
        watchlist = watchlists.ensure_watchlist(session, user_id, "main", now=now)
        return watchlists.add_term(session, watchlist, term, now=now)


@pytest.mark.parametrize("name", ["Huawei", "Nvidia", "TSMC", "Sapphire Rapids"])
def test_a_preview_ticks_what_is_used_and_gives_the_reasons_for_the_others(
    signed_in: Browser, name: str
) -> None:
    page = preview(signed_in, name)
    shown = boxes(page)
    for proposal in propose_spellings(name):
        if proposal.off is None:
            assert shown[proposal.spelling], proposal
        else:
            assert not shown.get(proposal.spelling), proposal
    assert len(shown) <= 80
    reasons = {proposal.off for proposal in propose_spellings(name)}
    assert ("Unlikely to be used for this name" in page) == ("unlikely" in reasons)
    assert "The name itself" in page


def test_the_reasons_are_told_in_arabic_too(signed_in: Browser, services: WebServices, user_id: int) -> None:
    with services.database.write() as session:
        accounts.set_language(session, user_id, "ar")
    page = preview(signed_in, "Huawei")
    for said in (
        "كلمة عربية عادية ترد في كل مكان",
        "أقصر من أن تدل على هذا الاسم وحده",
        "بحسب النطق",
        "من المعجم",
    ):
        assert said in page


@pytest.mark.parametrize("name", ["Huawei", "Sapphire Rapids", "هواوي", "RTX7"])
def test_ticks_left_as_they_are_leave_the_spellings_to_marsad(
    signed_in: Browser, services: WebServices, user_id: int, name: str
) -> None:
    page = preview(signed_in, name)
    signed_in.send_form(
        "/watchlist/terms", page="/watchlist", name=name, previewed=name, spelling=ticked(page)
    )
    assert stored(services, user_id)[name].term == Term(name)


def test_a_tick_more_stores_the_list_with_what_the_lexicon_excludes(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    page = preview(signed_in, "Huawei")
    more = next(spelling for spelling, checked in boxes(page).items() if not checked)
    chosen = [*ticked(page), more]
    signed_in.send_form(
        "/watchlist/terms",
        page="/watchlist",
        name="Huawei",
        previewed="Huawei",
        spelling=chosen,
        exclude="هواوي كلاود\n\n",
    )
    term = stored(services, user_id)["Huawei"].term
    assert set(term.spellings or ()) == set(chosen)
    assert term.exclude == (*excluded_phrases("Huawei"), "هواوي كلاود")


def test_own_excluded_phrases_leave_the_spellings_to_marsad(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    page = preview(signed_in, "Apple")
    assert "Nor does it count inside these" in page
    signed_in.send_form(
        "/watchlist/terms",
        page="/watchlist",
        name="Apple",
        previewed="Apple",
        spelling=ticked(page),
        sense_asked="1",
        sense="1",
        exclude="آبل ميوزك",
    )
    assert stored(services, user_id)["Apple"].term == Term("Apple", None, ("آبل ميوزك",))
    assert "آبل ميوزك" in signed_in.get("/watchlist").text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Apple", "can also mean: "),
        ("Amazon", "can also mean: the river, the forest"),
        ("Amazon", "It counts where the text around it speaks of the company."),
    ],
)
def test_an_ambiguous_name_says_what_else_it_means(signed_in: Browser, name: str, said: str) -> None:
    page = preview(signed_in, name)
    assert said in page
    assert '<input type="checkbox" name="sense" value="1" checked>' in page


def test_a_name_of_one_meaning_asks_nothing(signed_in: Browser) -> None:
    page = preview(signed_in, "Nvidia")
    assert "can also mean" not in page.split("expression-card")[0]


def test_the_context_can_be_left_out(signed_in: Browser, services: WebServices, user_id: int) -> None:
    signed_in.send_form("/watchlist/terms", page="/watchlist", name="Amazon", sense_asked="1", step="save")
    assert stored(services, user_id)["Amazon"].term == Term("Amazon", sense=False)
    assert "It counts whatever the context says." in signed_in.get("/watchlist").text


@pytest.mark.parametrize(
    ("field", "line", "said"),
    [
        ("own", "من", "of all articles"),
        ("own", "x", "is a single letter or digit"),
        ("exclude", "؟", "there is nothing to look for"),
    ],
)
def test_a_wrong_line_is_shown_beside_its_field(signed_in: Browser, field: str, line: str, said: str) -> None:
    answer = signed_in.send_form("/watchlist/terms", page="/watchlist", name="Huawei", **{field: line})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'id="error-{field}"' in answer.text
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"[^>]*>{line}</textarea>', answer.text)


def test_a_ticked_proposal_that_stands_everywhere_is_refused_and_the_ticks_stay(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    page = preview(signed_in, "Huawei")
    assert "هو" in boxes(page)
    answer = signed_in.send_form(
        "/watchlist/terms", page="/watchlist", name="Huawei", previewed="Huawei", spelling=["هواوي", "هو"]
    )
    assert answer.status_code == 422
    assert "of all articles" in answer.text
    assert ticked(answer.text) == ["هواوي", "هو"]
    assert stored(services, user_id) == {}


def test_a_name_of_any_length_is_refused_at_once(signed_in: Browser) -> None:
    answer = signed_in.send_form("/watchlist/terms", page="/watchlist", name="Ab" * 50_000, previewed="x")
    assert answer.status_code == 422
    assert "is longer than 200 characters" in answer.text
    assert answer.elapsed.total_seconds() < 5


def test_more_lines_than_anybody_needs_are_refused(signed_in: Browser) -> None:
    own = "\n".join(f"هواوي{number}" for number in range(201))
    answer = signed_in.send_form("/watchlist/terms", page="/watchlist", name="Huawei", own=own)
    assert answer.status_code == 422
    assert "more than 200 lines" in answer.text
    assert 'id="error-own"' in answer.text


# ---------------------------------------------------------------- changing


def test_a_term_is_changed_by_its_filled_in_form_and_matched_again(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    desk = NewsDesk.at(services.database, user_id)
    term_id = add(services, user_id, Term("Graphcore"))
    desk.publish(desk.add_source("نون"), *STORIES, first=True)
    page = signed_in.get(f"/watchlist/terms/{term_id}").text
    answer = signed_in.send_form(
        f"/watchlist/terms/{term_id}",
        spelling=ticked(page),
        own="متحف الحاسوب",
        exclude="متحف الحاسوب الكبير",
    )
    assert answer.headers["location"] == f"/watchlist?added={term_id}&done=changed"
    shown = signed_in.get(answer.headers["location"]).text
    assert "The term was changed." in shown
    assert "It is in 1 stored article." in shown
    again = signed_in.get(f"/watchlist/terms/{term_id}").text
    assert ">متحف الحاسوب</textarea>" in again
    assert ">متحف الحاسوب الكبير</textarea>" in again
    assert ticked(again) == ticked(page)


@pytest.mark.parametrize(
    "term",
    [
        Term("Huawei"),
        Term("Huawei", (), ()),
        Term("Huawei", ("هواوي", "هواوىي"), (*excluded_phrases("Huawei"), "هواوي كلاود")),
        Term("Amazon", None, ("مهرجان أمازون",), sense=False),
        Term("Sapphire Rapids", (propose_spellings("Sapphire Rapids")[-1].spelling,)),
    ],
)
def test_saving_a_form_as_it_came_changes_nothing(
    signed_in: Browser, services: WebServices, user_id: int, term: Term
) -> None:
    term_id = add(services, user_id, term)
    page = signed_in.get(f"/watchlist/terms/{term_id}").text
    own, exclude = (unescape(text) for text in re.findall(r"<textarea[^>]*>([^<]*)</textarea>", page))
    fields: dict[str, str | list[str]] = {"own": own, "exclude": exclude, "spelling": ticked(page)}
    if 'name="sense_asked"' in page:
        fields["sense_asked"] = "1"
        if 'name="sense" value="1" checked' in page:
            fields["sense"] = "1"
    signed_in.send_form(f"/watchlist/terms/{term_id}", page=f"/watchlist/terms/{term_id}", **fields)
    changed = stored(services, user_id)[term.name].term
    excluded = (*excluded_phrases(term.name), *term.exclude) if term.spellings is not None else term.exclude
    assert changed == replace(term, exclude=tuple(dict.fromkeys(excluded)))


def test_a_wrong_change_is_shown_again_and_stores_nothing(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    term_id = add(services, user_id, Term("Huawei"))
    answer = signed_in.send_form(f"/watchlist/terms/{term_id}", own="a\u0007b")
    assert answer.status_code == 422
    assert "control character" in answer.text
    assert stored(services, user_id)["Huawei"].term == Term("Huawei")


def test_a_proposal_typed_by_hand_is_a_tick() -> None:
    off = next(p.spelling for p in propose_spellings("Huawei") if p.off is not None)
    draft = TermDraft("Huawei", own=f" {off} \nهواوي\nHuawei")
    used = tuple(p.spelling for p in propose_spellings("Huawei") if p.off is None and p.origin != "name")
    assert set(draft.term().spellings or ()) == {*used, off}
    assert TermDraft("Huawei", own="هواوي").term() == Term("Huawei")
