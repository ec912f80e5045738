"""Real articles and labelled sentences, where the optional test data is there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from marsad.cli.match import match
from tests.matching.finding import hits

pytestmark = pytest.mark.testbed

MENTIONED_IN = {
    "Nvidia": {"001", "002", "003", "004"},
    "Huawei": {"000", "001", "002", "003", "004"},
    "H20": {"002", "004"},
    "DeepSeek": {"001", "002", "003"},
}
F1_FLOOR = 0.96
F1_FLOOR_UNAMBIGUOUS = 0.98


def test_the_five_articles_hold_exactly_the_fourteen_matches(testbed: Path) -> None:
    articles = sorted((testbed / "seeds").glob("*.txt"))
    seen = {
        (hit.term.name, path.name[:3])
        for path in articles
        for hit in hits(path.read_text(encoding="utf-8"), *MENTIONED_IN)
    }
    assert seen == {(name, article) for name, expected in MENTIONED_IN.items() for article in expected}
    assert len(seen) == 14


@pytest.mark.parametrize(("excluded", "floor"), [("", F1_FLOOR), ("ambiguous", F1_FLOOR_UNAMBIGUOUS)])
def test_bare_names_reach_the_floor_on_labelled_sentences(
    matching_gold: Path, tmp_path: Path, excluded: str, floor: float
) -> None:
    listed: dict[str, Any] = json.loads((matching_gold / "terms.json").read_text(encoding="utf-8"))
    terms, predicted = tmp_path / "terms.json", tmp_path / "pred.jsonl"
    terms.write_text(json.dumps([name for name, _ in listed["terms"]]), encoding="utf-8")
    gold = matching_gold / "gold_dev.jsonl"
    match(terms, gold, predicted)
    command = [sys.executable, str(matching_gold / "score.py"), str(gold), str(predicted), "--json"]
    command += ["--exclude-tags", excluded]
    scored = subprocess.run(command, check=True, capture_output=True, text=True)
    document = json.loads(scored.stdout)["doc"]
    print(f"documents: P {document['p']:.3f} R {document['r']:.3f} F1 {document['f1']:.3f}")
    assert document["f1"] >= floor
