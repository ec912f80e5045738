"""The one protocol that every channel kind keeps."""

from __future__ import annotations

from typing import Protocol

from marsad.types import Alert, ChannelTarget, Receipt


class Notifier(Protocol):
    """Sends one alert to one channel of its kind."""

    async def notify(self, alert: Alert, target: ChannelTarget) -> Receipt:
        """Send, and return what the receiver answered; raises TransportError and nothing else.

        The same alert sent again carries the same id, so that a receiver can drop the repeat.
        """
        ...
