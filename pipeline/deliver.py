"""Deliver: claim due outbox rows, send outside any transaction, settle each."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from marsad.errors import LeaseLost, TransportError
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
from storage import channels, deliveries
from storage.database import Database
from storage.workers import Worker

log = logging.getLogger(__name__)

PER_CHANNEL = 4
"""Deliveries of one channel under way at once, so that a receiver that hangs leaves room for the others."""

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
        worker: Worker,
        clock: Clock,
        at_once: int = 16,
        lease: timedelta = timedelta(seconds=120),
    ) -> None:
        self._database = database
        self._notifiers = notifiers
        self._worker = worker
        self._clock = clock
        self._at_once = at_once
        self._lease = lease
        self._stopping = False

    def stop(self) -> None:
        """Claim nothing more; what is being sent comes to its end."""
        self._stopping = True

    async def run(self) -> DeliverSummary:
        """Send until nothing is due."""
        summary = DeliverSummary()

        async def deliver(claimed: ClaimedDelivery) -> None:
            _count(summary, await self._deliver(claimed))

        await work_off(self._claim, deliver, at_once=self._at_once, stopping=lambda: self._stopping)
        return summary

    async def _deliver(self, claimed: ClaimedDelivery) -> Settlement | None:
        started = await asyncio.to_thread(self._now)
        settle = await self._send(claimed)
        try:
            return await asyncio.to_thread(self._settle, claimed, settle, started)
        except LeaseLost as exc:
            log.warning("lease lost", extra={"delivery": claimed.id, "detail": str(exc)})
            return None

    async def _send(self, claimed: ClaimedDelivery) -> Settle:
        alert = compose_alert(claimed)
        if not alert.matches:
            return lambda now, since: plan_withdrawn(now=now, failing_since=since)
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

    def _claim(self, limit: int) -> list[ClaimedDelivery]:
        self._worker.hold()
        with self._database.write() as session:
            self._worker.free_leases_of_the_dead(session)
            return deliveries.claim_deliveries(
                session,
                now=self._clock(session),
                limit=limit,
                lease=self._lease,
                worker=self._worker.name,
                per_channel=PER_CHANNEL,
                kinds=tuple(self._notifiers),
            )

    def _settle(self, claimed: ClaimedDelivery, settle: Settle, started: datetime) -> Settlement:
        with self._database.write() as session:
            now = self._clock(session)
            settlement = settle(now, channels.failing_since(session, claimed.target.id))
            deliveries.settle(session, claimed, settlement, started=started, now=now)
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
