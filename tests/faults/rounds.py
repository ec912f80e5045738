"""Rounds of faults: the service works, one fault after the other is made, and each recovery is timed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from pathlib import Path
from statistics import median

from marsad.types import ChannelKind
from tests.command import Marsad
from tests.faults.fleet import Command, Ended, Fleet
from tests.faults.ledger import AlertReceiver, Balance, Told, balance, read_mails
from tests.faults.news import GrowingNews, Item
from tests.faults.postgres import OwnPostgres
from tests.faults.service_database import (
    NewChannel,
    check_stored,
    count_articles,
    set_up,
    still_to_do,
)
from tests.servers import MailBox

HOOK, MAIL = "hook", "mail"
QUIET_SECONDS = 15.0
"""How long the service works undisturbed first: the latency of that time is what the rest is beside."""
STUCK_SECONDS = 180.0
"""No recovery in so long is none."""


class Kind(StrEnum):
    """What can be done to the service; the value is what the report says."""

    KILL = "kill -9 of a random process"
    FREEZE = "SIGSTOP for longer than a lease, then SIGCONT"
    RESTART = "PostgreSQL stopped and started again"
    BACKEND = "a random PostgreSQL connection ended"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many faults of each kind."""

    kills: int = 0
    freezes: int = 0
    restarts: int = 0
    backends: int = 0

    def shuffled(self, rng: random.Random) -> list[Kind]:
        """Every fault once, in an order drawn by chance."""
        faults = [
            *[Kind.KILL] * self.kills,
            *[Kind.FREEZE] * self.freezes,
            *[Kind.RESTART] * self.restarts,
            *[Kind.BACKEND] * self.backends,
        ]
        rng.shuffle(faults)
        return faults


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as it was made; `at` by time.monotonic()."""

    kind: Kind
    at: float
    note: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: who works, under how much news, and what is done to them."""

    name: str
    processes: Sequence[Command]
    counts: Counts
    lease: float
    """Seconds after which the work of a process that hangs is another's."""
    houses: int = 6
    rate: float = 3.0
    seed: int = 1
    quiet: float = QUIET_SECONDS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to; durations in seconds."""

    plan: Plan
    seconds: float
    published: int
    balance: Balance
    stored_wrong: tuple[str, ...]
    faults: tuple[Fault, ...]
    recoveries: dict[Kind, list[float]]
    """From each fault to the next alert about an item that was published after it."""
    caught_up: dict[Kind, list[float]]
    """From each fault until everything published before it had been told."""
    quiet_latency: tuple[float, float]
    """From publication to alert, before the first fault: median and maximum."""
    latency: tuple[float, float]
    """The same for the whole run."""
    died: tuple[str, ...]
    """Processes that ended by themselves, as one that starts while its database is away."""
    tracebacks: list[str]
    """The line of each traceback in the logs."""
    ends: tuple[Ended, ...]
    """How each process ended when it was asked to."""

    @property
    def broken(self) -> list[str]:
        """A sentence for each promise that was broken; empty is what is wanted."""
        return [*self.balance.faults, *self.stored_wrong]


@dataclass(slots=True)
class Stage:
    """The service at work, its newsroom and its receivers."""

    plan: Plan
    database_url: str
    news: GrowingNews
    receiver: AlertReceiver
    mailbox: MailBox
    fleet: Fleet
    server: OwnPostgres | None
    rng: random.Random

    def first_told(self) -> dict[str, float]:
        """When each title first reached the webhook."""
        first: dict[str, float] = {}
        for each in list(self.receiver.told):
            first.setdefault(each.title, each.at)
        return first

    def pass_time(self, done: Callable[[], bool], *, limit: float) -> bool:
        """Keep the processes up until something is done, or the limit in seconds is over."""
        end = time.monotonic() + limit
        while not (is_done := done()) and time.monotonic() < end:
            self.fleet.revive()
            time.sleep(0.05)
        return is_done


@contextmanager
def staged(plan: Plan, folder: Path, server: OwnPostgres | None) -> Iterator[Stage]:
    """Set everything up; the service runs, the news has not begun."""
    url = server.new_database() if server else f"sqlite:///{folder}/marsad.sqlite3"
    news = GrowingNews(houses=plan.houses, rate=plan.rate, seed=plan.seed)
    receiver = AlertReceiver(seed=plan.seed)
    with news, receiver, MailBox() as mailbox:
        marsad = Marsad.at(
            folder,
            MARSAD_DATABASE_URL=url,
            MARSAD_SMTP_URL=mailbox.url,
            MARSAD_MAIL_FROM="marsad@alerts.example",
            MARSAD_POLL_INTERVAL="1",
            MARSAD_HOST_DELAY="0.5",
            MARSAD_LISTEN="127.0.0.1:0",
        )
        channels = (
            NewChannel(ChannelKind.WEBHOOK, HOOK, receiver.url(HOOK), receiver.new_secret(HOOK)),
            NewChannel(ChannelKind.EMAIL, MAIL, "analyst@desk.example"),
        )
        set_up(url, folder, news.feeds, channels)
        with Fleet(marsad, plan.processes, folder) as fleet:
            rng = random.Random(plan.seed)
            yield Stage(plan, url, news, receiver, mailbox, fleet, server, rng)


def run(
    plan: Plan, folder: Path, server: OwnPostgres | None, say: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Run the plan to its end and draw up what it came to.

    Raises AssertionError only where the run itself cannot go on: nothing is delivered any more.
    """
    started = time.monotonic()
    with staged(plan, folder, server) as stage:
        _begin(stage)
        faults = []
        targets = _targets(stage)
        for kind in plan.counts.shuffled(stage.rng):
            fault = _make(stage, kind, next(targets))
            recovered = stage.pass_time(lambda at=fault.at: _is_over(stage, at), limit=STUCK_SECONDS)  # type: ignore[misc]
            faults.append(fault)
            say(f"  {time.monotonic() - fault.at:6.1f} s  {fault.kind}: {fault.note}")
            assert recovered, f"nothing was delivered for {STUCK_SECONDS:.0f} s after {fault}"
            stage.pass_time(lambda: False, limit=stage.rng.uniform(0.2, 2.0))
        stage.news.stop()
        stage.pass_time(lambda: _is_drained(stage), limit=STUCK_SECONDS)
        ends = stage.fleet.end()
        told = [
            *stage.receiver.told,
            *read_mails(stage.mailbox.mails, MAIL, [item.title for item in stage.news.items]),
        ]
        return _draw_up(stage, faults, told, ends, time.monotonic() - started)


