"""What jobs came to, in a line for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.deliver import DeliverSummary
    from pipeline.poll import PollSummary


def polled_sentence(polled: PollSummary) -> str:
    """What a run of polls came to, for people."""
    return (
        f"{polled.polled} sources polled ({polled.unchanged} unchanged, {polled.failed} failed), "
        f"{polled.new_articles} new articles, {polled.pages} pages read, {polled.matches} matches."
    )


def sent_sentence(sent: DeliverSummary) -> str:
    """What a run of deliveries came to, for people."""
    return f"{sent.sent} alerts sent, {sent.retried} to be tried again, {sent.failed} given up."
