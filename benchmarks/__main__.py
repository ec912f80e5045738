"""`make bench`: measure marsad beside its peers, print a table, keep the figures as JSON."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import matching, polling, quality, workers
from benchmarks.labelled import TEST_DATA
from benchmarks.report import Row, as_document, table, write_json

RESULTS = Path(__file__).resolve().parent / "results"
PARTS = ("matching", "polling", "workers")


def main() -> None:
    chosen = _arguments()
    rows: list[Row] = []
    if "matching" in chosen.only:
        rows += matching.run(sizes=chosen.spellings, articles=chosen.articles, runs=chosen.runs)
        rows += quality.run(test_data=chosen.test_data)
    if "polling" in chosen.only:
        rows += polling.run(feeds=chosen.feeds, runs=chosen.runs)
    if "workers" in chosen.only:
        rows += workers.run(
            workers=chosen.workers, feeds=chosen.feeds, alerts=chosen.alerts, runs=chosen.runs
        )
    now = datetime.now(UTC)
    print(table(rows))
    print(f"\n{write_json(as_document(rows, now=now, runs=chosen.runs), chosen.results, now=now)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="a part of it; may be repeated")
    parser.add_argument(
        "--spellings", type=int, nargs="+", default=[100, 10_000, 1_000_000], help="spellings looked for"
    )
    parser.add_argument("--articles", type=int, default=200, help="articles that a matcher reads in a run")
    parser.add_argument("--test-data", type=Path, default=TEST_DATA, help="folder of labelled sentences")
    parser.add_argument("--feeds", type=int, default=200, help="feeds in a poll, each on its own host")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="processes on PostgreSQL")
    parser.add_argument("--alerts", type=int, default=400, help="webhooks that the workers send")
    parser.add_argument("--runs", type=int, default=3, help="runs of each tool, in turns")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON")
    chosen = parser.parse_args()
    chosen.only = chosen.only or PARTS
    if not 1 <= chosen.feeds <= polling.MOST_FEEDS:
        parser.error(f"--feeds goes from 1 to {polling.MOST_FEEDS}")
    if min(chosen.spellings) < 1 or max(chosen.spellings) > matching.MOST:
        parser.error(f"--spellings go from 1 to {matching.MOST}")
    return chosen


if __name__ == "__main__":
    main()
