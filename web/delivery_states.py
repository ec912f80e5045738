"""How far an alert came, as one plain sentence in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from markupsafe import Markup

from marsad.types import DeliveryState
from web.translation import Language


class Told(Protocol):
    """What is known of a delivery; `waits_for` is the outbox's own word, None when it is settled."""

    @property
    def state(self) -> str: ...
    @property
    def waits_for(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said of a delivery, and in which tone."""

    tone: Literal["good", "warn", "bad"]
    text: Markup


def say_delivery(language: Language, delivery: Told) -> Saying:
    """Say how far a delivery came, and what it waits for."""
    _ = language.gettext
    match delivery.state:
        case DeliveryState.SENT:
            return Saying("good", _("sent"))
        case DeliveryState.FAILED:
            return Saying("bad", _("given up"))
        case DeliveryState.PARKED:
            return Saying("bad", _("refused; waits for you"))
        case _:
            return Saying("warn", say_waiting(language, delivery.waits_for or ""))


def say_waiting(language: Language, reason: str) -> Markup:
    """Say what a delivery waits for; `reason` is the outbox's own word."""
    _ = language.gettext
    if reason.startswith("channel disabled"):
        return _("waits: the channel is disabled")
    known = {
        "the address to be confirmed": _("waits for the address to be confirmed"),
        "a mail server (MARSAD_SMTP_URL)": _("waits for a mail server"),
        "its next attempt": _("failed; tried again by itself"),
        "its turn": _("on its way"),
    }
    return known.get(reason, _("waiting"))
