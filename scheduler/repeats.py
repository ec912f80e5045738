"""Saying what repeats at every tick at growing intervals only, so that an outage does not fill the log."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

_FIRST_PAUSE = 60.0
_LONGEST_PAUSE = 3600.0


class Repeats:
    """Decides whether a sentence that was said already is worth saying again; times are in seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._sentence: str | None = None
        self._pause = _FIRST_PAUSE
        self._again_at = 0.0

    def worth_saying(self, sentence: str) -> bool:
        """Return True for another sentence than the last, or when the pause, doubled each time, is over."""
        now = self._clock()
        if sentence != self._sentence:
            self._sentence, self._pause = sentence, _FIRST_PAUSE
        elif now < self._again_at:
            return False
        else:
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        self._again_at = now + self._pause
        return True

    def clear(self) -> bool:
        """Forget what was said; returns whether there was anything, which is worth a word too."""
        said, self._sentence = self._sentence is not None, None
        return said
