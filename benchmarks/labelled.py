"""Texts with their mentions labelled, and how well a tool's answers agree with them.

The rows of our own are the demo's invented news. Others are read from an optional checkout of test data beside the
project, which brings the programs that score them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers import Place, Spellings
from demo.newsroom import load_news
from tests.demo.gold import MENTIONS, TERMS

TEST_DATA = Path(__file__).resolve().parents[2] / "shared" / "matching"
AMBIGUOUS = "ambiguous"
"""The tag of rows that no rule on letters can decide."""

_IN_ARABIC = {
    "Nvidia": "إنفيديا",
    "Huawei": "هواوي",
    "DeepSeek": "ديب سيك",
    "Apple": "آبل",
    "AMD": "إيه إم دي",
    "TSMC": "تي إس إم سي",
    "Qualcomm": "كوالكوم",
}

Answer = Sequence[Place] | frozenset[str]
"""What a tool found in a text: places, or of some tools only the names."""


@dataclass(frozen=True, slots=True)
class Score:
    """Agreement by document (which names a text mentions) and, where known, by span."""

    precision: float
    recall: float
    f1: float
    silent_rows: int
    """Rows that mention nothing."""
    false_rows: int
    """Of these, those in which something was found."""
    span_f1: float | None = None


class OwnRows:
    """The demo's news as written first, and which of nine names each of them mentions."""

    def __init__(self) -> None:
        self.texts = {
            item.slug: f"{item.title}\n\n{item.summary}\n\n{item.body}"
            for house in load_news()
            for item in house.items
        }
        self.names: dict[str, str | None] = {name: _IN_ARABIC.get(name) for name in TERMS}

    def score(self, found: Mapping[str, Answer]) -> Score:
        """Compare the names that were found in each text with those it mentions."""
        right = wrong = missed = false_rows = 0
        for row, mentioned in MENTIONS.items():
            answered = _names(found[row])
            right += len(answered & mentioned)
            wrong += len(answered - mentioned)
            missed += len(mentioned - answered)
            false_rows += bool(answered and not mentioned)
        return Score(
            precision=right / max(1, right + wrong),
            recall=right / max(1, right + missed),
            f1=2 * right / max(1, 2 * right + wrong + missed),
            silent_rows=sum(not mentioned for mentioned in MENTIONS.values()),
            false_rows=false_rows,
        )


class TestData:
    """The labelled sentences of the optional test data; `names` has one Arabic spelling for most of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._gold = folder / "gold_dev.jsonl"
        lines = self._gold.read_text(encoding="utf-8").splitlines()
        self.texts: dict[str, str] = {row["id"]: row["text"] for row in map(json.loads, filter(None, lines))}
        listed = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        self.names: dict[str, str | None] = dict(listed["terms"])

    def score(self, found: Mapping[str, Answer], *, without: str = "") -> Score:
        """Have score.py compare the answers, without the rows that carry a tag."""
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".jsonl") as predicted:
            for row, answer in found.items():
                predicted.write(json.dumps({"id": row} | _predicted(answer)) + "\n")
            predicted.flush()
            printed = self._ask("score.py", self._gold, predicted.name, "--json", "--exclude-tags", without)
        told: dict[str, Any] = json.loads(printed)
        by_span = not any(isinstance(answer, frozenset) for answer in found.values())
        return Score(
            precision=told["doc"]["p"],
            recall=told["doc"]["r"],
            f1=told["doc"]["f1"],
            silent_rows=told["negative_rows"],
            false_rows=told["negative_rows_alerted"],
            span_f1=told["span"]["f1"] if by_span else None,
        )

    def transliterated_names(self, subset: str) -> list[str]:
        """The Latin names of a subset, whose Arabic spellings in use are known."""
        lines = (self._folder / "translit_dev.tsv").read_text(encoding="utf-8").splitlines()
        rows = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
        return [row[0] for row in rows if row[2] == subset]

    def score_spellings(self, proposed: str, subset: str) -> str:
        """Have score_translit.py compare the lines of `marsad spellings`; returns the line that it prints."""
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".tsv") as predicted:
            predicted.write(proposed)
            predicted.flush()
            gold = self._folder / "translit_dev.tsv"
            printed = self._ask("score_translit.py", gold, predicted.name, "--subset", subset)
        (line,) = [line for line in printed.splitlines() if line.startswith(f"{subset} ")]
        return line

    def _ask(self, program: str, *arguments: str | Path) -> str:
        command = [sys.executable, self._folder / program, *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def spellings_of(names: Mapping[str, str | None], *, arabic: bool) -> Spellings:
    """Return what a tool is given: the names, each with its one Arabic spelling or alone."""
    return {name: (given,) if arabic and given else () for name, given in names.items()}


def _names(answer: Answer) -> frozenset[str]:
    return answer if isinstance(answer, frozenset) else frozenset(name for name, _, _ in answer)


def _predicted(answer: Answer) -> dict[str, object]:
    if isinstance(answer, frozenset):
        return {"terms": sorted(answer)}
    spans: dict[str, list[tuple[int, int]]] = {}
    for name, start, end in answer:
        spans.setdefault(name, []).append((start, end))
    return {"spans": spans}
