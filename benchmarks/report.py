"""What a benchmark hands back, and how it is shown: one row for each comparison, one result for each tool."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from types import TracebackType
from typing import Any, Self

OURS = "marsad"
PACKAGES = (
    "marsad",
    "Scrapy",
    "feedparser",
    "SQLAlchemy",
    "ahocorasick_rs",
    "wordfreq",
    "reader",
    "flashtext",
    "pyahocorasick",
)


class Meter:
    """Measures what stands inside `with`: CPU seconds (user and system, all threads) and wall seconds."""

    cpu_seconds = 0.0
    wall_seconds = 0.0

    def __enter__(self) -> Self:
        self._cpu, self._wall = _cpu_seconds(), time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cpu_seconds = _cpu_seconds() - self._cpu
        self.wall_seconds = time.perf_counter() - self._wall

    @property
    def sample(self) -> Sample:
        return Sample(self.cpu_seconds, self.wall_seconds)


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one tool."""

    cpu_seconds: float
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """One tool's figures: `value` in the row's unit, medians over the runs, CPU seconds of each run."""

    value: float
    cpu_seconds: float
    wall_seconds: float
    cpu_runs: tuple[float, ...]
    peak_rss_mb: float | None = None
    counts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison; `tools` holds marsad's result and each peer's."""

    name: str
    what: str
    unit: str
    tools: dict[str, Result]

    @property
    def ratio(self) -> dict[str, float]:
        """Marsad's value over each peer's: under 1 marsad is cheaper."""
        ours = self.tools[OURS].value
        return {tool: _short(ours / peer.value) for tool, peer in self.tools.items() if tool != OURS}


@dataclass(frozen=True, slots=True)
class Scaling(Row):
    """The same work by more and more processes of marsad; values are rates, the first result is the base."""

    @property
    def ratio(self) -> dict[str, float]:
        """Each rate over the first one: over 1 it is faster."""
        (_, base), *others = self.tools.items()
        return {tool: _short(result.value / base.value) for tool, result in others}


@dataclass(frozen=True, slots=True)
class Quality(Row):
    """How well the same work was done; values are shares of what was to be found, CPU is of one run."""

    @property
    def ratio(self) -> dict[str, float]:
        """Marsad's value over each peer's: over 1 marsad is better."""
        ours = self.tools[OURS].value
        return {
            tool: _short(ours / peer.value)
            for tool, peer in self.tools.items()
            if tool != OURS and peer.value
        }


def summarise_rate(samples: Sequence[Sample], *, count: int) -> Result:
    """Take the medians; the value is `count` over wall seconds."""
    wall = median(sample.wall_seconds for sample in samples)
    return Result(
        value=_short(count / wall),
        cpu_seconds=_short(median(sample.cpu_seconds for sample in samples)),
        wall_seconds=_short(wall),
        cpu_runs=tuple(_short(sample.cpu_seconds) for sample in samples),
    )


def summarise(
    samples: Sequence[Sample],
    *,
    per: int,
    scale: float,
    peak_rss_mb: float | None = None,
    counts: Mapping[str, float] | None = None,
) -> Result:
    """Take the medians; the value is CPU seconds · `scale` / `per`."""
    cpu = median(sample.cpu_seconds for sample in samples)
    return Result(
        value=_short(cpu * scale / per),
        cpu_seconds=_short(cpu),
        wall_seconds=_short(median(sample.wall_seconds for sample in samples)),
        cpu_runs=tuple(_short(sample.cpu_seconds) for sample in samples),
        peak_rss_mb=peak_rss_mb,
        counts=counts or {},
    )


def as_document(rows: Iterable[Row], *, now: datetime, runs: int) -> dict[str, Any]:
    """Everything that was measured, and on what, as one JSON object."""
    return {
        "measured_at": now.isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
        },
        "versions": {package: version(package) for package in PACKAGES},
        "runs": runs,
        "rows": [asdict(row) | {"ratio": row.ratio} for row in rows],
    }


def write_json(document: dict[str, Any], folder: Path, *, now: datetime) -> Path:
    """Write the document as `<time in UTC>.json` into the folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{now:%Y%m%dT%H%M%SZ}.json"
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return file


def table(rows: Iterable[Row]) -> str:
    """The rows for a terminal; the ratio is marsad's value over the tool's, or a rate over the first one."""
    lines = [("benchmark", "what", "tool", "value", "unit", "ratio", "CPU s", "wall s", "RSS MB", "counts")]
    for row in rows:
        for tool, result in row.tools.items():
            lines.append(
                (
                    row.name,
                    row.what,
                    tool,
                    f"{result.value:g}",
                    row.unit,
                    f"{row.ratio[tool]:g}" if tool in row.ratio else "",
                    f"{result.cpu_seconds:g}",
                    f"{result.wall_seconds:g}",
                    "" if result.peak_rss_mb is None else f"{result.peak_rss_mb:.0f}",
                    ", ".join(f"{count:g} {name}" for name, count in result.counts.items()),
                )
            )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cpu_seconds() -> float:
    usage = getrusage(RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _short(number: float) -> float:
    return float(f"{number:.3g}")
