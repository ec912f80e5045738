"""The heartbeat's statement: all leases that a process has in hand, prolonged at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.models import Delivery, Host


@dataclass(frozen=True, slots=True)
class Renewal:
    """Tokens of the leases that last longer now, and of those that another process has.

    In neither are those whose row another transaction had in hand: the next heartbeat comes to them.
    """

    kept: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


def renew_hosts(session: Session, tokens: Mapping[str, str], *, until: datetime) -> Renewal:
    """Prolong the leases of these hosts, given with their tokens."""
    return _renew(session, Host, Host.name, tokens, until)


def renew_deliveries(session: Session, tokens: Mapping[str, str], *, until: datetime) -> Renewal:
    """Prolong the leases of these deliveries, given by id with their tokens."""
    return _renew(session, Delivery, Delivery.id, tokens, until)


def _renew(
    session: Session,
    table: type[Host] | type[Delivery],
    key: InstrumentedAttribute[str],
    tokens: Mapping[str, str],
    until: datetime,
) -> Renewal:
    if not tokens:
        return Renewal()
    leased = dict(session.execute(select(key, table.lease_token).where(key.in_(tokens))).all())
    lost = {token for name, token in tokens.items() if leased.get(name) != token}
    # Skipped, not waited for: a heartbeat must not stand in a ring of transactions that wait for each other.
    free = select(key).where(key.in_(tokens)).order_by(key).with_for_update(skip_locked=True)
    kept = session.scalars(
        update(table)
        .where(key.in_(session.scalars(free).all()), table.lease_token.in_(tokens.values()))
        .values(leased_until=until)
        .returning(table.lease_token)
        .execution_options(synchronize_session=False)
    )
    return Renewal(frozenset(token for token in kept if token), frozenset(lost))
