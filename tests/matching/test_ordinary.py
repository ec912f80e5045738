"""Ordinary words are told from names by how often they stand with and without what precedes them."""

from __future__ import annotations

import pytest

from matching.ordinary import is_inflected_word, is_ordinary, is_ordinary_word, share_of_articles


@pytest.mark.parametrize(
    ("letters", "name"), [("و", "ابل"), ("ك", "ابل"), ("ب", "ابل"), ("ك", "لاما"), ("ك", "بيرين")]
)
def test_a_proclitic_and_a_name_may_be_a_word(letters: str, name: str) -> None:
    assert is_ordinary(letters, name)


@pytest.mark.parametrize(
    ("letters", "name"),
    [
        ("و", "آبل"),
        ("و", "هواوي"),
        ("ل", "إنفيديا"),
        ("ال", "آيفون"),
        ("و", "جوجل"),
        ("ب", "كوالكوم"),
        ("ف", "تسلا"),
    ],
)
def test_a_proclitic_before_a_name_is_none(letters: str, name: str) -> None:
    assert not is_ordinary(letters, name)


@pytest.mark.parametrize("word", ["سميك", "كتاب", "كبير", "سلة", "قال"])
def test_a_word_of_the_language_is_no_spelling(word: str) -> None:
    assert is_ordinary_word(word)


@pytest.mark.parametrize("name", ["هواوي", "إنفيديا", "شاومي", "كوالكوم", "بالانتير", "سنوفليك"])
def test_a_foreign_name_is_no_word_of_the_language(name: str) -> None:
    assert not is_ordinary_word(name)
    assert not is_inflected_word(name)


def test_the_share_of_articles_tells_frequent_words_from_names() -> None:
    assert share_of_articles("في") > 0.9
    assert share_of_articles("شركة") > 0.1
    assert share_of_articles("هواوي") < 0.01
