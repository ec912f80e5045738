"""The speed of matching, beside other ways to look for many names in Arabic articles.

Every tool gets the same spellings and texts, made up in benchmarks.articles; the tools take turns in one process,
and the median CPU time of each counts. Every run reads articles that nobody has read before; a first one, which
fills what caches there are, does not count. `found` beside `expected` shows what speed alone does not. What it
takes to make each tool is measured in a process of its own.
"""

from __future__ import annotations

import gc
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import peers
from benchmarks.articles import KINDS, Kind, Newsroom, make_terms
from benchmarks.report import OURS, Meter, Result, Row, Sample, summarise

_SLOW = 20
"""A slow tool reads a twentieth of the articles."""
MOST = 1_000_000
"""Spellings; more was not tried."""
_REPEATED = 100_000
"""Up to so many spellings a tool is made in each run; above, once."""
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Tool:
    """A way to look for names; not measured with more spellings than `most`."""

    make: Callable[[peers.Spellings], peers.Find]
    most: int = MOST
    slow: bool = False

    def reads(self, articles: int) -> int:
        """Return how many of so many articles it reads."""
        return max(1, articles // _SLOW) if self.slow else articles


REFERENCE = "translate + pyahocorasick"
TOOLS: Mapping[str, Tool] = {
    OURS: Tool(peers.marsad),
    REFERENCE: Tool(peers.reference),
    "bare automaton": Tool(peers.bare_automaton),
    "FlashText": Tool(peers.flashtext),
    "casefold substring": Tool(peers.substring, most=10_000, slow=True),
    r"re \b": Tool(peers.regex, most=10_000, slow=True),
}


def run(*, sizes: Sequence[int], articles: int, runs: int) -> Iterator[Row]:
    """Yield, for each number of spellings, the set-up and each kind of text; then what more spellings cost.

    `articles` are read by a tool in one run.
    """
    found: dict[str, list[Row]] = {}
    for size in sizes:
        yield _set_up(size, runs)
        for kind, row in _search(size, articles, runs):
            found.setdefault(kind, []).append(row)
            yield row
    if len(sizes) > 1:
        for kind, rows in found.items():
            yield _growth(kind, sizes, rows)


def _tools(size: int) -> dict[str, Tool]:
    return {name: tool for name, tool in TOOLS.items() if size <= tool.most}


def _terms(size: int) -> dict[str, tuple[str, ...]]:
    return make_terms(random.Random(size), size)


# ---------------------------------------------------------------- set-up and memory


def _set_up(size: int, runs: int) -> Row:
    reports: dict[str, list[dict[str, float]]] = {tool: [] for tool in _tools(size)}
    for _ in range(runs if size <= _REPEATED else 1):
        for tool, taken in reports.items():
            taken.append(_set_up_apart(tool, size))
    results = {}
    for tool, taken in reports.items():
        memory = {key: round(median(report[key] for report in taken)) for key in ("MB before", "MB after")}
        results[tool] = summarise(
            [Sample(report["cpu_seconds"], report["wall_seconds"]) for report in taken],
            per=size,
            scale=1e6,
            peak_rss_mb=median(report["peak_rss_mb"] for report in taken),
            counts=memory,
        )
    return Row("matching", f"{size} spellings, set-up", "µs CPU/spelling", results)


def _set_up_apart(tool: str, size: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.matching", tool, str(size)],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    report: dict[str, float] = json.loads(done.stdout)
    return report


def measure_set_up(tool: str, size: int) -> dict[str, float]:
    """Make one tool in this process; `MB before` counts the interpreter, the packages and the spellings."""
    TOOLS[tool].make(_terms(40))  # loads what the package loads at first use
    terms = _terms(size)
    gc.collect()
    before = resident_mb("VmRSS")
    with Meter() as meter:
        find = TOOLS[tool].make(terms)
    find("")
    gc.collect()
    return {
        "cpu_seconds": meter.cpu_seconds,
        "wall_seconds": meter.wall_seconds,
        "MB before": before,
        "MB after": resident_mb("VmRSS"),
        "peak_rss_mb": resident_mb("VmHWM"),
    }


def resident_mb(kind: str) -> float:
    """Return this process's resident memory now (VmRSS) or at its peak (VmHWM)."""
    status = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    )
    return int(status[kind].split()[0]) / 1024


# ---------------------------------------------------------------- speed


def _search(size: int, articles: int, runs: int) -> Iterator[tuple[str, Row]]:
    terms = _terms(size)
    newsroom = Newsroom(random.Random(f"{size} articles"), terms)
    tools = _tools(size)
    finds = {name: tool.make(terms) for name, tool in tools.items()}
    # The collector must not walk one tool's million objects in another one's time.
    gc.collect()
    gc.freeze()
    try:
        for kind in KINDS:
            yield (
                kind.name,
                _search_kind(f"{size} spellings, {kind.name}", finds, newsroom, kind, articles, runs),
            )
    finally:
        gc.unfreeze()


def _search_kind(
    what: str, finds: Mapping[str, peers.Find], newsroom: Newsroom, kind: Kind, articles: int, runs: int
) -> Row:
    samples: dict[str, list[Sample]] = {tool: [] for tool in finds}
    found = dict.fromkeys(finds, 0)
    for run in range(runs + 1):
        written = [newsroom.write(kind) for _ in range(articles)]
        for tool, find in finds.items():
            read = written[: TOOLS[tool].reads(articles)]
            with Meter() as meter:
                found[tool] = sum(len(find(article)) for article in read)
            if run:  # the first one fills what caches there are
                samples[tool].append(meter.sample)
    results = {
        tool: summarise(
            samples[tool],
            per=TOOLS[tool].reads(articles),
            scale=1e6,
            counts={"found": found[tool], "expected": TOOLS[tool].reads(articles) * kind.mentions},
        )
        for tool in finds
    }
    return Row("matching", what, "µs CPU/article", results)


def _growth(kind: str, sizes: Sequence[int], rows: Sequence[Row]) -> Row:
    """Say how many times the time of the size before the last one the last one takes, per tool that did both."""
    before, after = rows[-2].tools, rows[-1].tools
    results = {
        tool: Result(
            value=round(result.value / before[tool].value, 2),
            cpu_seconds=result.cpu_seconds,
            wall_seconds=result.wall_seconds,
            cpu_runs=result.cpu_runs,
        )
        for tool, result in after.items()
    }
    return Row("matching", f"{sizes[-1]} spellings beside {sizes[-2]}, {kind}", "times as long", results)


if __name__ == "__main__":
    print(json.dumps(measure_set_up(sys.argv[1], int(sys.argv[2]))))
