"""What the invented news mention, told by reading them: a small gold set of our own."""

from __future__ import annotations

from typing import NamedTuple

TERMS = ("Nvidia", "Huawei", "H20", "DeepSeek", "H200", "Apple", "AMD", "TSMC", "Qualcomm")

MENTIONS: dict[str, set[str]] = {
    # دفتر المعالج
    "hospital-accelerators": {"Huawei"},
    "night-classes": {"Nvidia"},
    "taxi-tablets": {"Qualcomm"},
    "rented-hours": {"H20"},
    "radio-amateurs": set(),
    "poetry-evening": {"DeepSeek"},
    "price-table": {"H20", "Huawei", "AMD"},
    "nested-quotes": {"Nvidia"},
    "deep-dive": set(),
    # الجسر الرقمي
    "small-model-on-phone": {"DeepSeek"},
    "second-hand-market": {"H20"},
    "three-conjunctions": {"Nvidia"},
    "repair-shop": {"Apple"},
    "two-winners": {"Huawei", "Nvidia"},
    "young-engineer": set(),
    "latin-names": {"Nvidia", "Huawei"},
    "arabic-digits": {"H20"},
    "model-numbers": {"DeepSeek"},
    # مدار التقني
    "ghaima-first-delivery": {"Nvidia", "H20"},
    "foldable-phone": {"Huawei"},
    "storm-and-servers": set(),
    "faster-training": {"Nvidia", "H20"},
    "sidra-laboratory": {"Nvidia"},
    "small-model-open": {"DeepSeek"},
    "oasis-unveiling": set(),
    "digital-library": set(),
    "two-foundry-customers": {"AMD", "TSMC"},
    "direction-marks": {"Nvidia", "H20"},
    "generations-compared": {"H200"},
    # نبض الشرائح
    "accelerator-for-hospitals": {"Huawei"},
    "spelling-lesson": {"Huawei", "Nvidia"},
    "stretched-headline": {"Huawei", "Nvidia"},
    "weather-model": {"H20"},
    "university-order": {"H200"},
    "modem-question": {"Apple", "Qualcomm"},
    "camel-race": set(),
    "classroom-assistant": {"DeepSeek"},
    "old-page-maker": {"Huawei"},
    # صدى الآلة
    "ghaima-delivery": {"Nvidia", "H20"},
    "museum-of-games": {"Nvidia"},
    "harbour-cranes": {"Huawei"},
    "power-contract": {"TSMC"},
    "courtroom-notes": {"DeepSeek"},
    "bakery-queue": {"Nvidia"},
    "school-network": {"Huawei"},
    "quoted-code": {"H20"},
    "lecture-videos": set(),
}
"""By item, as it is written first: every one of TERMS that it mentions, and no other."""

MENTIONS_ONCE_EDITED: dict[str, set[str]] = {
    "oasis-unveiling": {"Huawei"},
    "university-order": {"H20", "H200"},
}
"""By item, in the title and summary that it gets later and the text that it keeps."""

COPIES = (
    ("ghaima-first-delivery", "ghaima-delivery"),
    ("small-model-on-phone", "small-model-open"),
    ("accelerator-for-hospitals", "hospital-accelerators"),
)
"""Wire stories that two houses print, each in its own spelling."""


class HardCase(NamedTuple):
    """A stretch of an item's text that is hard: `written` mentions `term` as `found`, or mentions it not."""

    why: str
    slug: str
    written: str
    term: str
    found: str | None


