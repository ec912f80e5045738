"""E-mail: one message with text and HTML for each alert."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime
from email.utils import parseaddr

from marsad.addresses import Allowance, Resolver, system_resolver
from marsad.config import SmtpServer
from marsad.errors import AddressInvalid, TransportError
from marsad.types import Alert, ChannelTarget, Receipt
from notifiers.message import compose, mail_address, open_templates
from notifiers.smtp import Connect, Submission, open_socket
from notifiers.text import one_line

DEFAULT_SENDER = "marsad@localhost"


class EmailNotifier:
    """Mails alerts through the operator's server."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        mail_from: str | None,
        allow: Allowance,
        now: Callable[[], datetime],
        resolve: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
        connect: Connect = open_socket,
        time_limit: float = 60.0,
    ) -> None:
        self._submission = Submission(
            server, allow=allow, resolve=resolve, tls=tls, connect=connect, time_limit=time_limit
        )
        self._mail_from = mail_from or DEFAULT_SENDER
        self._now = now
        self._templates = open_templates()

    async def notify(self, alert: Alert, target: ChannelTarget) -> Receipt:
        """Mail the alert; a repeat has the same Message-ID. What a publisher wrote never stops the mail."""
        try:
            sender = mail_address(self._mail_from)
        except AddressInvalid as exc:
            raise TransportError("MARSAD_MAIL_FROM is not a usable mail address; correct it.") from exc
        try:
            recipient = mail_address(target.address)
        except AddressInvalid as exc:
            raise TransportError(f"Channel '{target.name}': {exc}", permanent=True) from exc
        message = compose(
            alert,
            recipient=recipient,
            sender=sender,
            sender_name=one_line(parseaddr(self._mail_from)[0]),
            channel=target.name,
            now=self._now(),
            templates=self._templates,
        )
        return Receipt(await self._submission.send(message, sender=sender, recipient=recipient))
