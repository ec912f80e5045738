"""Matching beside FlashText and a casefold substring search, on articles made up here.

Every tool gets the same spellings and the same texts; rounds alternate in one process and the smallest CPU
time of each counts. Three kinds of text: with mentions, with names inside longer words (nothing should be
found), without any name (most articles). `found` beside `expected` shows what speed alone does not.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from flashtext import KeywordProcessor

from marsad.types import Term
from matching.matcher import compile_matcher

ARTICLES = 10
LENGTH = 3000
PLANTED = 8
ROUNDS = 5
SIZES = (100, 10_000)

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


def run() -> list[dict[str, object]]:
    """Return one row for each tool and number of spellings; `ratio` is CPU time against marsad's."""
    return [row for size in SIZES for kind in _KINDS for row in _compare(size, kind)]


def _compare(size: int, kind: str) -> list[dict[str, object]]:
    draw = random.Random(size)
    names = _names(draw, size)
    articles = [_article(draw, names, _KINDS[kind]) for _ in range(ARTICLES)]
    tools = {
        "marsad": _marsad(names),
        "FlashText 2.7": _flashtext(names),
        "casefold substring": _substring(names),
    }
    best = dict.fromkeys(tools, float("inf"))
    found = dict.fromkeys(tools, 0)
    for _ in range(ROUNDS):
        for tool, find in tools.items():
            begin = time.process_time()
            found[tool] = sum(find(article) for article in articles)
            best[tool] = min(best[tool], time.process_time() - begin)
    return [
        {
            "benchmark": "matching",
            "spellings": size,
            "texts": kind,
            "tool": tool,
            "us_per_article": round(best[tool] / ARTICLES * 1e6),
            "ratio": round(best[tool] / best["marsad"], 2),
            "found": found[tool],
            "expected": ARTICLES * PLANTED if kind == "mentions" else 0,
        }
        for tool in tools
    ]


def _names(draw: random.Random, size: int) -> list[str]:
    """Make up names of four syllables: long enough to be no word of the articles."""
    names: dict[str, None] = {}
    while len(names) < size:
        names["".join(draw.choices(_SYLLABLES, k=4)) + "ون"] = None
    return list(names)


def _article(draw: random.Random, names: list[str], ways: tuple[str, ...]) -> str:
    vocabulary = _WORDS.split()
    words: list[str] = []
    length = 0
    while length < LENGTH:
        words.append(draw.choice(vocabulary))
        length += len(words[-1]) + 1
    for place in sorted(draw.sample(range(len(words)), PLANTED if ways else 0), reverse=True):
        words.insert(place, draw.choice(ways).format(draw.choice(names)))
    return " ".join(words)


def _marsad(names: list[str]) -> Callable[[str], int]:
    matcher = compile_matcher([Term(name) for name in names])
    return lambda text: len(matcher.find(text))


def _flashtext(names: list[str]) -> Callable[[str], int]:
    processor = KeywordProcessor()
    processor.add_keywords_from_list(names)
    return lambda text: len(processor.extract_keywords(text))


def _substring(names: list[str]) -> Callable[[str], int]:
    folded = [name.casefold() for name in names]

    def find(text: str) -> int:
        haystack = text.casefold()
        return sum(name in haystack for name in folded)

    return find