HARD_CASES = (
    HardCase("و touches the name", "foldable-phone", "وهواوي", "Huawei", "هواوي"),
    HardCase("ل touches the name", "sidra-laboratory", "لإنفيديا", "Nvidia", "إنفيديا"),
    HardCase("ف touches the name", "three-conjunctions", "فإنفيديا", "Nvidia", "إنفيديا"),
    HardCase("ك touches the name", "three-conjunctions", "كإنفيديا", "Nvidia", "إنفيديا"),
    HardCase("و and ل touch the name", "school-network", "ولهواوي", "Huawei", "هواوي"),
    HardCase("ل before a name of two words", "poetry-evening", "لديب سيك", "DeepSeek", "ديب سيك"),
    HardCase("ب before a name of two words", "poetry-evening", "بديب سيك", "DeepSeek", "ديب سيك"),
    HardCase("بال before a code", "weather-model", "بالـH20", "H20", "H20"),
    HardCase("وال before a code", "rented-hours", "والـH20", "H20", "H20"),
    HardCase("وبال before a code", "rented-hours", "وبالـH20", "H20", "H20"),
    HardCase("the article before quotation marks", "quoted-code", "الـ«H20»", "H20", "H20"),
    HardCase("ل before Arabic quotation marks", "two-winners", "لـ«هواوي»", "Huawei", "هواوي"),
    HardCase("ل before straight quotation marks", "two-winners", 'لـ"إنفيديا"', "Nvidia", "إنفيديا"),
    HardCase("straight quotation marks", "faster-training", '"إنفيديا"', "Nvidia", "إنفيديا"),
    HardCase("Arabic quotation marks", "faster-training", "«إنفيديا»", "Nvidia", "إنفيديا"),
    HardCase("curly quotation marks", "faster-training", "“H20”", "H20", "H20"),
    HardCase(
        "quotation marks in quotation marks", "nested-quotes", "غيّرت “إنفيديا” شكل", "Nvidia", "إنفيديا"
    ),
    HardCase("no hamza", "museum-of-games", "انفيديا", "Nvidia", "انفيديا"),
    HardCase("the hamza above", "night-classes", "أنفيديا", "Nvidia", "أنفيديا"),
    HardCase("another spelling", "ghaima-delivery", "نفيديا", "Nvidia", "نفيديا"),
    HardCase("another spelling", "harbour-cranes", "هوواوي", "Huawei", "هوواوي"),
    HardCase("another spelling", "hospital-accelerators", "هاواوي", "Huawei", "هاواوي"),
    HardCase("written as one word", "small-model-open", "ديبسيك", "DeepSeek", "ديبسيك"),
    HardCase("a hyphen inside", "courtroom-notes", "ديب-سيك", "DeepSeek", "ديب-سيك"),
    HardCase("Apple with madda", "repair-shop", "آبل", "Apple", "آبل"),
    HardCase("Apple with a hamza, after و", "repair-shop", "وأبل", "Apple", "أبل"),
    HardCase("Apple without a hamza", "repair-shop", "شركة ابل", "Apple", "ابل"),
    HardCase("vowel marks", "spelling-lesson", "هُواوِي", "Huawei", "هُواوِي"),
    HardCase("vowel marks after و", "spelling-lesson", "وإِنْفِيدْيا", "Nvidia", "إِنْفِيدْيا"),
    HardCase("tatweel", "stretched-headline", "هــواوي", "Huawei", "هــواوي"),
    HardCase("tatweel", "stretched-headline", "إنفيـــديا", "Nvidia", "إنفيـــديا"),
    HardCase("right-to-left marks", "direction-marks", "\u200fإنفيديا\u200f", "Nvidia", "إنفيديا"),
    HardCase("isolates", "direction-marks", "\u2066H20\u2069", "H20", "H20"),
    HardCase("embeddings", "direction-marks", "\u202aH20\u202c", "H20", "H20"),
    HardCase("left-to-right marks", "latin-names", "\u200eNvidia\u200e", "Nvidia", "Nvidia"),
    HardCase("a proclitic and a mark", "latin-names", "و\u200eHuawei\u200e", "Huawei", "Huawei"),
    HardCase("capitals", "latin-names", "NVIDIA", "Nvidia", "NVIDIA"),
    HardCase("a hyphen in a code", "second-hand-market", "H-20", "H20", "H-20"),
    HardCase("a space in a code", "second-hand-market", "يعرض H 20", "H20", "H 20"),
    HardCase("a letter's name", "second-hand-market", "وإتش 20", "H20", "إتش 20"),
    HardCase("Arabic digits", "arabic-digits", "H٢٠", "H20", "H٢٠"),
    HardCase("a model number behind", "model-numbers", "DeepSeek-R1", "DeepSeek", "DeepSeek"),
    HardCase("a Persian keyboard", "classroom-assistant", "دیب سیک", "DeepSeek", "دیب سیک"),
    HardCase("presentation forms", "old-page-maker", "ﻫﻮﺍﻭﻱ", "Huawei", "ﻫﻮﺍﻭﻱ"),
    HardCase("letters' names", "two-foundry-customers", "إيه إم دي", "AMD", "إيه إم دي"),
    HardCase("letters' names", "two-foundry-customers", "تي إس إم سي", "TSMC", "تي إس إم سي"),
    HardCase("the name in the text only", "bakery-queue", "من إنفيديا يتوقع", "Nvidia", "إنفيديا"),
    # Look-alikes.
    HardCase("rain, not 'and Apple'", "storm-and-servers", "وابل", "Apple", None),
    HardCase("'in exchange for'", "repair-shop", "مقابل", "Apple", None),
    HardCase("'can be'", "repair-shop", "القابل", "Apple", None),
    HardCase("camels", "camel-race", "الإبل", "Apple", None),
    HardCase("camels", "camel-race", "إبل", "Apple", None),
    HardCase("water", "storm-and-servers", "H2O", "H20", None),
    HardCase("another product", "generations-compared", "H200", "H20", None),
    HardCase("a family name", "young-engineer", "الهواوي", "Huawei", None),
    HardCase("an aerial", "radio-amateurs", "هوائيًا", "Huawei", None),
    HardCase("amateurs", "radio-amateurs", "هواة", "Huawei", None),
    HardCase("'videos' after إن", "lecture-videos", "إن فيديوهات", "Nvidia", None),
    HardCase("'a video' after إن", "lecture-videos", "إن فيديو مدته", "Nvidia", None),
    HardCase("another English name", "deep-dive", "Deep Diver", "DeepSeek", None),
)
