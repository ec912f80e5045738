"""Expressions of every shape, for properties."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from marsad.types import FieldName
from matching.expressions import And, Expression, Near, Not, Operand, Or, Source, Within

FIELDS: tuple[FieldName, ...] = ("title", "summary", "text")
LETTERS = st.sampled_from("abAB19هوايو\u064e\u200c.-'’&#@_+=/:!()؟™ ")
NAMES = st.one_of(
    st.sampled_from(["AMD", "Intel", "هواوي", "Moore Threads", "C++", "AND", "NEAR", "-x1", "title:x"]),
    st.text(LETTERS, max_size=6).map(lambda text: " ".join(f"{text}ab".split())),
).filter(lambda name: name[0] != "\u200c")
ANY_OPERAND = st.builds(Operand, NAMES, st.sampled_from(["name", "folded", "exact"]))


def trees(names: st.SearchStrategy[Operand], *, negated: bool = True) -> st.SearchStrategy[Expression]:
    """Every expression that can be written, up to its size, refused ones too."""
    sides = st.one_of(names, st.lists(names, min_size=2, max_size=3).map(lambda items: Or(tuple(items))))
    mentions = st.one_of(names, st.builds(Near, sides, sides, st.integers(1, 50)))
    within = st.builds(Within, st.sampled_from(FIELDS), joined(mentions, negated=negated))
    sources = st.builds(Source, st.sampled_from(["BBC", "الجزيرة نت", "reuters"]))
    return joined(st.one_of(mentions, within, sources), negated=negated)


def joined(leaves: st.SearchStrategy[Expression], *, negated: bool) -> st.SearchStrategy[Expression]:
    def extend(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        groups = st.one_of(many(And, inner), many(Or, inner))
        return st.one_of(groups, inner.map(Not)) if negated else groups

    return st.recursive(leaves, extend, max_leaves=8)


def many(
    make: Callable[[tuple[Expression, ...]], Expression], items: st.SearchStrategy[Expression]
) -> st.SearchStrategy[Expression]:
    return st.lists(items, min_size=2, max_size=3).map(lambda listed: make(tuple(listed)))
