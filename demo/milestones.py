"""What the demo tells at the terminal: the first match, mail and webhook, and what it came to at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Counts:
    """How far things came; `webhooks` are those whose signature held."""

    matches: int = 0
    mails: int = 0
    webhooks: int = 0

    @property
    def complete(self) -> bool:
        """Whether there was one of each."""
        return all(getattr(self, field.name) for field in fields(self))


class Milestones:
    """Compares what is with what was, and tells of the first of each kind; `elapsed` is in seconds."""

    def __init__(
        self,
        count: Callable[[], Counts],
        *,
        elapsed: Callable[[], float],
        tell: Callable[[str], None],
        describe_match: Callable[[], str],
    ) -> None:
        self.counts = Counts()
        self._count = count
        self._elapsed = elapsed
        self._tell = tell
        self._describe_match = describe_match

    def look(self) -> Counts:
        """Read the counts and tell what is new."""
        before, self.counts = self.counts, self._count()
        if self.counts.matches and not before.matches:
            self._tell_first("match", self._describe_match())
        if self.counts.mails and not before.mails:
            self._tell_first("mail", "see /demo/mailbox")
        if self.counts.webhooks and not before.webhooks:
            self._tell_first("webhook", "its signature holds; see /demo/webhooks")
        return self.counts

    def summary(self) -> str:
        """Say what the demo came to."""
        counts = self.counts
        return (
            f"After {self._elapsed():.0f} s: {counts.matches} matches, {counts.mails} mails, "
            f"{counts.webhooks} signed webhooks."
        )

    def _tell_first(self, what: str, more: str) -> None:
        self._tell(f"After {self._elapsed():.1f} s the first {what}: {more}")
