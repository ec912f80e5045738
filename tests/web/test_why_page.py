"""Why not? What a term finds in a pasted text, why, and the edit that would change it, made with one button."""

from __future__ import annotations

import re
from html import unescape

import pytest

from marsad.types import Term
from matching.explain import Edit, Finding, apply_edit, explain
from matching.proposals import excluded_phrases, used_spellings
from matching.verdict import Refusal
from storage import accounts, watchlists
from tests.web.browser import Browser
from tests.web.newsdesk import STORIES, NewsDesk
from web.explained import LONGEST, RULES, answer, say_decision, say_edit
from web.services import WebServices
from web.translation import languages

TWO_SENSES = "قالت شركة أبل إنها ستطلق هاتفا، وأكل الطفل تفاحة أبل.\nوابل من <b>الرصاص</b>."
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def ask(browser: Browser, text: str, **fields: str) -> str:
    return browser.send_form("/watchlist/why", text=text, page="/watchlist/why", **fields).text


def change_on(page: str) -> dict[str, str]:
    """The fields of the button that makes the edit."""
    form = re.search(r'<form method="post" action="/watchlist/why/edit">(.*?)</form>', page, re.DOTALL)
    assert form is not None
    fields = {name: unescape(value) for name, value in HIDDEN.findall(form[1]) if name != "_csrf"}
    text = re.search(r'<textarea name="text" hidden>(.*?)</textarea>', form[1], re.DOTALL)
    assert text is not None
    return {**fields, "text": unescape(text[1])}


def stored(services: WebServices, user_id: int) -> dict[str, Term]:
    with services.database.read() as session:
        return {row.term.name: row.term for row in watchlists.list_terms(session, user_id)}


def watch(services: WebServices, user_id: int, term: Term) -> str:
    with services.database.write() as session:
        now = services.clock(session)
        watchlist = watchlists.ensure_watchlist(session, user_id, "main", now=now)
        return str(watchlists.add_term(session, watchlist, term, now=now))


