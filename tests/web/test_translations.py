"""Arabic and English: every sentence, every plural form, times and numbers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from babel.messages.catalog import Message

from tests.web.messages import arabic, used_messages
from web.translation import choose_language, languages

PLACE = re.compile(r"%\(\w+\)s")
NOW = datetime(2026, 11, 22, 13, 16, tzinfo=UTC)


def translated() -> dict[str, Message]:
    return {m.id[0] if isinstance(m.id, tuple) else str(m.id): m for m in arabic() if m.id}


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def test_every_sentence_of_the_pages_is_translated() -> None:
    known = translated()
    missing = {
        f"{where}: {message}"
        for message, where in used_messages().items()
        if (first := message if isinstance(message, str) else message[0]) not in known
        or not all(forms(known[first]))
        or known[first].fuzzy
    }
    assert not missing


def test_nothing_is_translated_that_no_page_says() -> None:
    used = {message if isinstance(message, str) else message[0] for message in used_messages()}
    assert set(translated()) <= used


def test_translations_keep_the_places_for_values() -> None:
    for original, message in translated().items():
        places = set(PLACE.findall(original))
        found = [set(PLACE.findall(form)) for form in forms(message)]
        assert all(each <= places for each in found), original
        if len(found) == 1:
            assert found[0] == places, original
        else:
            # Nothing, one and two are words in Arabic; from three on the number is written.
            assert len(found) == 6, original
            assert all(each == places for each in found[3:]), original
            assert all(each >= places - {"%(n)s"} for each in found[1:3]), original


@pytest.mark.parametrize(
    ("n", "form"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (10, 3), (11, 4), (99, 4), (100, 5), (102, 5), (103, 3)],
)
def test_the_six_plural_forms_are_taken_for_the_right_numbers(n: int, form: int) -> None:
    message = translated()["%(n)s article"]
    said = languages()["ar"].ngettext("%(n)s article", "%(n)s articles", n)
    assert said == forms(message)[form] % {"n": n}


def test_the_plural_header_is_pinned() -> None:
    assert arabic().num_plurals == 6
    assert arabic().plural_expr == (
        "(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5)"
    )


@pytest.mark.parametrize(
    ("code", "before", "said"),
    [
        ("ar", timedelta(seconds=20), "الآن"),
        ("ar", timedelta(minutes=1), "منذ دقيقة"),
        ("ar", timedelta(minutes=2), "منذ دقيقتين"),
        ("ar", timedelta(minutes=5), "منذ 5 دقائق"),
        ("ar", timedelta(minutes=11), "منذ 11 دقيقة"),
        ("ar", timedelta(hours=2), "منذ ساعتين"),
        ("ar", timedelta(days=3), "منذ 3 أيام"),
        ("ar", timedelta(minutes=-10), "بعد 10 دقائق"),
        ("ar", timedelta(days=30), "23 أكتوبر 2026"),
        ("en", timedelta(minutes=5), "5 minutes ago"),
        ("en", timedelta(minutes=1), "1 minute ago"),
        ("en", timedelta(minutes=-10), "in 10 minutes"),
        ("en", timedelta(days=30), "23 October 2026"),
    ],
)
def test_times_are_told_by_their_distance_with_the_exact_moment_beside(
    code: str, before: timedelta, said: str
) -> None:
    told = languages()[code].ago(NOW - before, NOW)
    assert f">{said}</time>" in told
    assert f'datetime="{(NOW - before).strftime("%Y-%m-%dT%H:%M:%SZ")}"' in told


def test_times_and_numbers_carry_no_hidden_marks_and_latin_digits() -> None:
    language = languages()["ar"]
    for said in (language.moment(NOW), language.day(NOW), language.number(1234567), language.number(-3.5)):
        assert not re.search(r"[\u200e\u200f\u061c٠-٩]", said)
    assert language.moment(NOW) == "22 نوفمبر 2026، 13:16 UTC"


def test_values_in_sentences_are_escaped() -> None:
    said = languages()["en"].gettext("The test was not accepted: %(reason)s", reason="<b>no</b>")
    assert "&lt;b&gt;" in said


@pytest.mark.parametrize(
    ("wishes", "accepted", "code"),
    [
        (("en",), "ar", "en"),
        ((None, "en"), "ar", "en"),
        ((None, None), "en-GB,en;q=0.9,ar;q=0.8", "en"),
        ((None, None), "fr,ar;q=0.5,en;q=0.4", "ar"),
        ((None, None), "en;q=0,de", "ar"),
        ((None, None), "de-DE", "ar"),
        ((None, None), ";;;q=x, en;q=abc", "ar"),
        (("xx", "../../etc"), None, "ar"),
    ],
)
def test_the_language_is_the_users_then_the_cookies_then_the_browsers(
    wishes: tuple[str | None, ...], accepted: str | None, code: str
) -> None:
    assert choose_language(*wishes, accepted=accepted).code == code
