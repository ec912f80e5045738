"""The transliteration model: ranked Arabic spellings of one Latin word, by a beam search over units.

Three back-off tables say what unit (a Latin and an Arabic piece) comes next: `joint` from the units before it,
`letters` from the Latin letters around, `mixed` from both. Their logarithms are added with weights. Letters are
folded (without hamza) here; `matching.transliteration.hamza` writes it again.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from math import exp, log

from matching.transliteration.ngram import BackoffTable

MODEL_FILE = "model.bin"
START, END = "<", ">"
JOINT_LEVELS, LETTERS_LEVELS, MIXED_LEVELS = 6, 8, 7

_PAD = 4
_FIRST_UNIT = 0x100
_LONGEST_PIECE = 4
_BEAM = 24
_UNITS_TRIED = 16
_HOPELESS = 5.5
_UNKNOWN_LETTER = -5.0
_WEIGHTS = {"joint": 0.4, "letters": 0.3, "mixed": 0.3}


@dataclass(frozen=True, slots=True)
class Model:
    """Units, each with its character in the tables, and the tables."""

    units: tuple[tuple[str, str], ...]
    joint: BackoffTable
    letters: BackoffTable
    mixed: BackoffTable
    by_latin: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        by_latin: dict[str, str] = {}
        for index, (latin, _) in enumerate(self.units):
            by_latin[latin] = by_latin.get(latin, "") + unit_character(index)
        object.__setattr__(self, "by_latin", by_latin)

    def spell(self, word: str, *, limit: int) -> list[tuple[str, float]]:
        """Return folded spellings of a word of the letters a to z, best first, with their probabilities."""
        beams: list[dict[tuple[str, str], float]] = [{} for _ in range(len(word) + 1)]
        beams[0]["", START] = 0.0
        for position in range(len(word)):
            reached = sorted(beams[position].items(), key=lambda item: -item[1])[:_BEAM]
            self._extend(word, position, reached, beams)
        totals: dict[str, float] = {}
        for (spelling, history), score in beams[-1].items():
            end = self.joint.probabilities(joint_contexts(history), END)[END]
            totals[spelling] = totals.get(spelling, 0.0) + exp(score + _WEIGHTS["joint"] * log(end))
        whole = sum(totals.values())
        ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
        return [(spelling, total / whole) for spelling, total in ranked if spelling][:limit]

    def _extend(
        self,
        word: str,
        position: int,
        reached: Sequence[tuple[tuple[str, str], float]],
        beams: list[dict[tuple[str, str], float]],
    ) -> None:
        nearby = self._nearby(word, position)
        if not nearby:
            beams[position + 1].update((state, score + _UNKNOWN_LETTER) for state, score in reached)
        scored: dict[str, dict[str, float]] = {}
        for (spelling, history), score in reached if nearby else ():
            if history not in scored:
                scored[history] = self._scores(word, position, history, nearby)
            for unit, gain in scored[history].items():
                latin, arabic = self.units[ord(unit) - _FIRST_UNIT]
                state = (spelling + arabic, (history + unit)[1 - JOINT_LEVELS :])
                beam = beams[position + len(latin)]
                known = beam.get(state)
                beam[state] = score + gain if known is None else _log_add(known, score + gain)

    def _nearby(self, word: str, position: int) -> dict[str, float]:
        """Return the units that may come at a position, with what the letters around say of them."""
        pieces = (word[position : position + size] for size in range(1, _LONGEST_PIECE + 1))
        units = "".join(self.by_latin.get(piece, "") for piece in dict.fromkeys(pieces))
        chances = self.letters.probabilities(letters_contexts(word, position), units)
        best = sorted(chances.items(), key=lambda item: -item[1])[:_UNITS_TRIED]
        return {unit: _WEIGHTS["letters"] * log(chance) for unit, chance in best}

    def _scores(
        self, word: str, position: int, history: str, nearby: Mapping[str, float]
    ) -> dict[str, float]:
        units = tuple(nearby)
        joint = self.joint.probabilities(joint_contexts(history), units)
        mixed = self.mixed.probabilities(mixed_contexts(word, position, history), units)
        scores = {
            unit: score + _WEIGHTS["joint"] * log(joint[unit]) + _WEIGHTS["mixed"] * log(mixed[unit])
            for unit, score in nearby.items()
        }
        least = max(scores.values()) - _HOPELESS
        return {unit: score for unit, score in scores.items() if score >= least}


def joint_contexts(history: str) -> list[str]:
    """Return the nested contexts of the units before, the most general (nothing) first."""
    size = len(history)
    return [history[size - length :] for length in range(min(JOINT_LEVELS, size + 1))]


def letters_contexts(word: str, position: int) -> list[str]:
    """Return the nested windows of Latin letters around a position; a digit says which window it is."""
    text, i = _padded(word), position + _PAD
    windows = ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (2, 4), (3, 4), (3, 5))
    return [
        f"{level}{text[i - before : i + after]}"
        for level, (before, after) in enumerate(windows[:LETTERS_LEVELS])
    ]


def mixed_contexts(word: str, position: int, history: str) -> list[str]:
    """Return the nested contexts of units before and Latin letters ahead; a digit says which it is."""
    text, i = _padded(word), position + _PAD
    before = START * 3 + history
    sizes = ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (2, 4), (3, 4))
    return [
        f"{level}{before[len(before) - units :] if units else ''}{text[i : i + letters]}"
        for level, (units, letters) in enumerate(sizes[:MIXED_LEVELS])
    ]


def unit_character(index: int) -> str:
    """Return the character that stands for a unit in the tables."""
    return chr(_FIRST_UNIT + index)


@cache
def load_model() -> Model:
    """Read the model that comes with the package; read once a process, when first asked for."""
    return parse_model(files(__package__).joinpath(MODEL_FILE).read_bytes())


def parse_model(content: bytes) -> Model:
    """Read a model as `format_model` wrote it; raises zlib.error or ValueError if it is none."""
    header, *tables = zlib.decompress(content).decode("utf-8").split("\f")
    described = json.loads(header)
    joint, letters, mixed = (
        BackoffTable(dict(_rows(table)), discounts)
        for table, discounts in zip(tables, described["discounts"], strict=True)
    )
    return Model(tuple((latin, arabic) for latin, arabic in described["units"]), joint, letters, mixed)


def format_model(model: Model) -> bytes:
    """Write a model: a line of JSON, then each table's rows, compressed."""
    tables = (model.joint, model.letters, model.mixed)
    header = json.dumps({"units": model.units, "discounts": [table.discounts for table in tables]})
    bodies = ("\n".join(f"{context}\t{row}" for context, row in sorted(t.rows.items())) for t in tables)
    return zlib.compress("\f".join((header, *bodies)).encode("utf-8"), 9)


def _rows(table: str) -> Iterator[list[str]]:
    return (line.split("\t") for line in table.split("\n"))


def _padded(word: str) -> str:
    return "^" * _PAD + word + "$" * (_PAD + 1)


def _log_add(one: float, other: float) -> float:
    high, low = (one, other) if one > other else (other, one)
    return high + log(1.0 + exp(low - high))
