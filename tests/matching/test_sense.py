"""The sense of ambiguous names, decided in context."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.clitics import PROCLITICS
from matching.sense import Context, SenseProfile, SenseVerdict, decide_sense
from matching.sense.cues import PEOPLE, TECH, load_cues, parse_cues, read_word
from matching.sense.names import KnownNames, known_names

HERE = Path(__file__).parent
LEAST_RIGHT = 0.97


def _profiles() -> dict[str, SenseProfile]:
    entries = tomllib.loads((HERE / "senses.toml").read_text(encoding="utf-8"))["entry"]
    return {
        entry["name"]: SenseProfile(
            entry["name"],
            entry["kind"],
            other=tuple(entry["other"]),
            support=tuple(entry.get("support", ())),
            against=tuple(entry.get("against", ())),
            spelling_is_word=entry.get("spelling_is_word", False),
        )
        for entry in entries
    }


PROFILES = _profiles()


def _sentences() -> Iterator[tuple[str, bool, str]]:
    for line in (HERE / "senses.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, meant, sentence = line.split("\t")
            yield name, meant == "yes", sentence


def decide(profile: SenseProfile, sentence: str, **fields: str) -> SenseVerdict:
    """Decide about the mention in brackets; other fields of the article may be given."""
    start, end = sentence.index("["), sentence.index("]") - 1
    text = sentence.replace("[", "").replace("]", "")
    letters = re.search(r"[ء-ي]*\Z", text[:start])
    clitics = letters[0] if letters and letters[0] in PROCLITICS else ""
    return decide_sense(profile, Context({**fields, "text": text}), "text", start, end, clitics=clitics)  # type: ignore[dict-item]


def test_nearly_all_of_several_hundred_sentences_are_decided_rightly() -> None:
    rows = list(_sentences())
    assert len(rows) >= 300
    wrong = [
        f"{name} {verdict.score:+.2f} {verdict.why} | {sentence}"
        for name, meant, sentence in rows
        if (verdict := decide(PROFILES[name], sentence)).counted is not meant
    ]
    print("\n".join(wrong))
    assert len(wrong) <= (1 - LEAST_RIGHT) * len(rows)


def test_the_sentences_hold_both_senses_of_many_names() -> None:
    rows = list(_sentences())
    both = {name for name, meant, _ in rows if meant} & {name for name, meant, _ in rows if not meant}
    assert len(both) >= 50


def test_a_firm_is_counted_because_of_the_words_that_say_so() -> None:
    verdict = decide(PROFILES["Amazon"], "ارتفعت أسهم [أمازون] بعد إعلان شركة الحوسبة السحابية نتائجها.")
    assert verdict.counted
    assert "أسهم" in verdict.because
    assert verdict.why.startswith("counted as the company because of ")
    assert "أسهم" in verdict.why


def test_a_person_is_refused_because_of_the_name_before() -> None:
    verdict = decide(PROFILES["Claude"], "قال جان [كلود] تريشيه إن أوروبا بخير.")
    assert not verdict.counted
    assert "جان" in verdict.because
    assert verdict.why.startswith("not counted: looks like a person's first name because of ")


@pytest.mark.parametrize(
    ("name", "sentence", "counted"),
    [
        ("Amazon", "تحدث الكاتب عن [أمازون].", True),
        ("Meta", "لا جديد من [ميتا].", True),
        ("Tesla", "هذا ما جرى مع [تسلا].", True),
        ("Claude", "وصل [كلود] أمس.", False),
        ("Kimi", "هذا [كيمي].", False),
        ("Ascend", "قال: we [ascend] now.", False),
    ],
)
def test_without_any_evidence_the_commoner_sense_in_technology_news_decides(
    name: str, sentence: str, counted: bool
) -> None:
    verdict = decide(PROFILES[name], sentence)
    assert verdict.counted is counted
    assert verdict.why


@pytest.mark.parametrize("clitic", ["", "و", "ف"])
def test_a_conjunction_before_the_name_changes_nothing(clitic: str) -> None:
    sentences = {
        True: f"وقعت شركات منها {clitic}[أمازون] عقودا للحوسبة.",
        False: f"غرقت قوارب في نهر {clitic}[أمازون].",
    }
    for counted, sentence in sentences.items():
        assert decide(PROFILES["Amazon"], sentence).counted is counted


@pytest.mark.parametrize("opened", ['"', "«", "“", "ـ", 'ـ"', "ـ «"])
def test_what_parts_a_proclitic_from_the_name_does_not_hide_the_cue_before_it(opened: str) -> None:
    text = f"أعلنت الشركة الأم ل{opened}كلود نتائجها"
    start = text.index("كلود")
    context = Context({"text": text})
    near = context.around("text", start, start + 4, "ل")
    assert [word.written for word in near.before] == ["الأم", "الشركة", "أعلنت"]


def test_a_title_in_apposition_means_a_person_but_not_with_a_preposition_between() -> None:
    profile = SenseProfile("Dell", "company", ("surname",))
    assert not decide(profile, "قال المهندس [ديل] إن الجسر آمن.").counted
    assert decide(profile, "قال المهندس ل[ديل] إن الجسر آمن.").counted


def test_a_word_of_grammar_keeps_a_title_from_the_name() -> None:
    profile = SenseProfile("Dell", "company", ("surname",))
    assert decide(profile, "يرى الوزير أن [ديل] ستستثمر.").counted


def test_a_comma_keeps_a_cue_from_the_name() -> None:
    profile = SenseProfile("Kirin", "chip", ("drink",))
    apart = decide(profile, "في الكأس بيرة، [كيرين] أقوى.")
    together = decide(profile, "في الكأس بيرة [كيرين] أقوى.")
    assert apart.score > together.score


def test_the_first_name_before_is_no_cue_when_it_only_begins_a_longer_word() -> None:
    assert not any(cue.group in PEOPLE for cue in read_word("ماركة").cues)
    assert any(cue.group in PEOPLE for cue in read_word("ومارك").cues)


def test_a_quantity_before_a_unit_is_no_firm_but_a_year_is_no_quantity() -> None:
    assert not decide(PROFILES["Micron"], "طبقة من 12 [ميكرون].").counted
    assert not decide(PROFILES["Micron"], "طبقة من ٠٫٥ [ميكرون].").counted
    assert decide(PROFILES["Micron"], "في 2024 [ميكرون] تتوسع.").counted


def test_a_version_after_a_model_speaks_for_it_and_an_amount_does_not() -> None:
    profile = PROFILES["Claude"]
    plain, version = decide(profile, "هذا [كلود] هنا."), decide(profile, "هذا [كلود] 3.5 هنا.")
    amount = decide(profile, "خسر [كلود] 3 ملايين.")
    assert version.score > plain.score
    assert "3" not in amount.because


def test_small_latin_letters_are_the_word_and_capitals_the_name() -> None:
    profile = PROFILES["Ascend"]
    assert not decide(profile, "كلمة [ascend] إنجليزية.").counted
    assert decide(profile, "وصلت [Ascend] إلى الأسواق.").counted
    assert decide(profile, "عبر موقع [ascend].com اليوم.").counted


def test_a_whole_foreign_name_in_latin_letters_is_a_person() -> None:
    assert not decide(PROFILES["Claude"], "معرض [Claude] Pissarro في باريس.").counted
    assert not decide(PROFILES["Claude"], "قال Jean-[Claude] إنه سعيد.").counted
    assert decide(PROFILES["Claude"], "أطلقت Anthropic أداة [Claude] Code.").counted


def test_the_name_in_brackets_in_the_other_script_speaks_for_it() -> None:
    profile = PROFILES["Kimi"]
    with_brackets = decide(profile, "وصل [كيمي] (Kimi) أمس.")
    assert with_brackets.score > decide(profile, "وصل [كيمي] أمس.").score
    assert "(Kimi)" in with_brackets.because


def test_the_rest_of_the_article_decides_where_the_sentence_is_silent() -> None:
    silent = "وصل [كلود] أمس."
    field = "نموذج لغوي جديد للذكاء الاصطناعي من OpenAI ينافس ChatGPT وروبوتات الدردشة بخوارزمية أسرع"
    assert not decide(PROFILES["Claude"], silent).counted
    assert decide(PROFILES["Claude"], silent, title=field).counted


def test_a_long_article_without_a_word_of_the_field_makes_a_name_less_likely() -> None:
    prose = "جلس الرجل قرب النافذة ينظر إلى المطر ويتذكر أيام القرية البعيدة وأهلها الطيبين. " * 8
    silent = "هذا ما قيل عن [أمازون]."
    assert decide(PROFILES["Amazon"], silent, summary=prose).score < decide(PROFILES["Amazon"], silent).score


def test_another_spelling_of_the_name_is_no_cue_for_it() -> None:
    profile = SenseProfile("Apple", "company", ("animal",))
    alone = decide(profile, "تفوقت هواوي على [آبل] في الصين.")
    twice = decide(profile, "تفوقت هواوي على [آبل] في الصين، ولحقت شاومي بأبل.")
    assert twice.counted
    assert "إبل" not in " ".join(twice.because)
    assert alone.counted


def test_names_that_speak_for_the_other_sense_do_not_speak_for_the_field() -> None:
    names = KnownNames([("سبيس إكس", "SpaceX"), ("إنفيديا", "Nvidia")])
    text = "تعتمد سبيس إكس على فالكون كثيرا."
    start = text.index("فالكون")
    context = Context({"text": text}, names)
    verdict = decide_sense(PROFILES["Falcon"], context, "text", start, start + 6, clitics="")
    assert not verdict.counted


def test_words_of_the_profile_weigh_in_with_clitics_and_without_hamza() -> None:
    profile = SenseProfile("Nova", "model", ("word",), support=("أمازون",), against=("مهرجان",))
    assert decide(profile, "جاء [نوفا] من امازون.").score > decide(profile, "جاء [نوفا] من مكان.").score
    assert not decide(profile, "فرقة في مهرجان [نوفا] وللمهرجان جمهور.").counted


def test_a_spelling_that_brings_its_cue_with_it_is_counted() -> None:
    profile = SenseProfile("Opera", "product", ("music",))
    assert decide(profile, "في مسرح القاهرة عرض [متصفح أوبرا] وأغنية.").counted


@pytest.mark.parametrize(
    ("written", "cue"),
    [
        ("والشركات", "شركة"),
        ("لشركتها", "شركة"),
        ("بالرقائق", "رقائق"),
        ("للأسهم", "أسهم"),
        ("الاسهم", "أسهم"),
    ],
)
def test_cues_are_found_with_clitics_endings_and_without_hamza(written: str, cue: str) -> None:
    assert cue in {found.shown for found in read_word(written).cues}


def test_a_verdict_is_the_same_each_time() -> None:
    sentence = "أطلقت مايكروسوفت وغوغل نماذج جديدة، ونافسهما [كلود] في البرمجة والذكاء الاصطناعي والرقائق."
    assert decide(PROFILES["Claude"], sentence) == decide(PROFILES["Claude"], sentence)


def test_a_feminine_verb_is_a_firms_but_also_a_womans() -> None:
    man = SenseProfile("Zain", "company", ("given_name",))
    woman = SenseProfile("Tamara", "company", ("given_name",))
    assert decide(man, "أبرمت [زين] اتفاقا.").score > decide(woman, "أبرمت [تمارا] اتفاقا.").score


def test_a_firm_with_a_first_name_is_likelier_than_a_model_with_one() -> None:
    firm, model = (
        SenseProfile("Temu", "company", ("given_name",)),
        SenseProfile("Kimi", "model", ("given_name",)),
    )
    assert decide(firm, "هذا [تيمو].").counted
    assert not decide(model, "هذا [كيمي].").counted


def test_a_name_outside_the_lexicon_that_is_an_ordinary_word_needs_evidence() -> None:
    profile = SenseProfile("Jahez", "company", spelling_is_word=True)
    assert not decide(profile, "كل شيء [جاهز] للحفل.").counted
    assert decide(profile, "ارتفعت أسهم [جاهز] بعد نتائج الشركة.").counted


def test_a_word_without_end_costs_no_more_than_a_long_text() -> None:
    assert max(len(word.folded) for word in Context({"text": "ا" * 100_000}).words) <= 40


def test_an_unknown_sense_in_a_profile_is_passed_over() -> None:
    verdict = decide(SenseProfile("X", "company", ("no such sense",)), "وصل [كلود].")
    assert verdict.counted


def test_every_sense_has_words_and_every_list_is_folded_apart() -> None:
    book = load_cues()
    used = {cue.group for cues in book.by_word.values() for cue in cues}
    assert used == {*TECH, *book.senses}
    assert all(sense.says and sense.prior >= 0 for sense in book.senses.values())


def test_a_cue_is_one_word_or_two() -> None:
    cues = [cue for found in load_cues().by_word.values() for cue in found]
    assert not [cue.shown for cue in cues if len(cue.shown.split()) > 2]


def test_no_first_name_or_title_is_a_word_of_grammar() -> None:
    book = load_cues()
    people = {
        word for word, cues in book.by_word.items() if any(cue.personal and not cue.further for cue in cues)
    }
    assert not people & book.function


def test_a_list_without_what_every_sense_needs_is_refused() -> None:
    with pytest.raises(KeyError):
        parse_cues('[tech.company]\n[people]\n[grammar]\n[sense.wind]\nbefore = ["رياح"]')


def test_the_clear_names_of_the_lexicon_are_found_in_both_scripts() -> None:
    words = [read_word(word) for word in ["قالت", "إنفيديا", "وNvidia", "عن", "ديب", "سيك"]]
    assert {"Nvidia", "DeepSeek"} <= known_names().among(words)


@given(
    st.text(max_size=60),
    st.text(min_size=1, max_size=8),
    st.text(max_size=60),
    st.sampled_from(sorted(PROFILES)),
)
def test_any_text_gets_a_verdict(before: str, mention: str, after: str, name: str) -> None:
    context = Context({"title": after, "text": before + mention + after})
    verdict = decide_sense(
        PROFILES[name], context, "text", len(before), len(before) + len(mention), clitics="و"
    )
    assert verdict.counted is (verdict.score > 0)
    assert len(verdict.because) <= 3
