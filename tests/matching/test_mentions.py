"""Names typed in Latin are found however Arabic writes them, and only there."""

from __future__ import annotations

from time import perf_counter

import pytest

from marsad.types import Term
from matching.matcher import compile_matcher
from tests.matching.finding import found, hits


@pytest.mark.parametrize(
    ("text", "name", "spelling"),
    [
        ("أعلنت هواوي عن معالج", "Huawei", "هواوي"),
        ("تراجعت أسهم إنفيديا أمس", "Nvidia", "إنفيديا"),
        ("رقائق انفيديا الجديدة", "NVIDIA", "انفيديا"),
        ("رقائق نڤيديا", "nvidia", "نڤيديا"),
        ("نموذج ديب-سيك الجديد", "DeepSeek", "ديب-سيك"),
        ("نموذج ديبسيك", "DeepSeek", "ديبسيك"),
        ("نموذج ديب\u200cسيك", "DeepSeek", "ديب\u200cسيك"),
        ("نموذج ديب\nسيك", "DeepSeek", "ديب\nسيك"),
        ("قالت غوغل", "Google", "غوغل"),
        ("قالت جوجل", "Google", "جوجل"),
        ("قالت قوقل", "Google", "قوقل"),
        ("قالت گوگل", "Google", "گوگل"),
        ("شريحة إتش ٢٠ للصين", "H20", "إتش ٢٠"),
        ("شريحة H-20 للصين", "H20", "H-20"),
        ("شريحة H٢٠ للصين", "H20", "H٢٠"),
        ("شريحة الـH20 للصين", "H20", "H20"),
        ("شركة آي بي إم", "IBM", "آي بي إم"),
        ("شركة اي.بي.ام", "IBM", "اي.بي.ام"),
        ("معالج أيه إم دي", "AMD", "أيه إم دي"),
        ("معالج إي. إم. دي.", "AMD", "إي. إم. دي"),
        ("صدر Qwen3 اليوم", "Qwen", "Qwen"),
        ("صدر Llama-4 اليوم", "Llama", "Llama"),
        ("#رقائق_هواوي", "Huawei", "هواوي"),
        ("@nvidia", "Nvidia", "nvidia"),
        ("Meta’s new model", "Meta", "Meta"),
        ("مسؤولو\u200cهواوي", "Huawei", "هواوي"),
        ("ديب سيك آر1", "DeepSeek-R1", "ديب سيك آر1"),
        ("ديب-سيك R1", "DeepSeek-R1", "ديب-سيك R1"),
        ("deepseek-r1-0528", "DeepSeek-R1", "deepseek-r1"),
        ("أسهم آبل", "ابل", "آبل"),
        ("لغة C++ باقية", "C++", "C++"),
    ],
)
def test_a_name_is_found_as_it_is_written(text: str, name: str, spelling: str) -> None:
    assert found(text, name) == [(name, spelling)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("شريحة H200", "H20"),
        ("شريحة GH20", "H20"),
        ("شريحة H20X1", "H20"),
        ("معامل H20.5", "H20"),
        ("الماء H2O", "H20"),
        ("شريحة GB200", "B200"),
        ("إتش 200", "H20"),
        ("فيتامين H. 20 حبة", "H20"),
        ("Ollama", "Llama"),
        ("SuperGrok", "Grok"),
        ("MetaX", "Meta"),
        ("قتل الإبل", "Apple"),
        ("مقابل ذلك قنابل", "Apple"),
        ("وابل من الرصاص في كابل وبابل ونابل", "Apple"),
        ("قال كلاما طيبا", "Llama"),
        ("هدفين كبيرين", "Biren"),
        ("كان ميتاً", "Meta"),
        ("كان ميتًا", "Meta"),
        ("بئرين", "Biren"),
        ("زار الدالاي لاما", "Llama"),
        ("سعر بيت كوين", "Qwen"),
        ("أيام دي غول", "AMD"),
        ("في 100 يوم", "V100"),
        ("هواويون", "Huawei"),
        ("قال والهواوي", "Huawei"),
        ("ديب\n\nسيك", "DeepSeek"),
        ("قديب سيك", "DeepSeek"),
        ("ديب سيكون", "DeepSeek"),
    ],
)
def test_what_only_looks_like_a_name_is_not_found(text: str, name: str) -> None:
    assert found(text, name) == []


