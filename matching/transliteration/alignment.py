"""Alignment: cut a Latin name and its Arabic spelling into the pieces that stand for each other.

Expectation maximisation over all ways of cutting a pair into units (a Latin piece of 1 to 4 letters, an Arabic
piece of 0 to 3), after Jiampojamarn et al., "Applying many-to-many alignments" (NAACL 2007). A prior on the
shape of a unit keeps pieces small: long pieces would learn names by heart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

Unit = tuple[str, str]
"""A Latin piece and the Arabic piece that stands for it."""

SHAPE_PRIOR: dict[tuple[int, int], float] = {
    (1, 1): 1.0,
    (1, 0): 0.3,
    (1, 2): 0.1,
    (1, 3): 0.002,
    (2, 1): 0.2,
    (2, 2): 0.01,
    (3, 1): 0.03,
    (3, 2): 0.005,
    (4, 1): 0.003,
    (4, 2): 0.002,
}
_SHAPES = tuple(SHAPE_PRIOR)


@dataclass(frozen=True, slots=True)
class Pair:
    """A Latin name, one folded Arabic spelling of it, and how much it counts."""

    latin: str
    arabic: str
    weight: float


class UnitModel:
    """Probabilities of units; `fit` learns them, `align` cuts a pair in its likeliest way."""

    def __init__(self) -> None:
        self._weights: dict[Unit, float] = {}

    def fit(self, pairs: Sequence[Pair], *, rounds: int) -> None:
        """Run rounds of expectation maximisation from what was learned before (at first, from the shapes)."""
        for _ in range(rounds):
            counts: dict[Unit, float] = defaultdict(float)
            for pair in pairs:
                self._expect(pair, counts)
            self._maximise(counts)

    def align(self, latin: str, arabic: str) -> tuple[tuple[Unit, ...], float] | None:
        """Return the likeliest units and the logarithm of their probability, or None if nothing fits."""
        best: dict[tuple[int, int], tuple[float, Unit | None]] = {(0, 0): (0.0, None)}
        for i in range(len(latin)):
            for j in range(len(arabic) + 1):
                reached = best.get((i, j))
                if reached is None:
                    continue
                for end, unit, weight in self._steps(latin, arabic, i, j):
                    score = reached[0] + log(weight)
                    if end not in best or best[end][0] < score:
                        best[end] = (score, unit)
        end = (len(latin), len(arabic))
        if end not in best:
            return None
        units: list[Unit] = []
        total, last = best[end]
        while last is not None:
            units.append(last)
            end = (end[0] - len(last[0]), end[1] - len(last[1]))
            last = best[end][1]
        return tuple(reversed(units)), total

    def _steps(
        self, latin: str, arabic: str, i: int, j: int
    ) -> Iterable[tuple[tuple[int, int], Unit, float]]:
        learned = self._weights
        for a, b in _SHAPES:
            if i + a <= len(latin) and j + b <= len(arabic):
                unit = (latin[i : i + a], arabic[j : j + b])
                weight = learned.get(unit, 0.0) if learned else SHAPE_PRIOR[a, b]
                if weight > 0:
                    yield (i + a, j + b), unit, weight

    def _expect(self, pair: Pair, counts: dict[Unit, float]) -> None:
        """Add the expected number of each unit in a pair (forward and backward sums over its cuts)."""
        n, m = len(pair.latin), len(pair.arabic)
        forward: dict[tuple[int, int], float] = defaultdict(float)
        forward[0, 0] = 1.0
        arcs: list[tuple[tuple[int, int], tuple[int, int], Unit, float]] = []
        for i in range(n):
            for j in range(m + 1):
                here = forward.get((i, j))
                if not here or (n - i) * 4 + 3 < m - j:
                    continue
                for end, unit, weight in self._steps(pair.latin, pair.arabic, i, j):
                    forward[end] += here * weight
                    arcs.append(((i, j), end, unit, weight))
        total = forward.get((n, m), 0.0)
        if not total:
            return
        backward: dict[tuple[int, int], float] = {(n, m): pair.weight / total}
        for start, end, unit, weight in reversed(arcs):
            after = backward.get(end)
            if after:
                mass = weight * after
                backward[start] = backward.get(start, 0.0) + mass
                counts[unit] += forward[start] * mass

    def _maximise(self, counts: dict[Unit, float]) -> None:
        total = sum(counts.values())
        self._weights = {
            unit: count / total * SHAPE_PRIOR[len(unit[0]), len(unit[1])]
            for unit, count in counts.items()
            if count > 0.3
        }
