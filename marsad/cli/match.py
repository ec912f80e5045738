"""`marsad match` and `marsad spellings`: the matcher as a filter, without a database."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from marsad.errors import UsageError
from marsad.types import Term

if TYPE_CHECKING:
    from matching.matcher import Matcher

_STREAM = Path("-")


def match(
    terms: Annotated[
        Path,
        typer.Option(help="JSON list of names, or of objects with name, spellings, exclude; - for stdin."),
    ],
    input: Annotated[Path, typer.Option(help="JSON lines with id and text; - for stdin.")],  # noqa: A002
    output: Annotated[Path, typer.Option(help="JSON lines with id and spans; - for stdout.")],
) -> None:
    """Find names in texts, with no database and no network.

    Each line out is {"id", "spans": {NAME: [[start, end], …]}}: code points of the text, end exclusive,
    without proclitics, article or quotation marks.
    """
    if terms == input == _STREAM:
        raise UsageError(
            "--terms and --input cannot both be -: there is one standard input; put one in a file"
        )
    from matching.matcher import compile_matcher

    matcher = compile_matcher(_read_terms(terms))
    with _writing(output) as out:
        for number, line in _lines(input):
            row = _json(line, input, number)
            row_id, text = _row(row, input, number)
            record = {"id": row_id, "spans": _spans(matcher, text)}
            # A lone surrogate becomes the escape that JSON has for it.
            out.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")


def spellings(
    top: Annotated[int, typer.Option(min=1, help="How many candidates a name gets at most.")] = 20,
    no_lexicon: Annotated[
        bool, typer.Option("--no-lexicon", help="Only what rules and the sound propose.")
    ] = False,
) -> None:
    """Propose Arabic spellings for the names on standard input, one name a line.

    Each line out is NAME, a tab, and the candidates joined by |, best first. A name for which nothing is
    proposed gets none.
    """
    from matching.proposals import arabic_spellings

    for _, line in _lines(_STREAM):
        name = line.strip()
        candidates = arabic_spellings(name, use_lexicon=not no_lexicon)[:top]
        sys.stdout.buffer.write(f"{name}\t{'|'.join(candidates)}\n".encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def _spans(matcher: Matcher, text: str) -> dict[str, list[tuple[int, int]]]:
    spans: dict[str, list[tuple[int, int]]] = {}
    for hit in matcher.find(text):
        spans.setdefault(hit.term.name, []).append((hit.start, hit.end))
    return spans


# ---------------------------------------------------------------- terms


def _read_terms(path: Path) -> list[Term]:
    source = "\n".join(line for _, line in _lines(path, skip_blank=False))
    listed = _json(source, path, None)
    if not isinstance(listed, list):
        raise UsageError(f'{_name(path)} is not a JSON list: write ["Nvidia", "Huawei"]')
    return _merged(_term(item, path, number) for number, item in enumerate(listed, start=1))


def _term(item: object, path: Path, number: int) -> Term:
    if isinstance(item, str):
        return Term(item)
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise UsageError(
            f'{_name(path)}, item {number}: write a name, or an object such as {{"name": "Nvidia"}}'
        )
    given = item.get("spellings")
    return Term(
        item["name"],
        None if given is None else _strings(given, "spellings", path, number),
        _strings(item.get("exclude") or [], "exclude", path, number),
    )


def _strings(value: object, key: str, path: Path, number: int) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f'{_name(path)}, item {number}: "{key}" must be a list of strings')
    return tuple(value)


def _merged(terms: Iterable[Term]) -> list[Term]:
    """Make one term of those with the same name: all their spellings, all their excluded phrases."""
    merged: dict[str, Term] = {}
    for term in terms:
        known = merged.get(term.name)
        if known is None:
            merged[term.name] = term
            continue
        # A bare name is looked for in every known form; that includes whatever the other one lists.
        both = (known.spellings, term.spellings)
        given = None if None in both else tuple(dict.fromkeys((*(both[0] or ()), *(both[1] or ()))))
        merged[term.name] = Term(term.name, given, tuple(dict.fromkeys((*known.exclude, *term.exclude))))
    return list(merged.values())


# ---------------------------------------------------------------- files


def _row(row: object, path: Path, number: int) -> tuple[str | int, str]:
    if isinstance(row, dict):
        row_id, text = row.get("id"), row.get("text")
        if isinstance(row_id, str | int) and isinstance(text, str):
            return row_id, text
    raise UsageError(
        f'{_name(path)}, line {number}: each line must be an object such as {{"id": "1", "text": "…"}}'
    )


def _json(source: str, path: Path, number: int | None) -> Any:
    try:
        return json.loads(source)
    except (ValueError, RecursionError) as exc:
        line = number or getattr(exc, "lineno", 1)
        reason = getattr(exc, "msg", None) or str(exc)
        raise UsageError(f"{_name(path)}, line {line}: this is not JSON ({reason}); mend the line") from exc


def _lines(path: Path, *, skip_blank: bool = True) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 file, numbered from 1, without their ends and without a BOM."""
    try:
        with nullcontext(sys.stdin.buffer) if path == _STREAM else path.open("rb") as stream:
            for number, raw in enumerate(stream, start=1):
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                if line.strip() or not skip_blank:
                    yield number, line
    except UnicodeDecodeError as exc:
        raise UsageError(f"{_name(path)}, line {number}: this is not UTF-8; save the file as UTF-8") from exc
    except OSError as exc:
        raise UsageError(f"cannot read {path}: {exc.strerror}; check the name") from exc


@contextmanager
def _writing(path: Path) -> Iterator[BinaryIO]:
    """Open the output so that it appears whole or not at all: a file beside it takes its place at the end."""
    if path == _STREAM:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as device:
                yield device
            return
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with part.open("wb") as stream:
                yield stream
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as exc:
        raise UsageError(f"cannot write {path}: {exc.strerror}; check the folder and its rights") from exc


def _name(path: Path) -> str:
    return "standard input" if path == _STREAM else str(path)
