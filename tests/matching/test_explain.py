"""Why a text mentions a term or not, and an edit of the term that really changes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.types import Term
from matching.explain import Edit, apply_edit, explain, explain_expression
from matching.matcher import compile_matcher
from tests.matching.test_folding import WILD
from tests.matching.test_properties import PIECES


@pytest.mark.parametrize(
    ("text", "name", "rule"),
    [
        ("أعلنت هواوي عن معالج", "Huawei", "accepted"),
        ("وابل من الرصاص", "Apple", "ordinary"),
        ("قتل الإبل", "Apple", "hamza"),
        ("كان ميتًا", "Meta", "tanwin"),
        ("هواويون", "Huawei", "ends_inside"),
        ("قهواوي", "Huawei", "begins_inside"),
        ("شريحة H200", "H20", "ends_inside"),
        ("ديب، سيك", "DeepSeek", None),
        ("ديب\n\nسيك", "DeepSeek", "joints"),
        ("زار الدالاي لاما", "Llama", "excluded"),
        ("لا شيء هنا", "Huawei", None),
    ],
)
def test_the_rule_that_decided_is_told(text: str, name: str, rule: str | None) -> None:
    explanation = explain(text, Term(name))
    assert explanation.found is (rule == "accepted")
    assert rule in {finding.rule for finding in explanation.findings} | {None}
    for finding in explanation.findings:
        assert text[finding.start : finding.end] == finding.written
        assert finding.sentence


@pytest.mark.parametrize(
    ("text", "term", "edit"),
    [
        ("رقائق هواوبي الجديدة", Term("Huawei"), Edit("add_spelling", "هواوبي")),
        ("شركة هواوي", Term("Huawei", ("هاواي",)), Edit("add_spelling", "هواوي")),
        ("مؤتمر هواوي للألعاب", Term("Huawei", None, ("هواوي للألعاب",)), Edit("allow", "هواوي للألعاب")),
        ("قالت هواوي أمس", Term("Huawei"), Edit("exclude", "قالت هواوي")),
        ("عاش كلود في القرية", Term("Claude"), Edit("ignore_sense")),
    ],
)
def test_the_smallest_edit_is_offered(text: str, term: Term, edit: Edit) -> None:
    assert explain(text, term).edit == edit


def test_the_folded_form_and_the_proposals_are_shown() -> None:
    explanation = explain("إنڤيديا", Term("Nvidia"))
    assert explanation.folded == "انفيديا"
    assert {"Nvidia", "إنفيديا"} <= {proposal.spelling for proposal in explanation.spellings}


@given(
    st.one_of(PIECES, WILD),
    st.sampled_from([Term("Huawei"), Term("DeepSeek"), Term("Huawei", None, ("قال هواوي",)), Term("Claude")]),
)
def test_an_edit_that_is_offered_changes_the_outcome(text: str, term: Term) -> None:
    explanation = explain(text, term)
    found = bool(compile_matcher([term]).find(text))
    assert explanation.found is found
    assert any(finding.accepted for finding in explanation.findings) is found
    if explanation.edit is not None:
        assert bool(compile_matcher([apply_edit(term, explanation.edit)]).find(text)) is not found


def test_of_an_expression_every_name_is_explained() -> None:
    term = Term("watch", expression="Huawei AND NOT H20")
    explained = explain_expression("هواوي تكشف عن H20", term)
    assert not explained.found
    assert [(operand.name, explanation.found) for operand, explanation in explained.names] == [
        ("Huawei", True),
        ("H20", True),
    ]
