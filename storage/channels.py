"""Channels: where a user's alerts go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marsad.errors import NameTaken, NameUnknown
from marsad.types import ChannelKind, ChannelTarget, DeliveryState
from storage.models import Channel, Delivery


def add_channel(
    session: Session,
    user_id: int,
    *,
    kind: ChannelKind,
    name: str,
    address: str,
    secret: str | None,
    confirmed: bool,
    now: datetime,
) -> int:
    """Store a channel; raises NameTaken."""
    if session.scalar(select(Channel.id).where(Channel.user_id == user_id, Channel.name == name)) is not None:
        raise NameTaken(f"A channel named '{name}' exists; choose another with --name.")
    channel = Channel(
        user_id=user_id,
        kind=kind,
        name=name,
        address=address,
        secret=secret,
        created_at=now,
        confirmed_at=now if confirmed else None,
    )
    session.add(channel)
    session.flush()
    return channel.id


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel as people see it, without its secret."""

    id: int
    kind: ChannelKind
    name: str
    address: str
    state: str


def list_channels(session: Session, user_id: int) -> list[ChannelRow]:
    """Return a user's channels by name."""
    rows = session.scalars(select(Channel).where(Channel.user_id == user_id).order_by(Channel.name))
    return [ChannelRow(c.id, ChannelKind(c.kind), c.name, c.address, _state(c)) for c in rows]


def find_channel(session: Session, user_id: int, name: str) -> tuple[ChannelTarget, str]:
    """Return a channel as a target, and its state; raises NameUnknown."""
    row = session.scalar(select(Channel).where(Channel.user_id == user_id, Channel.name == name))
    if row is None:
        raise NameUnknown(f"No channel is named '{name}'; 'marsad channel list' shows all.")
    return ChannelTarget(row.id, ChannelKind(row.kind), row.name, row.address, row.secret), _state(row)


def _state(channel: Channel) -> str:
    if channel.disabled_at is not None:
        return "disabled"
    if channel.confirmed_at is None:
        return "unconfirmed"
    return "failing" if channel.failing_since is not None else "ready"


def failing_since(session: Session, channel_id: int) -> datetime | None:
    """Return since when a channel has done nothing but fail; its row is locked until the transaction ends."""
    # Deliveries that are being made refer to the row, in transactions that may wait for the one settled here:
    # FOR NO KEY UPDATE lets them, so that the two do not wait for each other.
    found: datetime | None = session.scalar(
        select(Channel.failing_since).where(Channel.id == channel_id).with_for_update(key_share=True)
    )
    return found


def enable(session: Session, user_id: int, name: str, *, now: datetime) -> None:
    """Send to a channel again that was disabled, also what was parked. Raises NameUnknown."""
    target, _ = find_channel(session, user_id, name)
    session.execute(
        update(Channel)
        .where(Channel.id == target.id)
        .values(disabled_at=None, disabled_reason=None, failing_since=None)
    )
    session.execute(
        update(Delivery)
        .where(
            Delivery.channel_id == target.id,
            Delivery.state.in_((DeliveryState.PENDING, DeliveryState.PARKED)),
            Delivery.leased_until.is_(None),
        )
        .values(state=DeliveryState.PENDING, due_at=now, settled_at=None)
    )


def confirm(session: Session, user_id: int, name: str, *, now: datetime) -> None:
    """Mark a channel's address as agreeing to receive alerts; raises NameUnknown."""
    target, _ = find_channel(session, user_id, name)
    session.execute(
        update(Channel)
        .where(Channel.id == target.id, Channel.confirmed_at.is_(None))
        .values(confirmed_at=now)
    )
