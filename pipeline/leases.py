"""Leases behind one small port: claim, renew, finish, release.

Who holds what is decided in the database alone, by its clock and the lease's token. What stands here in
memory only ever makes a process stop earlier: one that slept through its lease begins nothing with it.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from marsad.errors import DatabaseError, LeaseLost
from marsad.types import ChannelKind, ClaimedDelivery, HostLease
from pipeline.clock import Clock
from storage import deliveries, hosts, watchlists
from storage.database import Database
from storage.renewal import Renewal, renew_deliveries, renew_hosts
from storage.workers import LEASE, LeasedTable, Worker

Lease = TypeVar("Lease", HostLease, ClaimedDelivery)

PER_CHANNEL = 4
"""Deliveries of one channel under way at once, so that a receiver that hangs leaves room for the others."""


@dataclass(slots=True, eq=False)
class Held(Generic[Lease]):
    """A lease, and until when it is surely ours, in seconds of `passed_seconds`."""

    lease: Lease
    until: float

    def check(self) -> None:
        """Raise LeaseLost when others may have it by now: asked before anything is sent or fetched."""
        if passed_seconds() >= self.until:
            raise LeaseLost("The lease ran out, or another process has it; nothing more is begun with it.")


class Leases(ABC, Generic[Lease]):
    """The leases of one kind of work that this process holds; safe to use from several threads."""

    _table: LeasedTable

    def __init__(
        self, database: Database, *, worker: Worker, clock: Clock, time_limit: timedelta = LEASE
    ) -> None:
        self._database = database
        self._worker = worker
        self._clock = clock
        self._time_limit = time_limit
        self._in_hand: set[Held[Lease]] = set()
        self._in_doubt = False

    def claim(self, limit: int) -> list[Held[Lease]]:
        """Take up to `limit` pieces of work that are due, after freeing what dead processes held."""
        try:
            self._worker.hold()
            with self._database.write() as session:
                until = self._from_now()
                now = self._clock(session)
                self._worker.free_leases_of_the_dead(session, now=now)
                if self._in_doubt:
                    # An outage kept us from giving back what we had, or from hearing what we were given.
                    tokens = [each.lease.token for each in self.held()]
                    self._worker.free_own_leases(session, self._table, but=tokens, now=now)
                claimed = self._claim(session, limit, now=now)
        except DatabaseError:
            self._in_doubt = True
            raise
        self._in_doubt = False
        return [Held(lease, until) for lease in claimed]

    @contextmanager
    def in_hand(self, held: Held[Lease]) -> Iterator[None]:
        """Be at work on it: only what is inside such a block is renewed by the heartbeat."""
        self._in_hand.add(held)
        try:
            yield
        except DatabaseError:
            self._in_doubt = True
            raise
        finally:
            self._in_hand.discard(held)

    def held(self) -> Sequence[Held[Lease]]:
        """What is being worked on at this moment."""
        return tuple(self._in_hand)

    def renew(self, session: Session, held: Sequence[Held[Lease]], *, now: datetime) -> Renewal:
        """Prolong these leases, as part of a transaction; `note` it when that is committed."""
        tokens = {self._key(each.lease): each.lease.token for each in held}
        return self._renew(session, tokens, until=now + self._time_limit)

    def note(self, held: Sequence[Held[Lease]], renewal: Renewal, *, begun: float) -> None:
        """Remember what a renewal came to that was begun at `begun` (`passed_seconds`)."""
        for each in held:
            if each.lease.token in renewal.kept:
                each.until = begun + self._time_limit.total_seconds()
            elif each.lease.token in renewal.lost:
                each.until = begun

    def _from_now(self) -> float:
        return passed_seconds() + self._time_limit.total_seconds()

    @abstractmethod
    def _key(self, lease: Lease) -> str: ...

    @abstractmethod
    def _claim(self, session: Session, limit: int, *, now: datetime) -> Sequence[Lease]: ...

    @abstractmethod
    def _renew(self, session: Session, tokens: dict[str, str], *, until: datetime) -> Renewal: ...


class HostLeases(Leases[HostLease]):
    """Hosts to poll: each is talked to by one process at a time."""

    _table = "host"

    @contextmanager
    def finish(
        self, held: Held[HostLease], *, beside: Collection[str] = (), matched: bool = False
    ) -> Iterator[tuple[Session, datetime]]:
        """A transaction that stores what the host said, and its time; raises LeaseLost, storing nothing.

        Further work on the host may follow: the lease is prolonged. `beside` are other hosts that the
        transaction makes due; with `matched` what is watched stays as it is until it ends.
        """
        with self._database.write() as session:
            until = self._from_now()
            now = self._clock(session)
            if matched:
                watchlists.hold_watch_set(session)
            if beside:
                hosts.lock_hosts(session, {held.lease.host, *beside})
            hosts.renew(session, held.lease, now=now, lease=self._time_limit)
            yield session, now
        held.until = max(held.until, until)

    def release(self, held: Held[HostLease], *, pace: timedelta) -> None:
        """Give the host back, to be left alone for `pace`; nothing happens when it is not ours any more."""
        with self._database.write() as session:
            hosts.release(session, held.lease, now=self._clock(session), pace=pace)

    def _key(self, lease: HostLease) -> str:
        return lease.host

    def _claim(self, session: Session, limit: int, *, now: datetime) -> Sequence[HostLease]:
        return hosts.claim_hosts(
            session, now=now, limit=limit, lease=self._time_limit, worker=self._worker.name
        )

    def _renew(self, session: Session, tokens: dict[str, str], *, until: datetime) -> Renewal:
        return renew_hosts(session, tokens, until=until)


class DeliveryLeases(Leases[ClaimedDelivery]):
    """Deliveries to send, of the channel kinds that can be sent by."""

    _table = "delivery"

    def __init__(
        self,
        database: Database,
        *,
        worker: Worker,
        clock: Clock,
        kinds: Collection[ChannelKind],
        time_limit: timedelta = LEASE,
    ) -> None:
        super().__init__(database, worker=worker, clock=clock, time_limit=time_limit)
        self._kinds = tuple(kinds)

    @contextmanager
    def finish(self, held: Held[ClaimedDelivery]) -> Iterator[tuple[Session, datetime]]:
        """A transaction that settles the delivery, and its time; raises LeaseLost, storing nothing."""
        with self._database.write() as session:
            deliveries.fence(session, held.lease)
            yield session, self._clock(session)

    def release(self, held: Held[ClaimedDelivery]) -> None:
        """Give back what was not sent; nothing happens when it is not ours any more."""
        with self._database.write() as session:
            deliveries.release(session, held.lease)

    def _key(self, lease: ClaimedDelivery) -> str:
        return lease.id

    def _claim(self, session: Session, limit: int, *, now: datetime) -> Sequence[ClaimedDelivery]:
        return deliveries.claim_deliveries(
            session,
            now=now,
            limit=limit,
            lease=self._time_limit,
            worker=self._worker.name,
            per_channel=PER_CHANNEL,
            kinds=self._kinds,
        )

    def _renew(self, session: Session, tokens: dict[str, str], *, until: datetime) -> Renewal:
        return renew_deliveries(session, tokens, until=until)


def passed_seconds() -> float:
    """Seconds by a clock that nobody sets, and that goes on while the process or the machine sleeps."""
    # Linux's monotonic clock stands still in suspend; elsewhere there is no better one than it.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
