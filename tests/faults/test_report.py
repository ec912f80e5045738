"""The figures of a part replace its last ones; everything else on the page stays."""

from __future__ import annotations

from pathlib import Path

from tests.faults.report import BEGIN, END, PAGE, FaultLine, Findings, Section, keep


def section(key: str, fact: str, *broken: str) -> Section:
    lines = (FaultLine("kill -9", (1.0, 3.0, 2.0), (4.0, 4.0, 9.5)),)
    return Section(key, "2026-11-22 10:00 UTC", 60, Findings(key.title(), (fact,), broken, lines))


def test_each_part_keeps_its_last_figures(tmp_path: Path) -> None:
    results, page = tmp_path / "results.json", tmp_path / "page.md"
    page.write_text(f"# Words\n\n{BEGIN}\nNot measured yet.\n{END}\n\nMore words.\n", encoding="utf-8")
    for each in (
        section("first", "0 lost."),
        section("second", "0 lost."),
        section("first", "1 lost.", "1 lost"),
    ):
        keep(each, results=results, page=page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Words\n\n{BEGIN}\n### First\n")
    assert text.endswith(f"{END}\n\nMore words.\n")
    assert "Not measured yet" not in text
    first, second = text.split("### Second")
    assert "- 1 lost.\n- **Broken:** 1 lost\n" in first
    assert "- 0 lost.\n- Broken promises: none.\n" in second
    assert first.count("| kill -9 | 3 | 2.0 s | 3.0 s | 4.0 s | 9.5 s |") == 1


def test_the_page_has_its_marks() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
