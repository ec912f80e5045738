"""Watching an expression: storing, listing and changing one, and what a wrong one is told."""

from __future__ import annotations

import re

import pytest

from marsad.errors import ExpressionFault, ExpressionInvalid, TermFault, TermInvalid
from marsad.types import Term
from matching.terms import check_term
from storage import accounts, watchlists
from storage.watchlists import TermRow
from tests.web.browser import Browser
from tests.web.newsdesk import STORIES, NewsDesk
from web.faults import OF_EXPRESSIONS, OF_TERMS, say_fault, show_fault
from web.services import WebServices
from web.translation import languages

BAD = [
    ("", ExpressionFault.EMPTY, ""),
    ("Nvidia OR " * 300 + "Huawei", ExpressionFault.TOO_LONG, ""),
    ("(" * 60 + "Nvidia" + ")" * 60, ExpressionFault.TOO_DEEP, ""),
    (" OR ".join(f"ab{n}" for n in range(101)), ExpressionFault.TOO_MANY_NAMES, ""),
    ("Nvidia\u0007", ExpressionFault.CONTROL_CHARACTER, ""),
    ("Nvidia؛ Huawei", ExpressionFault.UNEXPECTED_CHARACTER, "؛"),
    ('"مور ثريدز', ExpressionFault.UNTERMINATED_QUOTE, '"'),
    ("(Nvidia OR Huawei", ExpressionFault.UNCLOSED_PARENTHESIS, ""),
    ("Nvidia)", ExpressionFault.UNOPENED_PARENTHESIS, ""),
    ("Nvidia AND ()", ExpressionFault.EMPTY_PARENTHESES, ""),
    ("مور ثريدز", ExpressionFault.NOTHING_BETWEEN, "ثريدز"),
    ("هواوي أو إنفيديا", ExpressionFault.NOT_AN_OPERATOR, "أو"),
    ("Nvidia -AMD", ExpressionFault.MINUS, ""),
    ("Nvidia AND", ExpressionFault.DANGLING_OPERATOR, "AND"),
    ("body:Nvidia", ExpressionFault.UNKNOWN_FIELD, "body"),
    ("title:", ExpressionFault.DANGLING_FIELD, "title"),
    ("title:(text:Nvidia)", ExpressionFault.NESTED_FIELD, "text"),
    ("+ Nvidia", ExpressionFault.MISPLACED_MARK, "+"),
    ("Nvidia NEAR AMD", ExpressionFault.NEAR_DISTANCE, ""),
    ("Nvidia NEAR/5 (AMD AND Huawei)", ExpressionFault.NEAR_SIDE, ""),
    ("Nvidia OR &&", ExpressionFault.NAME_WITHOUT_LETTERS, "&amp;&amp;"),
    ("Nvidia OR x", ExpressionFault.NAME_TOO_SHORT, "x"),
    (f'"{"ab" * 101}"', ExpressionFault.NAME_TOO_LONG, "abab"),
    ("NOT Nvidia", ExpressionFault.ONLY_NEGATIVE, ""),
    ("source:Reuters", ExpressionFault.ONLY_SOURCE, ""),
    ("Nvidia OR من", TermFault.TOO_FREQUENT, "من"),
]


def error_of(expression: str) -> TermInvalid:
    with pytest.raises(TermInvalid) as caught:
        check_term(Term("a label", expression=expression))
    return caught.value


def stored(services: WebServices, user_id: int) -> dict[str, TermRow]:
    with services.database.read() as session:
        return {row.term.name: row for row in watchlists.list_terms(session, user_id)}


def send(browser: Browser, expression: str, label: str = "") -> str:
    answer = browser.send_form(
        "/watchlist/expressions", page="/watchlist", label=label, expression=expression, sense="1"
    )
    assert answer.status_code in (303, 409, 422)
    return browser.get(answer.headers["location"]).text if answer.is_redirect else answer.text


def test_every_fault_has_a_sentence() -> None:
    assert set(OF_TERMS) == set(TermFault)
    assert set(OF_EXPRESSIONS) == set(ExpressionFault)
    assert {kind for _, kind, _ in BAD} >= set(ExpressionFault)