def test_the_page_is_linked_and_a_term_is_chosen_by_its_link(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    term = watch(services, user_id, Term("Apple"))
    assert f'href="/watchlist/why?term={term}"' in signed_in.get("/watchlist").text
    assert 'href="/watchlist/why"' in signed_in.get("/watchlist/try").text
    chosen = signed_in.get("/watchlist/why", params={"term": term}).text
    assert f'<option value="{term}" selected>Apple</option>' in chosen
    for wild in ("x", "99", "-1", "9" * 30):
        assert signed_in.get("/watchlist/why", params={"term": wild}).status_code == 200


def test_every_place_is_marked_and_explained(signed_in: Browser, services: WebServices, user_id: int) -> None:
    page = ask(signed_in, TWO_SENSES, term=watch(services, user_id, Term("Apple")))
    assert "Found: the text mentions “" in page
    assert "شركة <mark>أبل</mark> إنها" in page
    assert 'تفاحة <mark class="refused">أبل</mark>.' in page
    assert 'و<mark class="refused">ابل</mark> من &lt;b&gt;' in page
    for said in (
        "The name stands here: counted as the company because of ",
        "The context says that something else of that name is meant: it looks like ",
        "With the letters before it, it is an ordinary word",
        "The smallest change after which it is not found",
        "Exclude the phrase “",
        "قالت شركة ابل",
    ):
        assert said in page, said


def test_the_page_speaks_arabic(signed_in: Browser, services: WebServices, user_id: int) -> None:
    term = watch(services, user_id, Term("Apple"))
    with services.database.write() as session:
        accounts.set_language(session, user_id, "ar")
    page = ask(signed_in, TWO_SENSES, term=term)
    for said in (
        "رُصد: يذكر النص",
        "ورد الاسم هنا: المقصود الشركة، والدليل: ",
        "يدل السياق على أن المقصود شيء آخر يحمل هذا الاسم: الأرجح أن المقصود اسم عائلة",
        "مع الحروف التي قبله يصير كلمة عادية",
        "استثنِ العبارة «",
    ):
        assert said in page, said


def test_the_button_makes_the_edit_on_the_users_term(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    term = watch(services, user_id, Term("Claude"))
    page = ask(signed_in, "أعلنت كلوود أرباحها", term=term)
    assert "Not found: " in page
    fields = change_on(page)
    assert (fields["kind"], fields["value"]) == ("add_spelling", "كلوود")
    changed = signed_in.send_form("/watchlist/why/edit", page="/watchlist/why", **fields).text
    assert "The term was changed." in changed
    assert "Found: " in changed
    now = stored(services, user_id)["Claude"]
    assert now.spellings == (*(p.spelling for p in used_spellings("Claude")), "كلوود")
    assert now.exclude == excluded_phrases("Claude")
    # Sent again, as by reloading the page, it changes nothing more.
    signed_in.send_form("/watchlist/why/edit", page="/watchlist/why", **fields)
    assert stored(services, user_id)["Claude"] == now


def test_an_edit_finds_what_is_stored_already(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    desk = NewsDesk.at(services.database, user_id)
    desk.publish(desk.add_source("نون"), *STORIES, first=True)
    term = watch(services, user_id, Term("Graphcore"))
    edit = {"term": term, "kind": "add_spelling", "value": "متحف الحاسوب", "text": "متحف الحاسوب"}
    signed_in.send_form("/watchlist/why/edit", page="/watchlist/why", **edit)
    assert signed_in.get("/matches").text.count('<li class="match"') == 1


@pytest.mark.parametrize(
    ("kind", "value", "after"),
    [
        ("exclude", "شركة أبل", Term("Apple", None, ("قديم", "شركة أبل"))),
        ("allow", "قديم", Term("Apple")),
        ("ignore_sense", "", Term("Apple", None, ("قديم",), sense=False)),
    ],
)
def test_each_kind_of_edit_is_made(
    signed_in: Browser, services: WebServices, user_id: int, kind: str, value: str, after: Term
) -> None:
    term = watch(services, user_id, Term("Apple", None, ("قديم",)))
    signed_in.send_form(
        "/watchlist/why/edit", page="/watchlist/why", term=term, kind=kind, value=value, text="أبل"
    )
    assert stored(services, user_id)["Apple"] == after


@pytest.mark.parametrize(("kind", "value"), [("", ""), ("delete", "x"), ("add_spelling", " ")])
def test_an_edit_that_is_none_is_not_made(
    signed_in: Browser, services: WebServices, user_id: int, kind: str, value: str
) -> None:
    term = watch(services, user_id, Term("Apple"))
    answer = signed_in.send_form(
        "/watchlist/why/edit", page="/watchlist/why", term=term, kind=kind, value=value, text="x"
    )
    assert answer.status_code == 404
    assert stored(services, user_id)["Apple"] == Term("Apple")


def test_an_edit_that_may_not_be_stored_says_why(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    term = watch(services, user_id, Term("Apple"))
    answer = signed_in.send_form(
        "/watchlist/why/edit", page="/watchlist/why", term=term, kind="add_spelling", value="من", text="من"
    )
    assert answer.status_code == 422
    assert "of all articles" in answer.text
    assert stored(services, user_id)["Apple"] == Term("Apple")


def test_a_typed_name_is_offered_with_the_change(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    page = ask(signed_in, "أعلنت شركة كورفيكسه أرباحها", name="Qorvexa Labs")
    form = re.search(r'<form method="post" action="/watchlist/terms" class="offer">(.*?)</form>', page, re.S)
    assert form is not None
    fields = {name: unescape(value) for name, value in HIDDEN.findall(form[1]) if name != "_csrf"}
    assert fields["name"] == "Qorvexa Labs"
    assert fields["own"] in "أعلنت شركة كورفيكسه أرباحها"
    shown = signed_in.send_form("/watchlist/terms", page="/watchlist", step="preview", **fields).text
    assert f">{fields['own']}</textarea>" in shown
    assert stored(services, user_id) == {}


def test_a_name_that_is_watched_is_that_term(signed_in: Browser, services: WebServices, user_id: int) -> None:
    watch(services, user_id, Term("Apple", ("تفاحة",)))
    assert "Found: " in ask(signed_in, "تفاحة", name="apple")


def test_an_expression_is_explained_name_by_name(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    term = watch(services, user_id, Term("سباق", expression='Nvidia AND NOT "علي بابا"'))
    page = ask(signed_in, "قالت إنفيديا وعلي بابا", term=term)
    assert "Not found: " in page
    assert page.count('<section class="section name-answer"') == 2
    assert "<mark>إنفيديا</mark>" in page
    assert "/watchlist/why/edit" not in page
    edit = {"term": term, "kind": "ignore_sense", "text": "x"}
    assert signed_in.send_form("/watchlist/why/edit", page="/watchlist/why", **edit).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " ", "name": "Apple"}, "Paste the text in which the name should be found"),
        ({"text": "x"}, "Choose a term, or type a name."),
        ({"text": "x", "term": "99"}, "Choose a term, or type a name."),
        ({"text": "x", "name": "!"}, "there is nothing to look for: give a name."),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    signed_in: Browser, fields: dict[str, str], said: str
) -> None:
    answer = signed_in.post("/watchlist/why", data={"_csrf": signed_in.token_on("/watchlist/why"), **fields})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_no_more_than_the_first_characters_are_looked_at(signed_in: Browser) -> None:
    page = ask(signed_in, "كلمة " * (LONGEST // 5) + "أنثروبيك", name="Anthropic")
    assert "Not found: " in page


def test_an_expression_of_many_names_is_explained_by_the_beginning_of_the_text(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    names = " OR ".join(["إنفيديا", *(f"اسم{number}" for number in range(99))])
    term = watch(services, user_id, Term("كثير", expression=names))
    page = ask(signed_in, "إنفيديا " + "كلمة " * 300, term=term)
    assert "Only the first 200 characters were looked at, as there are many names." in page
    assert "<mark>إنفيديا</mark>" in page


# ---------------------------------------------------------------- in words


def test_every_rule_is_said_in_both_languages() -> None:
    rules = {"accepted", "excluded", "other_sense", "not_ticked", "shorter", *Refusal}
    assert set(RULES) == rules
    for rule in rules:
        finding = Finding(0, 1, "x", "x", "", False, str(rule), "a sentence")
        english, arabic = (say_decision(languages()[code], finding) for code in ("en", "ar"))
        assert english != arabic
        assert "a sentence" not in english


def test_a_rule_that_nobody_knows_is_shown_as_it_is() -> None:
    finding = Finding(0, 1, "x", "x", "", False, "later", "a <new> rule")
    assert say_decision(languages()["ar"], finding) == '<bdi dir="auto">a &lt;new&gt; rule</bdi>'


@pytest.mark.parametrize(
    "edit",
    [
        Edit("add_spelling", "آبل"),
        Edit("tick_spelling", "آبل"),
        Edit("exclude", "آبل"),
        Edit("allow", "آبل"),
        Edit("ignore_sense"),
    ],
)
def test_every_edit_is_said_in_both_languages(edit: Edit) -> None:
    for code in ("en", "ar"):
        assert edit.value in say_edit(languages()[code], edit)
    assert say_edit(languages()["en"], edit) != say_edit(languages()["ar"], edit)


def test_an_edit_of_a_bare_name_keeps_what_the_lexicon_excludes() -> None:
    term = apply_edit(Term("Apple", None, ("x",)), Edit("add_spelling", "ابلل"))
    assert term.exclude == (*excluded_phrases("Apple"), "x")
    assert apply_edit(term, Edit("exclude", "x")) == term


def test_places_inside_a_mention_stand_apart_and_a_word_is_shown_whole() -> None:
    text = "قالت إنفيديا، ووابل"
    shown = answer(languages()["en"], text, Term("Nvidia")).names[0]
    assert [row.word for row in shown.rows] == [("", "إنفيديا", "")]
    assert all(not row.accepted for row in shown.further)
    refused = answer(languages()["en"], text, Term("Apple")).names[0].rows
    assert [row.word for row in refused] == [("وو", "ابل", "")]


def test_an_ordinary_word_is_offered_with_a_warning() -> None:
    explained = explain("وابل من الرصاص", Term("Apple"))
    shown = answer(languages()["en"], "وابل من الرصاص", Term("Apple")).names[0]
    assert (explained.edit is None) == (shown.change is None)
    if shown.change is not None and shown.change.edit.value == "وابل":
        assert shown.change.ordinary
