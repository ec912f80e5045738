"""`make bench`: measure marsad beside its peers, print a table, keep the figures as JSON."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import matching, polling, workers
from benchmarks.report import as_document, table, write_json

RESULTS = Path(__file__).resolve().parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--feeds", type=int, default=200, help="feeds in a poll, each on its own host")
    parser.add_argument("--names", type=int, nargs="+", default=[100, 10_000], help="watched names")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="processes on PostgreSQL")
    parser.add_argument("--alerts", type=int, default=400, help="webhooks that the workers send")
    parser.add_argument("--runs", type=int, default=3, help="runs of each tool, in turns")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON")
    chosen = parser.parse_args()
    if not 1 <= chosen.feeds <= polling.MOST_FEEDS:
        parser.error(f"--feeds goes from 1 to {polling.MOST_FEEDS}")
    rows = [
        *matching.run(sizes=chosen.names, runs=chosen.runs),
        *polling.run(feeds=chosen.feeds, runs=chosen.runs),
        *workers.run(workers=chosen.workers, feeds=chosen.feeds, alerts=chosen.alerts, runs=chosen.runs),
    ]
    now = datetime.now(UTC)
    print(table(rows))
    print(f"\n{write_json(as_document(rows, now=now, runs=chosen.runs), chosen.results, now=now)}")


if __name__ == "__main__":
    main()