@pytest.mark.parametrize("code", ["ar", "en"])
@pytest.mark.parametrize(("expression", "kind", "subject"), BAD)
def test_a_wrong_expression_is_told_its_fault_in_both_languages(
    code: str, expression: str, kind: ExpressionFault | TermFault, subject: str
) -> None:
    error = error_of(expression)
    assert error.kind is kind
    said = say_fault(languages()[code], error)
    assert subject in said
    assert "%(" not in said
    without_subject = re.sub("<.*>", "", said)
    assert bool(re.search(r"[\u0621-\u064a]{3}", without_subject)) == (code == "ar")


def test_the_faulty_place_is_marked() -> None:
    for expression, marked in (
        ("هواوي و إنفيديا", 'هواوي <mark class="fault">و</mark> إنفيديا'),
        ('body:"<b>"', '<mark class="fault">body</mark>:&#34;&lt;b&gt;&#34;'),
        ("Nvidia OR من", 'Nvidia OR <mark class="fault">من</mark>'),
        ("Nvidia\u0007", 'Nvidia<mark class="fault">\ufffd</mark>'),
    ):
        shown = show_fault(expression, error_of(expression))
        assert shown == f'<code class="expression" dir="ltr">{marked}</code>'
    at_the_end = ExpressionInvalid("x", kind=ExpressionFault.EMPTY, position=6)
    assert '<mark class="fault fault-end"></mark>' in show_fault("Nvidia", at_the_end)
    label = TermInvalid("x", kind=TermFault.TOO_LONG, subject="elsewhere")
    assert show_fault("Nvidia", label) == ""


def test_an_expression_is_stored_and_shown_as_it_is_written(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    desk = NewsDesk.at(services.database, user_id)
    desk.publish(desk.add_source("نون"), *STORIES, first=True)
    page = send(signed_in, " إنفيديا AND title:هواوي ", "سباق الرقائق")
    assert "It is in 1 stored article." in page
    assert stored(services, user_id)["سباق الرقائق"].term == Term(
        "سباق الرقائق", expression="إنفيديا AND title:هواوي"
    )
    assert '<code class="expression" dir="ltr">إنفيديا AND title:هواوي</code>' in page


def test_without_a_label_an_expression_is_called_by_itself(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    send(signed_in, "Nvidia OR <b>AMD</b>")
    assert stored(services, user_id) == {}
    send(signed_in, "Nvidia OR AMD")
    assert list(stored(services, user_id)) == ["Nvidia OR AMD"]
    assert "This is there already." in send(signed_in, "Nvidia AND AMD", "Nvidia OR AMD")


@pytest.mark.parametrize("code", ["ar", "en"])
def test_a_wrong_expression_is_shown_again_with_its_place(
    signed_in: Browser, services: WebServices, user_id: int, code: str
) -> None:
    with services.database.write() as session:
        accounts.set_language(session, user_id, code)
    page = send(signed_in, 'هواوي AND "<i>', "سباق")
    assert '<details class="card expression-card" open>' in page
    assert re.search(
        r'<textarea id="expression"[^>]*aria-invalid="true"[^>]*>هواوي AND &#34;&lt;i&gt;<', page
    )
    assert 'value="سباق"' in page
    assert 'AND <mark class="fault">&#34;</mark>&lt;i&gt;</code>' in page
    assert ("علامة الاقتباس" if code == "ar" else "is never closed") in page


def test_the_form_has_examples_that_may_all_be_watched(signed_in: Browser) -> None:
    examples = re.findall(
        r'<dt><code class="expression" dir="ltr">(.*?)</code>', signed_in.get("/watchlist").text
    )
    assert len(examples) == 10
    for example in examples:
        check_term(Term("a label", expression=example.replace("&#34;", '"')))


def test_an_expression_is_changed_and_keeps_its_label(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    send(signed_in, "Nvidia OR AMD", "رقائق")
    path = f"/watchlist/terms/{stored(services, user_id)['رقائق'].id}"
    assert ">Nvidia OR AMD</textarea>" in signed_in.get(path).text
    wrong = signed_in.send_form(path, expression="Nvidia OR", sense_asked="1")
    assert wrong.status_code == 422
    assert 'Nvidia <mark class="fault">OR</mark>' in wrong.text
    assert stored(services, user_id)["رقائق"].term.expression == "Nvidia OR AMD"
    right = signed_in.send_form(path, expression="Nvidia OR Huawei", sense_asked="1")
    assert right.status_code == 303
    assert stored(services, user_id)["رقائق"].term == Term(
        "رقائق", sense=False, expression="Nvidia OR Huawei"
    )
