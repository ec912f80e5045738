"""Why an article matches, in the reader's language, whatever the matcher wrote."""

from __future__ import annotations

import re

import pytest

from marsad.types import StoredHit, Term
from matching.lexicon import load_lexicon
from matching.matcher import compile_matcher
from matching.sense.cues import load_cues
from tests.web.browser import Browser
from tests.web.newsdesk import NewsDesk, Story
from web.explaining import explain_hits, say_why
from web.senses import KINDS, SENSES, find_ambiguity, say_sense
from web.services import WebServices
from web.translation import languages

ENGLISH, ARABIC = languages()["en"], languages()["ar"]


def plain(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text)


def test_the_senses_and_kinds_are_those_of_the_matcher() -> None:
    assert {name: sense.says for name, sense in load_cues().senses.items()} == SENSES
    assert {entry.kind for entry in load_lexicon().entries} <= set(KINDS)
    assert {other for entry in load_lexicon().entries for other in entry.other} <= set(SENSES)


@pytest.mark.parametrize(
    ("why", "english", "arabic"),
    [
        ("a spelling by sound", "a spelling by sound", "كتابة بحسب النطق"),
        ("a spelling from the lexicon, after وال", "a spelling from the lexicon", "كتابة من المعجم"),
        ("the name as typed", "the name as you typed it", "الاسم كما كتبته"),
    ],
)
def test_a_kind_of_spelling_is_said_in_both_languages(why: str, english: str, arabic: str) -> None:
    assert say_why(ENGLISH, why) == (english, "")
    assert say_why(ARABIC, why) == (arabic, "")


@pytest.mark.parametrize(
    ("sense", "english", "arabic"),
    [
        (
            "counted as the company because of شركة، رقائق",
            "counted as the company because of شركة, رقائق",
            "المقصود الشركة، والدليل: شركة، رقائق",
        ),
        (
            "counted as the model as nothing speaks against it",
            "counted as the model, as nothing speaks against it",
            "المقصود النموذج، إذ لا شيء يدل على غير ذلك",
        ),
        (
            "not counted: looks like the river because of نهر، the article ال",
            "it looks like the river because of نهر, the article ال",
            "الأرجح أن المقصود النهر، والدليل: نهر، أداة التعريف",
        ),
        (
            "not counted: nothing around it speaks of the chip, so it may be something else",
            "nothing around it speaks of the chip, so it may be something else",
            "لا شيء حوله يدل على الرقاقة، فقد يكون المقصود شيء آخر",
        ),
    ],
)
def test_what_the_context_decided_is_said_in_both_languages(sense: str, english: str, arabic: str) -> None:
    assert plain(say_sense(ENGLISH, sense)) == english
    assert plain(say_sense(ARABIC, sense)) == arabic
    spelling, said = say_why(ARABIC, f"a spelling from the lexicon, after و; {sense}")
    assert spelling == "كتابة من المعجم"
    assert plain(said) == arabic


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_said_in_arabic(kind: str) -> None:
    assert not re.search("[A-Za-z]", plain(say_sense(ARABIC, f"counted as the {kind} because of شركة")))


@pytest.mark.parametrize(
    "why",
    [
        "a reason of tomorrow <b>",
        "counted as the company because of",
        "counted as the spaceship because of شركة",
        "not counted: looks like the <moon> because of قمر",
        "",
        "; ",
    ],
)
def test_what_is_not_known_is_shown_as_it_is(why: str) -> None:
    for said in (say_sense(ARABIC, why), "".join(say_why(ARABIC, why))):
        assert plain(said) == why.replace("<", "&lt;").replace(">", "&gt;")


def test_words_of_the_text_are_escaped_and_set_apart() -> None:
    said = say_sense(ENGLISH, "counted as the company because of <i>، شركة")
    assert '<bdi dir="auto">&lt;i&gt;</bdi>, <bdi dir="rtl">شركة</bdi>' in said


def test_everything_that_the_matcher_says_is_translated() -> None:
    text = "قالت شركة أبل إن نموذج كلود وأمازون وQorvexa وكورفيكسا وإيه إم دي يعمل على معالجات إنفيديا."
    hits = compile_matcher([Term(n) for n in ("Apple", "Claude", "Amazon", "Qorvexa", "AMD", "Nvidia")]).find(
        text
    )
    assert len(hits) >= 6
    stored = [StoredHit("text", hit.start, hit.end, hit.spelling, hit.clitics, hit.why) for hit in hits]
    for reason in explain_hits(ARABIC, stored):
        assert not re.search("[A-Za-z]", plain(reason.why)), reason
        assert not re.search(r"\b(counted|because|the)\b", plain(reason.sense)), reason


@pytest.mark.parametrize(("name", "others"), [("Amazon", "the river, the forest"), ("أمازون", "the river")])
def test_an_ambiguous_name_says_what_it_can_mean(name: str, others: str) -> None:
    found = find_ambiguity(ENGLISH, name)
    assert found is not None
    assert found.kind == "the company"
    assert str(found.others).startswith(others)
    assert find_ambiguity(ENGLISH, "Nvidia") is None
    assert find_ambiguity(ENGLISH, "no such name") is None


def test_a_match_says_what_the_context_decided(
    signed_in: Browser, services: WebServices, user_id: int
) -> None:
    desk = NewsDesk.at(services.database, user_id)
    desk.watch("Apple")
    desk.publish(desk.add_source("نون"), Story("شركة أبل تطلق هاتفا جديدا"))
    page = signed_in.get("/matches/1").text
    assert "a spelling from the lexicon, in the headline" in page
    assert 'counted as the company because of <bdi dir="rtl">' in page