def wanted_of(items: Sequence[Item]) -> dict[str, frozenset[str]]:
    """The articles that are to be told, by title, and what of them."""
    return {item.title: item.terms for item in items if item.terms}


def _begin(stage: Stage) -> None:
    """Let every house be polled once, quietly, then start the news and leave the service alone."""
    polled = stage.pass_time(lambda: still_to_do(stage.database_url).never_polled == 0, limit=STUCK_SECONDS)
    assert polled, f"the houses were never polled: {stage.fleet.log_lines('')[-20:]}"
    stage.news.start()
    stage.pass_time(lambda: False, limit=stage.plan.quiet)


def _targets(stage: Stage) -> Iterator[int]:
    """Processes in an order drawn by chance, none left out for long."""
    numbers = list(range(len(stage.plan.processes)))
    for _ in cycle((0,)):
        stage.rng.shuffle(numbers)
        yield from numbers


def _make(stage: Stage, kind: Kind, target: int) -> Fault:
    name = f"{' '.join(stage.plan.processes[target])} {target}"
    at = time.monotonic()
    match kind:
        case Kind.KILL:
            stage.fleet.kill(target)
            return Fault(kind, at, name)
        case Kind.FREEZE:
            stage.fleet.freeze(target)
            held = stage.plan.lease * 1.2
            stage.pass_time(lambda: False, limit=held)
            stage.fleet.thaw(target)
            return Fault(kind, at, f"{name} for {held:.0f} s")
        case Kind.RESTART:
            assert stage.server is not None
            way, away = stage.rng.choice(("fast", "immediate")), stage.rng.uniform(1, 4)
            stage.server.restart(way, away=away)  # type: ignore[arg-type]
            return Fault(kind, at, f"{way}, away for {time.monotonic() - at:.1f} s")
        case Kind.BACKEND:
            assert stage.server is not None
            return Fault(kind, at, stage.server.end_a_backend(stage.rng))


def _is_over(stage: Stage, at: float) -> bool:
    """Whether something newer than the fault was told, and everything older."""
    first = stage.first_told()
    items = [item for item in stage.news.items if item.terms]
    return recovery(items, first, at) is not None and all(
        item.title in first for item in items if item.published <= at
    )


def _is_drained(stage: Stage) -> bool:
    first = stage.first_told()
    if any(item.title not in first for item in stage.news.items if item.terms):
        return False
    # What mentions nothing is told to nobody: only the database knows that it was read.
    read = count_articles(stage.database_url) >= len(stage.news.items)
    return read and still_to_do(stage.database_url).nothing


def recovery(items: Sequence[Item], first_told: dict[str, float], at: float) -> float | None:
    """Seconds from `at` to the first alert about an item published after it; None when there is none."""
    told = [first_told[i.title] for i in items if i.published > at and i.title in first_told]
    return min(told) - at if told else None


def caught_up(items: Sequence[Item], first_told: dict[str, float], at: float) -> float:
    """Seconds from `at` until all that was published before had been told; 0 when nothing was open."""
    open_then = [first_told[i.title] - at for i in items if i.published <= at and i.title in first_told]
    return max([0.0, *open_then])


def _draw_up(
    stage: Stage, faults: Sequence[Fault], told: Sequence[Told], ends: Sequence[Ended], seconds: float
) -> Outcome:
    items = [item for item in stage.news.items if item.terms]
    first = stage.first_told()
    recoveries: dict[Kind, list[float]] = {}
    caught: dict[Kind, list[float]] = {}
    for fault in faults:
        after = recovery(items, first, fault.at)
        recoveries.setdefault(fault.kind, []).append(STUCK_SECONDS if after is None else after)
        caught.setdefault(fault.kind, []).append(caught_up(items, first, fault.at))
    before = faults[0].at if faults else float("inf")
    refused = tuple(f"the receiver refused an alert: {why}" for why in stage.receiver.refused)
    return Outcome(
        plan=stage.plan,
        seconds=seconds,
        published=len(stage.news.items),
        balance=balance(wanted_of(stage.news.items), (HOOK, MAIL), told),
        stored_wrong=(*refused, *check_stored(stage.database_url, stage.news.items)),
        faults=tuple(faults),
        recoveries=recoveries,
        caught_up=caught,
        quiet_latency=_latency([i for i in items if first.get(i.title, before) < before], first),
        latency=_latency(items, first),
        died=tuple(stage.fleet.died),
        tracebacks=stage.fleet.log_lines("Traceback"),
        ends=tuple(ends),
    )


def _latency(items: Sequence[Item], first_told: dict[str, float]) -> tuple[float, float]:
    waits = [first_told[item.title] - item.published for item in items if item.title in first_told]
    return (median(waits), max(waits)) if waits else (0.0, 0.0)
