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
from pipeline.alerts import compose_alert, plan_failed, plan_sent, plan_unknown_fault
from pipeline.budget import work_off
from pipeline.clock import Clock
from storage import deliveries, workers
from storage.database import Database

log = logging.getLogger(__name__)


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
        worker: str,
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

    async def run(self) -> DeliverSummary:
        """Send until nothing is due."""
        summary = DeliverSummary()

        async def deliver(claimed: ClaimedDelivery) -> None:
            _count(summary, await self._deliver(claimed))

        await work_off(self._claim, deliver, at_once=self._at_once)
        return summary

    async def _deliver(self, claimed: ClaimedDelivery) -> Settlement | None:
        started = await asyncio.to_thread(self._now)
        settle = await self._send(claimed)
        try:
            return await asyncio.to_thread(self._settle, claimed, settle, started)
        except LeaseLost as exc:
            log.warning("lease lost", extra={"delivery": claimed.id, "detail": str(exc)})
            return None

    async def _send(self, claimed: ClaimedDelivery) -> Callable[[datetime], Settlement]:
        try:
            receipt = await self._notifiers[claimed.target.kind].notify(
                compose_alert(claimed), claimed.target
            )
        except TransportError as exc:
            error = exc
            log.info("delivery not accepted", extra={"delivery": claimed.id, "detail": str(exc)})
            jitter = random.random()  # noqa: S311  # spreads retries, protects nothing
            return lambda now: plan_failed(claimed, error, now=now, jitter=jitter)
        except Exception:
            log.exception("delivery broke", extra={"delivery": claimed.id})
            return lambda now: plan_unknown_fault(claimed, now=now)
        log.info("delivered", extra={"delivery": claimed.id, "channel": claimed.target.id})
        return lambda now: plan_sent(receipt.detail, now=now)

    def _claim(self, limit: int) -> list[ClaimedDelivery]:
        with self._database.write() as session:
            if not self._database.is_sqlite:
                workers.free_leases_of_the_dead(session)
            return deliveries.claim_deliveries(
                session,
                now=self._clock(session),
                limit=limit,
                lease=self._lease,
                worker=self._worker,
                kinds=tuple(self._notifiers),
            )

    def _settle(
        self, claimed: ClaimedDelivery, settle: Callable[[datetime], Settlement], started: datetime
    ) -> Settlement:
        with self._database.write() as session:
            now = self._clock(session)
            settlement = settle(now)
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
