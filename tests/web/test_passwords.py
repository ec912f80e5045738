"""FAULTS 44, 45: how passwords are stored, and which are accepted."""

from __future__ import annotations

import unicodedata
from time import perf_counter

import pytest

from web.passwords import (
    ABOUT_YOU,
    TOO_COMMON,
    TOO_LONG,
    TOO_PLAIN,
    TOO_SHORT,
    hash_password,
    objection,
    verify_password,
)


def test_they_are_stored_as_argon2id_with_a_salt_of_their_own() -> None:
    first, second = hash_password("four unrelated words"), hash_password("four unrelated words")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert verify_password(first, "four unrelated words")
    assert not verify_password(first, "four unrelated word")


def test_passwords_that_differ_after_byte_72_are_different() -> None:
    stored = hash_password("a" * 72 + "b")
    assert verify_password(stored, "a" * 72 + "b")
    assert not verify_password(stored, "a" * 72 + "c")
    long_arabic = "نص طويل جدا " * 20
    stored = hash_password(long_arabic + "أ")
    assert not verify_password(stored, long_arabic + "ب")


def test_letters_are_the_same_however_a_keyboard_composes_them() -> None:
    typed = "مُؤَسَّسة الأخبار ﻻ ﷲ café"
    stored = hash_password(unicodedata.normalize("NFD", typed))
    assert verify_password(stored, unicodedata.normalize("NFC", typed))
    assert verify_password(stored, unicodedata.normalize("NFKC", typed))


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$broken"])
def test_without_a_usable_hash_nothing_is_right(stored: str | None) -> None:
    assert not verify_password(stored, "nobody")
    assert not verify_password(stored, "")
    assert not verify_password(stored, "a" * 100_000)


@pytest.mark.parametrize(
    "password",
    [
        "twelve chars",
        "حصان بطارية دبوس",
        "كلمة سر طويلة بالعربية وفيها ١٢٣",
        "w" * 4 + "xyz" * 20 + "pq",
        "abcde" * 51,
        "    spaces count    too    ",
        "🐎🔋📎✅🌙⭐🌊🔥🍎🎈🎵🧭",
    ],
)
def test_these_are_accepted(password: str) -> None:
    assert objection(password, about=("Mona", "mona@example.com")) is None
    assert verify_password(hash_password(password), password)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", TOO_SHORT),
        ("eleven char", TOO_SHORT),
        ("كلمة قصيرة", TOO_SHORT),
        ("abcdefgh" * 33, TOO_LONG),
        ("password1234", TOO_COMMON),
        ("Pass Word-1234", TOO_COMMON),
        ("123456789012", TOO_COMMON),
        ("QWERTYUIOP123", TOO_COMMON),
        ("correct horse battery staple", TOO_COMMON),
        ("بسم الله الرحمن الرحيم", TOO_COMMON),
        ("aaaaaaaaaaaaaaaa", TOO_PLAIN),
        ("١٢١٢١٢١٢١٢١٢", TOO_PLAIN),
        ("Mona@Example.com", ABOUT_YOU),
        ("Mona Al Rashidi", ABOUT_YOU),
    ],
)
def test_these_are_refused_and_why_is_said(password: str, why: str) -> None:
    assert objection(password, about=("mona al-rashidi", "mona@example.com")) == why


def test_no_common_password_is_listed_that_another_rule_refuses_anyway() -> None:
    from web.passwords import _COMMON

    listed = _COMMON.read_text(encoding="utf-8").split()
    assert len(listed) == len(set(listed)) > 100
    assert all(objection(word) is not None for word in listed)


def test_what_is_far_too_long_is_refused_before_it_is_normalised() -> None:
    # Sorting so many combining marks would hold up everything for half an hour.
    marks = "\u0301\u0323" * 500_000
    began = perf_counter()
    assert objection(f"four unrelated words{marks}") == TOO_LONG
    assert not verify_password(hash_password("four unrelated words"), f"four unrelated words{marks}")
    assert perf_counter() - began < 5


def test_the_longest_password_may_be_typed_in_four_times_as_many_characters() -> None:
    letters = "\u1f82\u1f83\u1f92\u1f93\u1fa2\u1fa3"
    password = (letters * 43)[:256]
    typed = unicodedata.normalize("NFKD", password)
    assert len(typed) == 4 * 256
    assert objection(typed) is None
    assert verify_password(hash_password(password), typed)
    assert not verify_password(hash_password(password), typed + "\u0301")
