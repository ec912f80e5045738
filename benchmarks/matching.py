"""Matching beside FlashText and a casefold substring search, on articles made up here.

Every tool gets the same names and the same texts; the tools take turns in one process and the median CPU
time of each counts. Three kinds of text: with mentions, with names inside longer words (nothing should be
found), without any name (most articles). `found` beside `expected` shows what speed alone does not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from flashtext import KeywordProcessor

from benchmarks.report import OURS, Meter, Row, Sample, summarise
from marsad.types import Term
from matching.matcher import compile_matcher

ARTICLES = 10
LENGTH = 3000
PLANTED = 8
ROUNDS = 5
"""Rounds in one run: a single one is too short to measure."""

Find = Callable[[str], int]

_WORDS = """
    أعلنت الشركة اليوم عن إطلاق جيل جديد من المعالجات التي تستهدف مراكز البيانات وقال متحدث إن الطلب على
    الرقائق ارتفع خلال الربع الأخير بنسبة كبيرة مقارنة بالعام الماضي فيما تراجعت أسهم القطاع وسط مخاوف من
    قيود التصدير وأضاف المحلل أنّ المنافسة ستزداد مع دخول نماذج مفتوحة المصدر إلى السوق، كما أشار التقرير
    إلى أن الاستثمارات في الذكاء الاصطناعي بلغت مستويات غير مسبوقة، وهو ما قد يغيّر خريطة الصناعة عالميا.
"""
_SYLLABLES = [consonant + vowel for consonant in "بتدرسشفكلمنزجغ" for vowel in ("ا", "و", "ي", "")]
# How a name stands in the text: {} is the name.
_KINDS = {
    "mentions": ("{}", "{}", "{}", "و{}", "ل{}", "لـ{}", "بـ”{}”"),
    "inside words": ("م{}", "{}ية", "مت{}ين"),
    "no names": (),
}


def run(*, sizes: Sequence[int], runs: int) -> Iterator[Row]:
    """Yield, for each number of names, a row for the set-up and one for each kind of text."""
    for size in sizes:
        draw = random.Random(size)
        names = _names(draw, size)
        yield _set_up(names, runs)
        tools = {tool: make(names) for tool, make in _TOOLS.items()}
        for kind, ways in _KINDS.items():
            articles = [_article(draw, names, ways) for _ in range(ARTICLES)]
            expected = ARTICLES * PLANTED if kind == "mentions" else 0
            yield _search(f"{size} names, texts with {kind}", tools, articles, expected, runs)


def _set_up(names: Sequence[str], runs: int) -> Row:
    samples: dict[str, list[Sample]] = {tool: [] for tool in _TOOLS}
    for _ in range(runs):
        for tool, make in _TOOLS.items():
            with Meter() as meter:
                make(names)
            samples[tool].append(meter.sample)
    return Row(
        "matching",
        f"{len(names)} names, set-up",
        "µs CPU/name",
        {tool: summarise(taken, per=len(names), scale=1e6) for tool, taken in samples.items()},
    )


def _search(what: str, tools: dict[str, Find], articles: Sequence[str], expected: int, runs: int) -> Row:
    samples: dict[str, list[Sample]] = {tool: [] for tool in tools}
    found = dict.fromkeys(tools, 0)
    for _ in range(runs):
        for tool, find in tools.items():
            with Meter() as meter:
                for _ in range(ROUNDS):
                    found[tool] = sum(find(article) for article in articles)
            samples[tool].append(meter.sample)
    results = {
        tool: summarise(
            samples[tool],
            per=ARTICLES * ROUNDS,
            scale=1e6,
            counts={"found": found[tool], "expected": expected},
        )
        for tool in tools
    }
    return Row("matching", what, "µs CPU/article", results)


def _names(draw: random.Random, size: int) -> list[str]:
    """Make up names of four syllables: long enough to be no word of the articles."""
    names: dict[str, None] = {}
    while len(names) < size:
        names["".join(draw.choices(_SYLLABLES, k=4)) + "ون"] = None
    return list(names)


def _article(draw: random.Random, names: Sequence[str], ways: tuple[str, ...]) -> str:
    vocabulary = _WORDS.split()
    words: list[str] = []
    length = 0
    while length < LENGTH:
        words.append(draw.choice(vocabulary))
        length += len(words[-1]) + 1
    for place in sorted(draw.sample(range(len(words)), PLANTED if ways else 0), reverse=True):
        words.insert(place, draw.choice(ways).format(draw.choice(names)))
    return " ".join(words)


def _marsad(names: Sequence[str]) -> Find:
    matcher = compile_matcher([Term(name) for name in names])
    return lambda text: len(matcher.find(text))


def _flashtext(names: Sequence[str]) -> Find:
    processor = KeywordProcessor()
    processor.add_keywords_from_list(list(names))
    return lambda text: len(processor.extract_keywords(text))


def _substring(names: Sequence[str]) -> Find:
    folded = [name.casefold() for name in names]

    def find(text: str) -> int:
        haystack = text.casefold()
        return sum(name in haystack for name in folded)

    return find


_TOOLS: dict[str, Callable[[Sequence[str]], Find]] = {
    OURS: _marsad,
    "FlashText": _flashtext,
    "casefold substring": _substring,
}
