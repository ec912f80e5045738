"""Learn the transliteration model: `python -m matching.transliteration.training TRAIN.tsv [--output FILE]`.

TRAIN.tsv has lines `latin<TAB>spelling:count|spelling:count` (names of Wikidata, CC0, and of
google/transliteration, Apache-2.0). A fixed 3 % of the names is held out: the scores on them are printed, then
the model is learned again from all names and written. Deterministic; about 3 minutes on one core.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from matching.folding import fold_text
from matching.transliteration.alignment import Pair, Unit, UnitModel
from matching.transliteration.model import (
    END,
    JOINT_LEVELS,
    LETTERS_LEVELS,
    MIXED_LEVELS,
    MODEL_FILE,
    START,
    Model,
    format_model,
    joint_contexts,
    letters_contexts,
    mixed_contexts,
    unit_character,
)
from matching.transliteration.ngram import Event, learn_table

_HELD_OUT_PERCENT = 3
_FIRST_ROUNDS, _LAST_ROUNDS = 3, 2
_FIRST_SHARE = 4  # the first rounds see every fourth pair
_LEAST_SHARE = 0.15  # a rarer variant of a name is noise more often than not
_LEAST_LOG_PROBABILITY = -5.2  # a letter, on average; below, the two are not spellings of one another
_LEAST_UNIT_COUNT = 4
_LEAST_GAIN = 0.5

# Letters that hardly occur in foreign names: a pair that holds one is a name of Arabic origin.
_ARABIC_ORIGIN = frozenset("عحصضطظقةءىذ")
_CONSONANT_VOWELS = re.compile(r"([^aeiouy]+)([aeiouy]+)")
_VOWELS_CONSONANT = re.compile(r"([aeiouy]+)([^aeiouy]+)")


@dataclass(frozen=True, slots=True)
class Name:
    """A Latin name with its folded spellings and the share of each."""

    latin: str
    spellings: tuple[tuple[str, float], ...]


def main() -> None:
    """Read the command line, learn, print the scores of the held-out names, write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name(MODEL_FILE))
    arguments = parser.parse_args()
    names = read_names(arguments.train.read_text(encoding="utf-8"))
    held_out = [name for name in names if _is_held_out(name)]
    print(f"{len(names)} names, {len(held_out)} held out")
    model = learn([name for name in names if not _is_held_out(name)])
    foreign = [n for n in held_out if not any(_ARABIC_ORIGIN & set(s) for s, _ in n.spellings)]
    print("held out, all:", format_scores(model, held_out))
    print("held out, foreign names:", format_scores(model, foreign))
    content = format_model(learn(names))
    arguments.output.write_bytes(content)
    print(f"{arguments.output}: {len(content)} bytes")


def read_names(source: str) -> list[Name]:
    """Read the training file; raises ValueError on a line that is not of the form told above."""
    names: list[Name] = []
    for line in source.splitlines():
        if line.startswith("#"):
            continue
        latin, variants = line.split("\t")
        counts: Counter[str] = Counter()
        for variant in variants.split("|"):
            spelling, count = variant.rsplit(":", 1)
            counts[fold_text(spelling)] += int(count)
        total = counts.total()
        shares = tuple((s, count / total) for s, count in counts.most_common())
        names.append(Name(latin, shares))
    return names


def learn(names: Sequence[Name]) -> Model:
    """Align the names with their spellings, then count units into the three tables."""
    aligned = list(_aligned(names))
    counts = Counter(unit for _, units in aligned for unit in units)
    units = tuple(unit for unit, count in counts.most_common() if count >= _LEAST_UNIT_COUNT)
    characters = {unit: unit_character(index) for index, unit in enumerate(units)}
    known = [(latin, cut) for latin, cut in aligned if all(unit in characters for unit in cut)]
    steps = [step for latin, cut in known for step in _steps(latin, cut, characters)]
    joint = ((joint_contexts(step.history), step.unit) for step in steps)
    inside = [step for step in steps if step.unit != END]
    letters: Iterable[Event] = ((letters_contexts(s.word, s.position), s.unit) for s in inside)
    mixed: Iterable[Event] = ((mixed_contexts(s.word, s.position, s.history), s.unit) for s in inside)
    return Model(
        units,
        learn_table(joint, levels=JOINT_LEVELS, gain=_LEAST_GAIN),
        learn_table(letters, levels=LETTERS_LEVELS, gain=_LEAST_GAIN),
        learn_table(mixed, levels=MIXED_LEVELS, gain=_LEAST_GAIN),
    )


def format_scores(model: Model, names: Sequence[Name]) -> str:
    """Say for how many names an attested spelling is among the first 1, 5 and 20."""
    hits: Counter[int] = Counter()
    for name in names:
        attested = {spelling for spelling, _ in name.spellings}
        ranked = [spelling for spelling, _ in model.spell(name.latin, limit=20)]
        for first in (1, 5, 20):
            hits[first] += bool(attested & set(ranked[:first]))
    shares = ", ".join(f"top-{first} {hits[first] / len(names):.3f}" for first in (1, 5, 20))
    return f"{len(names)} names: {shares}"


@dataclass(frozen=True, slots=True)
class _Step:
    word: str
    position: int
    history: str
    unit: str


def _steps(latin: str, cut: Sequence[Unit], characters: dict[Unit, str]) -> Iterator[_Step]:
    position, history = 0, START
    for unit in cut:
        character = characters[unit]
        yield _Step(latin, position, history, character)
        position += len(unit[0])
        history += character
    yield _Step(latin, position, history, END)


def _aligned(names: Sequence[Name]) -> Iterator[tuple[str, tuple[Unit, ...]]]:
    pairs = [Pair(name.latin, spelling, share) for name in names for spelling, share in name.spellings]
    model = UnitModel()
    model.fit(pairs[::_FIRST_SHARE], rounds=_FIRST_ROUNDS)
    model.fit(pairs, rounds=_LAST_ROUNDS)
    for pair in pairs:
        found = model.align(pair.latin, pair.arabic)
        if found and pair.weight >= _LEAST_SHARE and found[1] >= _LEAST_LOG_PROBABILITY * len(pair.latin):
            yield pair.latin, tuple(_small_units(found[0]))


def _small_units(units: Iterable[Unit]) -> Iterator[Unit]:
    """Cut a vowel that is not written off its consonant, so that the same thing always looks the same."""
    for latin, arabic in units:
        if len(arabic) != 1 or arabic in "ايو" or latin == "qu":
            yield latin, arabic
        elif found := _CONSONANT_VOWELS.fullmatch(latin):
            yield found[1], arabic
            yield from ((vowel, "") for vowel in found[2])
        elif found := _VOWELS_CONSONANT.fullmatch(latin):
            yield from ((vowel, "") for vowel in found[1])
            yield found[2], arabic
        else:
            yield latin, arabic


def _is_held_out(name: Name) -> bool:
    return crc32(name.latin.encode()) % 100 < _HELD_OUT_PERCENT


if __name__ == "__main__":
    main()
