"""`marsad match` and `marsad spellings` as filters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from marsad.cli.match import match, spellings
from marsad.errors import UsageError

APP = typer.Typer()
APP.command()(match)
APP.command()(spellings)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    terms, rows = tmp_path / "terms.json", tmp_path / "rows.jsonl"
    terms.write_text('["Huawei", "H20"]', encoding="utf-8")
    rows.write_text('{"id": "a", "text": "قالت لهواوي"}\n\n{"id": 2, "text": "لا شيء"}\n', encoding="utf-8")
    return terms, rows, tmp_path / "pred.jsonl"


def read(path: Path) -> list[object]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_row_gets_its_spans(files: tuple[Path, Path, Path]) -> None:
    match(*files)
    assert read(files[2]) == [{"id": "a", "spans": {"Huawei": [[6, 11]]}}, {"id": 2, "spans": {}}]


def test_terms_may_be_objects_and_may_repeat(files: tuple[Path, Path, Path]) -> None:
    listed = [
        {"name": "Huawei", "spellings": ["هاوي"]},
        {"name": "Huawei", "exclude": ["قالت لهواوي"]},
        "Huawei",
    ]
    files[0].write_text(json.dumps(listed), encoding="utf-8-sig")
    match(*files)
    assert read(files[2]) == [{"id": "a", "spans": {}}, {"id": 2, "spans": {}}]


def test_a_lone_surrogate_in_a_row_passes(files: tuple[Path, Path, Path]) -> None:
    files[1].write_text('{"id": "\\ud800", "text": "\\ud800 هواوي"}', encoding="utf-8")
    match(*files)
    assert read(files[2]) == [{"id": "\ud800", "spans": {"Huawei": [[2, 7]]}}]


@pytest.mark.parametrize(
    ("which", "content", "sentence"),
    [
        (0, b"[1]", "item 1: write a name"),
        (0, b"{}", "is not a JSON list"),
        (0, b'["Nvidia"\n,,]', "line 2: this is not JSON"),
        (0, b'["x"]', "a single letter"),
        (0, b'[{"name": "AI", "spellings": "x"}]', '"spellings" must be a list of strings'),
        (1, b'{"id": "1", "text": "x"}\n{"id":', "rows.jsonl, line 2: this is not JSON"),
        (1, b'{"id": "1"}', "line 1: each line must be an object"),
        (1, b"[]", "line 1: each line must be an object"),
        (1, b'{"id": "1", "text": "x"}\n\xff', "line 2: this is not UTF-8"),
    ],
)
def test_a_bad_file_is_one_sentence_and_leaves_the_old_output(
    files: tuple[Path, Path, Path], which: int, content: bytes, sentence: str
) -> None:
    files[2].write_text("as it was", encoding="utf-8")
    files[which].write_bytes(content)
    with pytest.raises(UsageError, match=sentence):
        match(*files)
    assert files[2].read_text(encoding="utf-8") == "as it was"
    assert sorted(path.name for path in files[2].parent.iterdir()) == [
        "pred.jsonl",
        "rows.jsonl",
        "terms.json",
    ]


def test_missing_files_are_named(files: tuple[Path, Path, Path]) -> None:
    terms, rows, output = files
    with pytest.raises(UsageError, match=r"cannot read .*none\.json"):
        match(terms.with_name("none.json"), rows, output)
    with pytest.raises(UsageError, match=r"cannot read .*none\.jsonl"):
        match(terms, rows.with_name("none.jsonl"), output)
    with pytest.raises(UsageError, match=r"cannot write .*nowhere"):
        match(terms, rows, output.parent / "nowhere" / "pred.jsonl")
    with pytest.raises(UsageError, match="one standard input"):
        match(Path("-"), Path("-"), output)


def test_a_dash_means_the_standard_streams(files: tuple[Path, Path, Path]) -> None:
    arguments = ["match", "--terms", str(files[0]), "--input", "-", "--output", "-"]
    result = CliRunner().invoke(APP, arguments, input=files[1].read_bytes())
    assert json.loads(result.stdout.splitlines()[0]) == {"id": "a", "spans": {"Huawei": [[6, 11]]}}


def test_spellings_are_listed_best_first() -> None:
    result = CliRunner().invoke(APP, ["spellings", "--top", "2"], input="Google\nH20\nFoobarium\n")
    google, code, unknown = result.stdout.splitlines()
    assert (google, code) == ("Google\tجوجل|غوغل", "H20\tإتش 20|إيتش 20")
    assert unknown.startswith("Foobarium\tفوباريوم|")


def test_the_lexicon_can_be_left_out() -> None:
    result = CliRunner().invoke(APP, ["spellings", "--no-lexicon"], input="Google\nIBM\n")
    google, acronym = result.stdout.splitlines()
    assert "جوجل" in google
    assert acronym.startswith("IBM\tآي بي إم")
