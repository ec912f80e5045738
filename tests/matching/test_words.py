"""The list of English words in names is data that a person reviewed; its shape is held here."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import pairwise

from matching.folding import fold_text

SPELLING = re.compile("[ء-غف-يگ]+(?: [ء-غف-يگ]+)*")
SHORTEST_LIST = 2_000
MOST_SPELLINGS = 4


def lines() -> list[str]:
    return files("matching").joinpath("words.tsv").read_text(encoding="utf-8").splitlines()


def rows() -> list[tuple[str, list[str]]]:
    cells = [line.split("\t") for line in lines() if not line.startswith("#")]
    assert all(len(row) == 2 for row in cells)
    return [(word, spellings.split("|")) for word, spellings in cells]


def test_the_list_explains_itself_and_is_long() -> None:
    assert lines()[0].startswith("# ")
    assert len(rows()) >= SHORTEST_LIST


def test_no_line_repeats() -> None:
    assert len(set(lines())) == len(lines())


def test_words_are_sorted_and_none_comes_twice() -> None:
    words = [word for word, _ in rows()]
    assert [pair for pair in pairwise(words) if pair[0] >= pair[1]] == []


def test_words_are_lower_case_latin_letters_or_digits() -> None:
    assert [word for word, _ in rows() if not re.fullmatch("[a-z0-9]+", word)] == []


def test_spellings_are_arabic_letters_and_single_spaces() -> None:
    odd = [(word, each) for word, spellings in rows() for each in spellings if not SPELLING.fullmatch(each)]
    assert odd == []


def test_a_word_has_a_few_spellings_that_stay_different_when_folded() -> None:
    for word, spellings in rows():
        assert len(spellings) <= MOST_SPELLINGS, word
        folded = [fold_text(each.replace("گ", "g")) for each in spellings]
        assert len(set(folded)) == len(folded), (word, spellings)
