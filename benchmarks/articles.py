"""Names and Arabic articles made up for the speed of matching: the same for every tool."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise

LENGTH = 3000
"""Characters of an article, with its marks."""
PLANTED = 8
"""Names that stand in an article of a kind that has any."""
OF_A_TERM = 20
"""Spellings that a watched term has."""

_WORDS = """
    أعلنت الشركة اليوم عن إطلاق جيل جديد من المعالجات التي تستهدف مراكز البيانات وقال متحدث إن الطلب على
    الرقائق ارتفع خلال الربع الأخير بنسبة كبيرة مقارنة بالعام الماضي فيما تراجعت أسهم القطاع وسط مخاوف من
    قيود التصدير وأضاف المحلل أنّ المنافسة ستزداد مع دخول نماذج مفتوحة المصدر إلى السوق، كما أشار التقرير
    إلى أن الاستثمارات في الذكاء الاصطناعي بلغت مستويات غير مسبوقة، وهو ما قد يغيّر خريطة الصناعة عالميا.
"""
_SYLLABLES = [consonant + vowel for consonant in "بتدرسشفكلمنزجغ" for vowel in ("ا", "و", "ي", "")]
_ENDINGS = ("ون", "يكس", "اس", "تيك")
_STRANGE = ("٢٠٢٥", "۱۴۰۴", "٪٣٫٥", "٤‑نانومتر", "جيل‑الشبكة")
_PERSIAN = str.maketrans("يك", "یک")
_MARKS = "\u064e\u064f\u0650\u0652"
_JOINING = frozenset("بتثجحخسشصضطظعغفقكلمنهي")


def _isolated_forms() -> dict[str, str]:
    """Map Arabic letters, and lam with alef, to the one shape that Unicode has for each by itself."""
    forms = {}
    for code in range(0xFE80, 0xFEFD):
        kind, *letters = unicodedata.decomposition(chr(code)).split()
        if kind == "<isolated>":
            forms["".join(chr(int(letter, 16)) for letter in letters)] = chr(code)
    return forms


_FORMS = _isolated_forms()


def _plain(_: random.Random, word: str) -> str:
    return word


def _strange(draw: random.Random, word: str) -> str:
    """Write one word of six as a Persian keyboard does; hyphens are U+2011."""
    word = word.replace("-", "\u2011")
    return word.translate(_PERSIAN) if draw.random() < 1 / 6 else word


def _shaped(_: random.Random, word: str) -> str:
    """Write presentation forms, lam with alef as one: what comes out of old pages and PDF files."""
    letters: list[str] = []
    for letter in word:
        if letters and letters[-1] + letter in _FORMS:
            letters[-1] += letter
        else:
            letters.append(letter)
    return "".join(_FORMS.get(letter, letter) for letter in letters)


def _vowelled(draw: random.Random, word: str) -> str:
    """Put a vowel mark on four letters of five, and tatweel into one word of eight."""
    stretched = draw.randrange(len(word)) if draw.random() < 1 / 8 else -1
    written = []
    for place, (letter, following) in enumerate(pairwise(f"{word} ")):
        written.append(letter)
        if letter.isalpha() and draw.random() < 0.8:
            written.append(draw.choice(_MARKS))
        if place == stretched and letter in _JOINING and following.isalpha():
            written.append("\u0640" * 2)
    return "".join(written)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of article: how its words are written, and how names stand in it ({} is the name), if any do."""

    name: str
    ways: tuple[str, ...]
    dress: Callable[[random.Random, str], str] = _plain
    besides: tuple[str, ...] = ()

    @property
    def mentions(self) -> int:
        """How many names an article mentions."""
        return PLANTED if self.ways == _MENTIONS else 0


_MENTIONS = ("{}", "{}", "{}", "و{}", "ل{}", "لـ{}", "بـ”{}”")
KINDS = (
    Kind("mentions", _MENTIONS),
    Kind("names inside words", ("م{}", "{}ية", "مت{}ين")),
    Kind("no names", ()),
    Kind("Persian letters, Arabic-Indic digits, U+2011", _MENTIONS, _strange, _STRANGE),
    Kind("presentation forms", _MENTIONS, _shaped),
    Kind("vowel marks and tatweel", _MENTIONS, _vowelled),
)


def make_terms(draw: random.Random, size: int) -> dict[str, tuple[str, ...]]:
    """Make up so many spellings, the terms' names among them; each is long enough to be no word of the articles.

    One of ten has two parts. No spelling is part of another term's two.
    """
    spellings = iter(_make_spellings(draw, size))
    return {name: tuple(islice(spellings, OF_A_TERM - 1)) for name in spellings}


def _make_spellings(draw: random.Random, size: int) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(draw.choices(_SYLLABLES, k=draw.choice((4, 5)))) + draw.choice(_ENDINGS)] = None
    return [
        word[: len(word) // 2] + " " + word[len(word) // 2 :] if draw.random() < 1 / 10 else word
        for word in words
    ]


class Newsroom:
    """Writes articles; names are mentioned as often as 1/rank, as words and names are in real news."""

    def __init__(self, draw: random.Random, terms: Mapping[str, Sequence[str]]) -> None:
        self._draw = draw
        self._names = [spelling for name, others in terms.items() for spelling in (name, *others)]
        draw.shuffle(self._names)
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self._names) + 1)))

    def write(self, kind: Kind) -> str:
        """Write an article of the kind."""
        draw = self._draw
        vocabulary = [*_WORDS.split(), *kind.besides]
        words: list[str] = []
        length = 0
        while length < LENGTH:
            words.append(kind.dress(draw, draw.choice(vocabulary)))
            length += len(words[-1]) + 1
        for place in sorted(draw.sample(range(len(words)), PLANTED if kind.ways else 0), reverse=True):
            (name,) = draw.choices(self._names, cum_weights=self._weights)
            if kind.besides:
                name = name.replace(" ", "-")
            words.insert(place, kind.dress(draw, draw.choice(kind.ways).format(name)))
        return " ".join(words)
