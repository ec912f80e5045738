"""What `make faults` found: kept as JSON, section by section, and written into docs/reliability.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.conftest import ROOT

RESULTS = ROOT / "tests" / "faults" / "results.json"
PAGE = ROOT / "docs" / "reliability.md"
BEGIN = "<!-- figures: written by make faults -->"
END = "<!-- end of the figures -->"


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One kind of fault in a run: how often, and the seconds after each."""

    fault: str
    recovered: tuple[float, ...]
    caught_up: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What one part came to; `facts` are sentences, `broken` names every promise that did not hold."""

    title: str
    facts: tuple[str, ...]
    broken: tuple[str, ...]
    lines: tuple[FaultLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The findings of one part, and when and in how many seconds they were made."""

    key: str
    measured_at: str
    seconds: float
    findings: Findings

    def as_text(self) -> str:
        """The section in Markdown; it reads well on a terminal too."""
        found = self.findings
        parts = [f"### {found.title}", "", *(f"- {fact}" for fact in found.facts)]
        parts += [f"- **Broken:** {sentence}" for sentence in found.broken] or ["- Broken promises: none."]
        parts.append(f"- Measured {self.measured_at}, in {self.seconds:.0f} s.")
        if found.lines:
            parts += ["", *_table(found.lines)]
        return "\n".join(parts)


def _table(lines: Sequence[FaultLine]) -> list[str]:
    rows = [
        "| fault | times | recovered after: median | maximum | caught up after: median | maximum |",
        "|---|---|---|---|---|---|",
    ]
    for line in lines:
        cells = [
            f"{how(numbers):.1f} s" for numbers in (line.recovered, line.caught_up) for how in (median, max)
        ]
        rows.append(f"| {line.fault} | {len(line.recovered)} | {' | '.join(cells)} |")
    return rows


def keep(section: Section, *, results: Path = RESULTS, page: Path = PAGE) -> None:
    """Put the section in the place of its last figures, in the JSON and on the page."""
    stored = _read(results)
    stored[section.key] = asdict(section)
    results.write_text(json.dumps(stored, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    page.write_text(fill(page.read_text(encoding="utf-8"), stored), encoding="utf-8")


def fill(page: str, stored: Mapping[str, Any]) -> str:
    """Replace what stands between the page's two marks by the stored sections."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has lost its marks {BEGIN} and {END}")
    text = "\n\n".join(_section(each).as_text() for each in stored.values())
    return f"{head}{BEGIN}\n{text}\n{END}{tail}"


def _read(results: Path) -> dict[str, Any]:
    if not results.exists():
        return {}
    stored: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    return stored


def _section(stored: Mapping[str, Any]) -> Section:
    found = stored["findings"]
    lines = tuple(
        FaultLine(line["fault"], tuple(line["recovered"]), tuple(line["caught_up"]))
        for line in found["lines"]
    )
    return Section(**{**stored, "findings": Findings(**{**found, "lines": lines})})
