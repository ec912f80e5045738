"""The decision: is this mention of an ambiguous name the thing of the field?

The score is in log-odds: what the name means by itself in technology news, plus the cues, each worth more
the nearer it stands (touching the name, within three words, in the sentence, in the article). Cues for the
field are positive, cues for another meaning of the name negative; above 0 the mention counts. The weights are
set by hand on the scale of a logistic regression: 2.2 takes even odds to 9 : 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter

from marsad.types import FieldName
from matching.folding import fold_text, squeeze
from matching.sense.context import Context, Surroundings, read_words
from matching.sense.cues import TECH, Word, load_cues
from matching.sense.reading import Hint, Reading, reading_of
from matching.sense.shape import is_unknown, shape_evidence
from matching.sense.values import Evidence, SenseProfile, SenseVerdict

_PRIOR = 1.5
_FURTHER_SENSES_SHARE = 0.3
_MOST_OF_FURTHER_SENSES = 0.5
_WORD_PRIOR = -1.0
_MOST_FOR_A_FIRM = 1.0

_NEAR = 3
_SECOND = 0.8
_PARTED = 0.5
_TOUCHING = {"before": 2.6, "after": 2.4, "beside": 1.5, "titled": 1.5}
_APPOSITION = frozenset({"", "ال"})
"""Proclitics with which a name can still be in apposition to what is before it."""
_NAME_IN_SENTENCE = 0.9
_NAME_IN_ARTICLE = 0.3
_MOST_IN_SENTENCE = 3.2
_MOST_IN_ARTICLE = 1.5
_OFF_TOPIC = -0.8
_LONG_ARTICLE = 60
_TELLING = 0.3
_SHOWN = 3


def decide_sense(
    profile: SenseProfile, context: Context, field: FieldName, start: int, end: int, *, clitics: str
) -> SenseVerdict:
    """Decide whether the mention `fields[field][start:end]` is the thing that the profile describes.

    Offsets are code points of the original text, end exclusive; `clitics` are the proclitics before it.
    """
    if profile.spelling_is_word and not profile.other:
        profile = replace(profile, other=("word",))
    mention = context.fields[field][start:end]
    near = context.around(field, start, end, clitics)
    written = read_words(mention)
    reading = reading_of(profile, squeeze(fold_text(mention)))
    evidence = [
        *shape_evidence(profile, mention, clitics, near, context.known),
        *_inside(written, context),
        *_touching(reading, near, clitics),
        *_in_sentence(reading, near, context),
        *context.remembered(reading, _in_article),
    ]
    score = _prior(profile, written) + sum(piece.points for piece in evidence)
    counted = score > 0
    because = _strongest(evidence, counted)
    return SenseVerdict(counted, tuple(p.shown for p in because), _why(profile, counted, because), score)


def _prior(profile: SenseProfile, mention: Sequence[Word]) -> float:
    """Return what the name means by itself: of its other bearers the first listed counts most.

    A spelling of several words is seldom shared, an ordinary word often.
    """
    senses = load_cues().senses
    priors = [senses[name].prior for name in profile.other if name in senses]
    if profile.is_firm:
        # A model that is named like a person is often just that (كلود), a firm seldom (تيمو).
        priors = [min(prior, _MOST_FOR_A_FIRM) for prior in priors]
    lowered = sum(priors[:1]) + min(_MOST_OF_FURTHER_SENSES, _FURTHER_SENSES_SHARE * sum(priors[1:]))
    if len(mention) > 1:
        return _PRIOR - lowered / 2
    ordinary = profile.spelling_is_word and "word" in profile.other
    return _PRIOR - lowered + (_WORD_PRIOR if ordinary else 0.0)


def _touching(reading: Reading, near: Surroundings, clitics: str) -> Iterator[Evidence]:
    """Yield the best cue of each side among the words right before the name and right after it."""
    before = near.before[: near.phrase_before]
    found = [*_before(reading, before, clitics), *_after(reading, near.after, near.phrase_after)]
    for others in (False, True):
        yield from _best(piece for piece in found if bool(piece.sense) is others)


def _before(reading: Reading, words: Sequence[Word], clitics: str) -> Iterator[Evidence]:
    for place, word in enumerate(words[:_NEAR]):
        for hint in _whole(reading[word], words, place - 1):
            # Of a pair the second word must be the nearer one: الرئيس التنفيذي + name.
            nearest = place - 1 if hint.further else place
            if nearest not in (0, 1) or (hint.personal and clitics not in _APPOSITION):
                continue
            parted = nearest == 1 and words[0].function
            if hint.role == "before" and not (hint.personal and parted):
                yield hint.worth(
                    _TOUCHING["before"] * (_SECOND if nearest else 1) * (_PARTED if parted else 1)
                )
            elif hint.role == "beside" and nearest == 0:
                yield hint.worth(_TOUCHING["beside"])


def _after(reading: Reading, words: Sequence[Word], phrase: int) -> Iterator[Evidence]:
    for hint in _whole(reading[words[0]], words, 1) if phrase else ():
        if hint.role in ("after", "beside", "titled"):
            yield hint.worth(_TOUCHING[hint.role])
    if phrase and len(words) > 1 and is_unknown(words[0]):
        # A comma may part the title from the name: كلود بوتييه، خبير …
        for hint in _whole(reading[words[1]], words, 2):
            if hint.role == "titled" and hint.sense == "given_name":
                yield hint.worth(_TOUCHING["titled"])


def _whole(hints: Sequence[Hint], words: Sequence[Word], place: int) -> Sequence[Hint]:
    """Return the hints whose second word, if they have one, is at the place; a pair goes before its first word."""
    if not any(hint.further for hint in hints):
        return hints
    pairs = [hint for hint in hints if hint.further and _is_at(hint.further, words, place)]
    return pairs or [hint for hint in hints if not hint.further]


def _is_at(further: str, words: Sequence[Word], place: int) -> bool:
    return 0 <= place < len(words) and further in words[place].forms


def _inside(mention: Sequence[Word], context: Context) -> Iterator[Evidence]:
    """A spelling may bring its cue with it: متصفح أوبرا, أمازون نوفا."""
    if len(mention) > 1:
        cues = [
            cue.shown for word in mention for cue in word.cues if cue.group in TECH and cue.role == "before"
        ]
        for shown in [*cues, *sorted(context.known.among(mention[:1]))][:1]:
            yield Evidence(_TOUCHING["before"], shown)


def _best(pieces: Iterable[Evidence]) -> list[Evidence]:
    best = max(pieces, key=lambda piece: abs(piece.points), default=None)
    return [best] if best else []


def _in_sentence(reading: Reading, near: Surroundings, context: Context) -> Iterator[Evidence]:
    """Yield the cues of the sentence, each once and by its nearest place, no side without limit."""
    found: dict[tuple[bool, str], Evidence] = {}
    names: set[str] = set()
    for words, step in ((near.before, -1), (near.after, 1)):
        told = reading.told(words)
        for place, hint in _spoken(told, words, step):
            piece = hint.anywhere[0 if place < _NEAR else 1]
            key = (bool(piece.sense), piece.shown)
            if key not in found or abs(found[key].points) < abs(piece.points):
                found[key] = piece
        # Other names of the field, without those that speak for another meaning (SpaceX of Falcon).
        others = {place for place, hints in told.items() if any(hint.sense for hint in hints)}
        neutral = [word for place, word in enumerate(words) if place not in others]
        names |= context.known.among(neutral[::step])
    names.discard(reading.profile.name)
    yield from _limited(
        [*found.values(), *(Evidence(_NAME_IN_SENTENCE, name) for name in sorted(names))], _MOST_IN_SENTENCE
    )


def _spoken(
    told: Mapping[int, Sequence[Hint]], words: Sequence[Word], step: int
) -> Iterator[tuple[int, Hint]]:
    """Yield the hints that count anywhere; the second word of a pair says nothing by itself."""
    whole = {place: _whole(hints, words, place + step) for place, hints in told.items()}
    seconds = {place + step for place, hints in whole.items() if hints and hints[0].further}
    for place, hints in whole.items():
        if place not in seconds:
            yield from ((place, hint) for hint in hints if hint.anywhere)


def _in_article(reading: Reading, context: Context) -> Iterator[Evidence]:
    """Yield what the whole article says: little a word, and no side without limit."""
    found = chain.from_iterable(map(reading.__getitem__, reading.concerned(context.distinct)))
    pieces = [hint.anywhere[2] for hint in found if hint.anywhere and not hint.further]
    pieces += [Evidence(_NAME_IN_ARTICLE, name) for name in context.names if name != reading.profile.name]
    if len(context.words) >= _LONG_ARTICLE and not any(piece.points > _TELLING for piece in pieces):
        yield Evidence(_OFF_TOPIC, "an article without a word of the field")
    yield from _limited(pieces, _MOST_IN_ARTICLE)


def _limited(pieces: Sequence[Evidence], most: float) -> Iterator[Evidence]:
    """Yield the evidence, or for a side with more than `most` in total its strongest, scaled down to that.

    Ten cues are not ten proofs: they come with the topic, all together.
    """
    for side in (1, -1):
        mine = [piece for piece in pieces if piece.points * side > 0]
        if sum(piece.points for piece in mine) * side > most:
            mine = sorted(mine, key=attrgetter("points", "shown"), reverse=side > 0)[:_SHOWN]
            share = most / abs(sum(piece.points for piece in mine))
            mine = [Evidence(piece.points * share, piece.shown, piece.sense) for piece in mine]
        yield from mine


def _strongest(evidence: Sequence[Evidence], counted: bool) -> list[Evidence]:
    """Return the few pieces that decided: the strongest of the winning side, each word once."""
    winning = [piece for piece in evidence if (piece.points > 0) is counted and piece.points]
    winning.sort(key=lambda piece: (-abs(piece.points), piece.shown))
    once: dict[str, Evidence] = {}
    for piece in winning:
        once.setdefault(piece.shown, piece)
    return list(once.values())[:_SHOWN]


def _why(profile: SenseProfile, counted: bool, because: Sequence[Evidence]) -> str:
    shown = "، ".join(piece.shown for piece in because)
    if counted:
        reason = f"because of {shown}" if shown else "as nothing speaks against it"
        return f"counted as the {profile.kind} {reason}"
    senses = load_cues().senses
    other = next((piece.sense for piece in because if piece.sense in senses), "") or _likeliest(profile)
    called = senses[other].says if other in senses else "something else"
    if not shown:
        return f"not counted: nothing around it speaks of the {profile.kind}, so it may be {called}"
    return f"not counted: looks like {called} because of {shown}"


def _likeliest(profile: SenseProfile) -> str:
    return next((name for name in profile.other if name in load_cues().senses), "word")
