"""Back-off tables: what unit comes next in a context, by interpolated absolute discounting (Kneser–Ney).

A unit (a Latin and an Arabic piece) is one character of an alphabet, so that a context is a string and a
table is a mapping of strings to strings; a row is parsed when it is first looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log

Row = tuple[dict[str, float], float]
"""Discounted probabilities of the units seen in a context, and the mass left to the shorter context."""

Event = tuple[Sequence[str], str]
"""A unit after a chain of nested contexts, the most general first."""

_ZERO = 0x30  # counts are written as characters from here on; the row of a context never holds a line break
_LARGEST_COUNT = 0xD000
_UNSEEN = 1e-6


class BackoffTable:
    """Probabilities of units along a chain of contexts, the most general first."""

    def __init__(self, rows: Mapping[str, str], discounts: Sequence[float]) -> None:
        self.rows = rows
        self.discounts = discounts
        self._parsed: dict[str, Row | None] = {}

    def probabilities(self, contexts: Iterable[str], units: Sequence[str]) -> dict[str, float]:
        """Return the probability of each of `units` after the longest of the nested contexts that are known."""
        result = dict.fromkeys(units, _UNSEEN)
        for level, context in enumerate(contexts):
            row = self._row(level, context)
            if row is not None:
                seen, rest = row
                for unit in units:
                    result[unit] = result[unit] * rest + seen.get(unit, 0.0)
        return result

    def _row(self, level: int, context: str) -> Row | None:
        try:
            return self._parsed[context]
        except KeyError:
            text = self.rows.get(context)
            row = None if text is None else parse_row(text, self.discounts[level])
            self._parsed[context] = row
            return row


def parse_row(text: str, discount: float) -> Row:
    """Read a row: units and counts in turn."""
    counts = [ord(character) - _ZERO for character in text[1::2]]
    total = sum(counts)
    seen = {unit: (count - discount) / total for unit, count in zip(text[::2], counts, strict=True)}
    return seen, discount * len(counts) / total


def format_row(counts: Mapping[str, int]) -> str:
    """Write a row, the most frequent unit first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "".join(unit + chr(_ZERO + min(count, _LARGEST_COUNT)) for unit, count in ordered)


def learn_table(events: Iterable[Event], *, levels: int, gain: float) -> BackoffTable:
    """Count units per context as Kneser and Ney do: below the longest context, in how many longer ones.

    A row that changes the logarithms of its units' probabilities by less than `gain` in all is left out.
    """
    counted: list[dict[str, Counter[str]]] = [defaultdict(Counter) for _ in range(levels)]
    chains: dict[str, Sequence[str]] = {}
    for contexts, unit in events:
        for level in range(len(contexts) - 1, -1, -1):
            row = counted[level][contexts[level]]
            is_new = unit not in row
            row[unit] += 1
            chains.setdefault(contexts[level], contexts)
            if not is_new:
                break
    table = BackoffTable({}, tuple(_discount(rows.values()) for rows in counted))
    for level, rows in enumerate(counted):
        kept = {
            context: row
            for context, row in sorted(rows.items())
            if level == 0 or _gain(table, chains[context][:level], row, level) >= gain
        }
        table = BackoffTable(
            {**table.rows, **{context: format_row(row) for context, row in kept.items()}}, table.discounts
        )
    return table


def _discount(rows: Iterable[Counter[str]]) -> float:
    frequencies = Counter(count for row in rows for count in row.values())
    once, twice = frequencies[1], frequencies[2]
    return once / (once + 2 * twice) if once else 0.5


def _gain(table: BackoffTable, shorter: Sequence[str], row: Counter[str], level: int) -> float:
    units = list(row)
    before = table.probabilities(shorter, units)
    seen, rest = parse_row(format_row(row), table.discounts[level])
    return sum(
        count * abs(log((before[unit] * rest + seen[unit]) / before[unit])) for unit, count in row.items()
    )