@pytest.mark.parametrize(
    ("text", "name", "clitics"),
    [
        ("وهواوي", "Huawei", "و"),
        ("وغوغل", "Google", "و"),
        ("لإنفيديا", "Nvidia", "ل"),
        ("ولآبل", "Apple", "ول"),
        ("وآبل", "Apple", "و"),
        ("كآبل", "Apple", "ك"),
        ("للآيفون", "iPhone", "لل"),
        ("بالآيفون", "iPhone", "بال"),
        ("أهواوي هذه", "Huawei", "أ"),
        ("لـهواوي", "Huawei", "ل"),
        ("لـ هواوي", "Huawei", "ل"),
        ('بـ"هواوي"', "Huawei", "ب"),
        ("لـ”هواوي”", "Huawei", "ل"),
        ("و«هواوي»", "Huawei", "و"),
        ('لـ "هواوي"', "Huawei", "ل"),
        ("بـ“Huawei”", "Huawei", "ب"),
        ("وMistral", "Mistral", "و"),
        ("لـ Nvidia", "Nvidia", "ل"),
        ("والـH20", "H20", "وال"),
        ("هواوي", "Huawei", ""),
        ("قال هواوي", "Huawei", ""),
        ("ﻷوراكل", "Oracle", "ل"),
    ],
)
def test_the_proclitic_is_told_and_is_no_part_of_the_span(text: str, name: str, clitics: str) -> None:
    (hit,) = hits(text, name)
    assert hit.clitics == clitics
    if "ﻷ" not in text:
        assert not hit.spelling.startswith(("ل", "لـ", "و", "ب", "ك", '"', "“", "”", "«")) or not clitics


def test_offsets_are_code_points_of_the_original() -> None:
    text = "😀 ﻗﺎﻟﺖ شركةُ «هُوَاوِي» و\u200fNvidia"
    spans = [(hit.start, hit.end) for hit in hits(text, "Huawei", "Nvidia")]
    assert [text[start:end] for start, end in spans] == ["هُوَاوِي", "Nvidia"]


def test_names_inside_names_are_all_found() -> None:
    assert found("نموذج DeepSeek-R1", "DeepSeek", "DeepSeek-R1") == [
        ("DeepSeek", "DeepSeek"),
        ("DeepSeek-R1", "DeepSeek-R1"),
    ]
    assert found("علي بابا كلاود", "Alibaba") == [("Alibaba", "علي بابا")]
    assert {name for name, _ in found("Google Gemini", "Gemini", "Google")} == {"Google", "Gemini"}


def test_overlapping_spellings_of_one_term_are_one_mention() -> None:
    term = Term("Zhipu", spellings=("تشيبو", "تشيبو إيه آي"))
    (hit,) = compile_matcher([term]).find("شركة تشيبو إيه آي")
    assert hit.spelling == "تشيبو إيه آي"


def test_given_spellings_are_the_only_ones_beside_the_name() -> None:
    matcher = compile_matcher([Term("Huawei", spellings=("هاوي",))])
    assert [hit.spelling for hit in matcher.find("هواوي هاوي Huawei")] == ["هاوي", "Huawei"]


def test_a_mention_inside_an_excluded_phrase_is_none() -> None:
    matcher = compile_matcher([Term("Meta", exclude=("ميتا للأدوية",))])
    assert [hit.start for hit in matcher.find("ميتا للأدوية ثم ميتا")] == [16]


def test_the_reason_is_told() -> None:
    (hit,) = hits("لـهواوي", "Huawei")
    assert hit.why == "a spelling from the lexicon, after ل"


def test_equal_terms_give_one_hit_and_no_terms_none() -> None:
    assert len(hits("هواوي", "Huawei", "Huawei")) == 1
    assert hits("هواوي") == ()


@pytest.mark.parametrize(("text", "name"), [("يا سيدي", "CD"), ("زادت الآلام", "LLM"), ("الشركة التي", "LT")])
def test_letter_names_without_spaces_that_are_a_word_are_not_found(text: str, name: str) -> None:
    assert found(text, name) == []


