"""Words of an article, numbered: what NEAR counts."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping

from marsad.types import FieldName
from matching.expressions import Occurrence

_WORD = re.compile(r"[\w\u064b-\u065f\u0670\u0640]+")


class Words:
    """The places where words begin in each field, looked up once they are asked for."""

    def __init__(self, fields: Mapping[FieldName, str]) -> None:
        self._fields = fields
        self._starts: dict[FieldName, list[int]] = {}

    def occurrence(self, field: FieldName, start: int, end: int) -> Occurrence:
        """Return a mention with the numbers of its first and last word; offsets are code points of the field."""
        starts = self._starts.get(field)
        if starts is None:
            starts = [word.start() for word in _WORD.finditer(self._fields[field])]
            self._starts[field] = starts
        return Occurrence(
            field, start, end, bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1
        )
