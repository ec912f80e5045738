"""Deliver: claim due outbox rows, send outside any transaction, settle each."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from marsad.errors import DatabaseUnreachable, LeaseLost, TransportError
from marsad.types import (
    ChannelKind,
    ClaimedDelivery,
    DeliveryState,
    Settlement,
)
from notifiers.base import Notifier
from pipeline.alerts import compose_alert, plan_failed, plan_sent, plan_unknown_fault, plan_withdrawn
from pipeline.budget import work_off
from pipeline.clock import Clock
from pipeline.leases import DeliveryLeases, Held, passed_seconds
from storage import channels, deliveries
from storage.database import Database

log = logging.getLogger(__name__)

_TRY_AGAIN_SECONDS = 1.0

Settle = Callable[[datetime, datetime | None], Settlement]
"""Plans a settlement from the time and since when the channel has been failing, both read as it is stored."""


@dataclass(slots=True)
class DeliverSummary:
    """What a run of Deliver came to."""

    sent: int = 0
    retried: int = 0
    failed: int = 0


class Deliver:
    """Sends what is due; a hanging receiver holds up its own deliveries only."""

    def __init__(
        self,
        database: Database,
        notifiers: Mapping[ChannelKind, Notifier],
        *,
        leases: DeliveryLeases,
        clock: Clock,
        at_once: int = 16,
    ) -> None:
        self._database = database
        self._notifiers = notifiers
        self._leases = leases
        self._clock = clock
        self._at_once = at_once
        self._stopping = False

    def stop(self) -> None:
        """Claim nothing more; what is being sent comes to its end."""
        self._stopping = True

    async def run(self) -> DeliverSummary:
        """Send until nothing is due."""
        summary = DeliverSummary()

        async def deliver(held: Held[ClaimedDelivery]) -> None:
            with self._leases.in_hand(held):
                _count(summary, await self._deliver(held))

        await work_off(self._leases.claim, deliver, at_once=self._at_once, stopping=lambda: self._stopping)
        return summary

    async def _deliver(self, held: Held[ClaimedDelivery]) -> Settlement | None:
        started = await asyncio.to_thread(self._now)
        if self._stopping:
            await asyncio.to_thread(self._leases.release, held)
            return None
        try:
            settle = await self._send(held)
            return await self._settle(held, settle, started)
        except LeaseLost as exc:
            log.warning("lease lost", extra={"delivery": held.lease.id, "detail": str(exc)})
            return None

    async def _send(self, held: Held[ClaimedDelivery]) -> Settle:
        claimed = held.lease
        alert = compose_alert(claimed)
        if not alert.matches:
            return lambda now, since: plan_withdrawn(now=now, failing_since=since)
        held.check()
        try:
            receipt = await self._notifiers[claimed.target.kind].notify(alert, claimed.target)
        except TransportError as exc:
            error = exc
            log.info("delivery not accepted", extra={"delivery": claimed.id, "detail": str(exc)})
            jitter = random.random()  # noqa: S311  # spreads retries, protects nothing
            return lambda now, since: plan_failed(claimed, error, now=now, failing_since=since, jitter=jitter)
        except Exception:
            log.exception("delivery broke", extra={"delivery": claimed.id})
            return lambda now, since: plan_unknown_fault(now=now, failing_since=since)
        log.info("delivered", extra={"delivery": claimed.id, "channel": claimed.target.id})
        return lambda now, since: plan_sent(receipt.detail, now=now)

    async def _settle(self, held: Held[ClaimedDelivery], settle: Settle, started: datetime) -> Settlement:
        """Store what an attempt came to, for as long as the lease is ours: what is not stored is sent again."""
        while True:
            try:
                return await asyncio.to_thread(self._store, held, settle, started)
            except DatabaseUnreachable:
                if passed_seconds() + _TRY_AGAIN_SECONDS >= held.until or self._stopping:
                    raise
            await asyncio.sleep(_TRY_AGAIN_SECONDS)

    def _store(self, held: Held[ClaimedDelivery], settle: Settle, started: datetime) -> Settlement:
        with self._leases.finish(held) as (session, now):
            settlement = settle(now, channels.failing_since(session, held.lease.target.id))
            deliveries.settle(session, held.lease, settlement, started=started, now=now)
        return settlement

    def _now(self) -> datetime:
        with self._database.read() as session:
            return self._clock(session)


def _count(summary: DeliverSummary, settlement: Settlement | None) -> None:
    if settlement is None:
        return
    match settlement.state:
        case DeliveryState.SENT:
            summary.sent += 1
        case DeliveryState.PENDING:
            summary.retried += 1
        case DeliveryState.FAILED | DeliveryState.PARKED:
            summary.failed += 1
