"""The test alert: what a person sends to see whether a channel works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4

from marsad.errors import TransportError
from marsad.types import Alert, ChannelKind, ChannelTarget, Receipt
from notifiers.base import Notifier


async def send_test(notifiers: Mapping[ChannelKind, Notifier], target: ChannelTarget) -> Receipt:
    """Send a test alert now and return what the receiver answered; raises TransportError."""
    notifier = notifiers.get(target.kind)
    if notifier is None:
        raise TransportError("No mail can be sent: set MARSAD_SMTP_URL, such as smtp://host:587.")
    alert = Alert(
        delivery_id=f"msg_{uuid4().hex}",
        created=datetime.now(UTC),
        article_id=0,
        title="رسالة تجربة من مرصد — a test from marsad",
        url=None,
        source="marsad",
        published=None,
        summary=None,
        matches=(),
        test=True,
    )
    return await notifier.notify(alert, target)
