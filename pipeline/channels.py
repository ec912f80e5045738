"""Adding and confirming channels: what the command line and the pages both do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from marsad.addresses import Allowance, parse_target, refuse_literal
from marsad.errors import AddressInvalid
from marsad.names import check_name
from marsad.types import ChannelKind
from notifiers.message import mail_address
from notifiers.signing import new_secret
from storage import channels, users


@dataclass(frozen=True, slots=True)
class AddedChannel:
    """A channel as it was stored; a webhook's secret is told here and never again."""

    id: int
    name: str
    kind: ChannelKind
    address: str
    confirmed: bool
    secret: str | None = field(default=None, repr=False)


def add_channel(
    session: Session,
    user_id: int,
    *,
    kind: ChannelKind,
    address: str,
    name: str | None = None,
    vouched: bool = False,
    allow: Allowance,
    now: datetime,
) -> AddedChannel:
    """Store a channel; without a name it is called by its mail address or its webhook's host.

    A mail address receives nothing before it is confirmed: `vouched` says that the operator confirms it
    now, which is recorded. Raises AddressInvalid, AddressRefused, UsageError for a name that cannot be one,
    and NameTaken.
    """
    address = address.strip()
    default_name = _check_address(kind, address, allow)
    chosen = default_name if name is None else check_name(name, "channel")
    secret = new_secret() if kind is ChannelKind.WEBHOOK else None
    confirmed = kind is ChannelKind.WEBHOOK or vouched
    channel_id = channels.add_channel(
        session,
        user_id,
        kind=kind,
        name=chosen,
        address=address,
        secret=secret,
        confirmed=confirmed,
        now=now,
    )
    action = "channel.confirmed-by-operator" if vouched else "channel.added"
    users.audit(session, now=now, user_id=user_id, action=action, subject=chosen, kind=kind)
    return AddedChannel(channel_id, chosen, kind, address, confirmed, secret)


def vouch_for_channel(session: Session, user_id: int, name: str, *, now: datetime) -> None:
    """Confirm a mail address on the operator's word, which is recorded. Raises NameUnknown."""
    channels.confirm(session, user_id, name, now=now)
    users.audit(session, now=now, user_id=user_id, action="channel.confirmed-by-operator", subject=name)


def enable_channel(session: Session, user_id: int, name: str, *, now: datetime) -> None:
    """Send to a disabled channel again; what waited or was parked goes out next. Raises NameUnknown."""
    channels.enable(session, user_id, name, now=now)
    users.audit(session, now=now, user_id=user_id, action="channel.enabled", subject=name)


def _check_address(kind: ChannelKind, address: str, allow: Allowance) -> str:
    """Return the default name of a channel; raises for an address that cannot be one."""
    if kind is ChannelKind.WEBHOOK:
        target = parse_target(address)
        refuse_literal(target, allow=allow, setting="MARSAD_DELIVER_ALLOW")
        return target.host
    if not address.isprintable():
        raise AddressInvalid(f"{address[:120]!a} is not a mail address; write one like me@example.com.")
    try:
        bare = mail_address(address)
    except AddressInvalid as exc:
        raise AddressInvalid(
            f"'{address[:120]}' is not a mail address that can be written to; write one like me@example.com."
        ) from exc
    if bare.rpartition("@")[0] != address.rpartition("@")[0]:
        raise AddressInvalid(f"'{address[:120]}' is more than a mail address; write {bare} alone.")
    return address