def test_letter_names_with_spaces_are_found_though_they_would_make_a_word() -> None:
    assert found("قرص سي دي", "CD") == [("CD", "سي دي")]
    assert found("شركة آيبيإم", "IBM") == [("IBM", "آيبيإم")]


def test_letter_names_inside_a_longer_row_of_them_are_another_acronym() -> None:
    assert found("شركة كيه بي إم جي", "BMG") == []
    assert found("شركة إتش بي سي تي", "HP") == []
    assert found("مقر إل جي في سيول", "LG") == [("LG", "إل جي")]
    assert found("في آي بي إم", "IBM") == [("IBM", "آي بي إم")]


@pytest.mark.parametrize(
    "text",
    [
        "هواوي " * 50_000,
        "آبل شركة " * 50_000,
        "ه" + "\u064e" * 500_000 + "واوي",
        "هواوي" + "\u0650" * 500_000,
        " " * 1_000_000,
        "\u200c" * 300_000 + "هواوي",
        "-. _" * 200_000,
        "ﻻ" * 300_000,
        "華" * 500_000,
        "ديب " * 200_000,
    ],
    ids=range(10),
)
def test_no_text_takes_long(text: str) -> None:
    matcher = compile_matcher([Term(name) for name in ("Huawei", "Apple", "DeepSeek", "H20", "华为")])
    began = perf_counter()
    matcher.find(text)
    assert perf_counter() - began < 15


@pytest.mark.parametrize(
    "name", ["Mt. Gox", "Warner Bros. Discovery", "د. سليمان الحبيب", "سوق.كوم", "GPT-3.5", ".NET"]
)
def test_a_name_with_a_full_stop_is_found_as_typed(name: str) -> None:
    (hit,) = compile_matcher([Term(name, sense=False)]).find(f"قال {name} هنا")
    assert hit.spelling == name


@pytest.mark.parametrize(
    ("name", "text"), [("الجزيرة", "قناة للجزيرة"), ("الآيفون", "للآيفون"), ("الصين", "وصلت للصين")]
)
def test_a_name_with_the_article_is_found_after_the_preposition_that_shortens_it(
    name: str, text: str
) -> None:
    assert len(hits(text, name)) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Mate 70", "مات 70 شخصا"),
        ("Band 10", "البند 10"),
        ("Pen 15", "بين 15 و20"),
        ("GPT-3", "نموذج GPT-3٫5"),
        ("H20", "بسعر H20٫5"),
        ("3M", "1٫3M"),
        (".NET", "ali@aljazeera.net"),
        ("AI", "https://perplexity.ai/x"),
        ("PC", "سي إن بي سي عربية"),
        ("IT", "جامعة إم آي تي"),
        ("MW", "سيارة بي إم دبليو"),
        ("Mate 70", "هاتف Mate 60"),
    ],
)
def test_a_number_a_domain_or_a_longer_row_of_letters_makes_something_else(name: str, text: str) -> None:
    assert found(text, name) == []


def test_letters_of_a_code_of_several_letters_are_spelled_out_though_one_alone_would_be_prose() -> None:
    assert found("ذاكرة إتش بي إم 3 إي", "HBM3E") == [("HBM3E", "إتش بي إم 3 إي")]
    assert found("معالج إم آي 300 إكس", "MI300X") == [("MI300X", "إم آي 300 إكس")]


def test_of_a_chain_of_overlapping_mentions_the_longest_and_what_it_leaves_are_kept() -> None:
    term = Term("a b", spellings=("ألف باء", "باء جيم دال", "دال هاء واو زاي"), sense=False)
    spelled = [hit.spelling for hit in compile_matcher([term]).find("ألف باء جيم دال هاء واو زاي")]
    assert spelled == ["ألف باء", "دال هاء واو زاي"]


def test_many_excluded_phrases_take_no_time() -> None:
    matcher = compile_matcher([Term("Nvidia", exclude=("إنفيديا كورب",))])
    began = perf_counter()
    assert len(matcher.find("إنفيديا كورب إنفيديا ، " * 8000)) == 8000
    assert perf_counter() - began < 15
