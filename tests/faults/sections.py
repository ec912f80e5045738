"""The parts of `make faults`, each with its counts and what it came to."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from storage.workers import LEASE
from tests.conftest import ROOT
from tests.faults.drain import DRAIN_LIMIT, drain
from tests.faults.fleet import SERVICE, WEB, WORKER, Command
from tests.faults.killed_writes import write_and_kill
from tests.faults.once_each import SentOnce, send_once_each
from tests.faults.postgres import OwnPostgres
from tests.faults.report import FaultLine, Findings, Section
from tests.faults.rounds import Counts, Kind, Outcome, Plan, run

Say = Callable[[str], None]

KILL_POINTS = "tests/faults/test_kill_between_fetch_and_settled_delivery.py"


@dataclass(frozen=True, slots=True)
class Amounts:
    """How often everything is done."""

    postgres: Counts
    sqlite_kills: int
    backends: int
    per_worker: int
    """Deliveries for each of the workers that begin at one moment; a multiple of 40."""
    writers: int
    drains: int
    point_rounds: int


FULL = Amounts(
    postgres=Counts(kills=20, freezes=3, restarts=2),
    sqlite_kills=20,
    backends=20,
    per_worker=1000,
    writers=100,
    drains=5,
    point_rounds=10,
)
SMALL = Amounts(
    postgres=Counts(kills=2, freezes=1, restarts=1),
    sqlite_kills=2,
    backends=5,
    per_worker=40,
    writers=5,
    drains=1,
    point_rounds=1,
)


def postgres(amounts: Amounts, folder: Path, say: Say) -> Findings:
    """Kill -9, SIGSTOP and restarts of PostgreSQL under load."""
    plan = Plan(
        "PostgreSQL, three workers and the web app",
        [WORKER, WORKER, WORKER, WEB],
        amounts.postgres,
        lease=LEASE.total_seconds(),
    )
    with OwnPostgres() as server:
        return _of_run(run(plan, folder, server, say))


def backends(amounts: Amounts, folder: Path, say: Say) -> Findings:
    """Connections ended by the server under load."""
    counts = Counts(backends=amounts.backends)
    plan = Plan("PostgreSQL ends connections", [WORKER] * 3, counts, lease=0, seed=78)
    with OwnPostgres() as server:
        return _of_run(run(plan, folder, server, say))


def sqlite(amounts: Amounts, folder: Path, say: Say) -> Findings:
    """Kill -9 of the one process on SQLite under load."""
    plan = Plan("SQLite, one process", [SERVICE], Counts(kills=amounts.sqlite_kills), lease=0, seed=76)
    return _of_run(run(plan, folder, None, say))


def once(amounts: Amounts, folder: Path, say: Say) -> Findings:
    """Workers that begin at one moment send each delivery once."""
    articles = amounts.per_worker // 40
    found: dict[str, SentOnce] = {}
    url = f"sqlite:///{folder}/marsad.sqlite3"
    found["SQLite"] = send_once_each(url, folder, workers=1, articles=articles, channels=40)
    with OwnPostgres() as server:
        found["PostgreSQL"] = send_once_each(
            server.new_database(), folder, workers=4, articles=articles * 4, channels=40
        )
    facts = [
        f"{where}, {sent.workers} workers: {sent.deliveries:,} deliveries due at one moment, "
        f"{sent.sent:,} sent, {sent.repeats} of them twice; shares {', '.join(map(str, sent.shares))}; "
        f"{sent.deliveries / sent.seconds:.0f} a second with the workers' start."
        for where, sent in found.items()
    ]
    broken = [f"{where}: {sentence}" for where, sent in found.items() for sentence in sent.broken]
    return _findings("Workers that begin at one moment", facts, broken)


def writes(amounts: Amounts, folder: Path, say: Say) -> Findings:
    """Writers on SQLite killed while they write."""
    survived = write_and_kill(folder, kills=amounts.writers)
    facts = [
        f"{survived.kills} times kill -9 of a process that writes from four threads: "
        f"{survived.acknowledged:,} rows acknowledged. After each kill: integrity check, every acknowledged "
        "row there, no transaction there by half."
    ]
    return _findings("SQLite, killed while writing", facts, survived.broken)


def points(amounts: Amounts, folder: Path, say: Say) -> Findings:
    """Kill -9 at chosen points between fetch and settled delivery."""
    passed, broken = 0, []
    for turn in range(amounts.point_rounds):
        results = folder / f"points-{turn}.xml"
        command = [sys.executable, "-m", "pytest", "-q", KILL_POINTS, f"--junitxml={results}"]
        with (folder / f"points-{turn}.log").open("wb") as log:
            subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False)
        cases = list(ET.parse(results).getroot().iter("testcase"))  # our own file
        failed = [f"round {turn + 1}: {case.get('name')}" for case in cases if len(case)]
        passed += len(cases) - len(failed)
        broken += failed
        say(f"  round {turn + 1}: {len(cases)} cases, {len(failed)} failed")
    facts = [
        f"{passed:,} crashes at {passed // max(amounts.point_rounds, 1)} places (SQLite and PostgreSQL), "
        f"{amounts.point_rounds} times each: after the next start nothing is lost, a crash repeats an alert "
        "at most once, always under its id and with its content."
    ]
    return _findings("Kill -9 at chosen points", facts, broken)


def drains(amounts: Amounts, folder: Path, say: Say) -> Findings:
    """Ends by SIGTERM and SIGINT while a fetch and an alert hang."""
    found = []
    with OwnPostgres() as server:
        for turn in range(amounts.drains):
            for number in (signal.SIGTERM, signal.SIGINT):
                cases: Sequence[tuple[str, Command]] = (
                    (f"sqlite:///{folder}/{turn}-{number.name}.sqlite3", SERVICE),
                    (server.new_database(), WORKER),
                )
                found += [drain(url, folder, command, number) for url, command in cases]
                say(f"  {turn + 1}, {number.name}: {', '.join(f'{f.seconds:.1f} s' for f in found[-2:])}")
    facts = [
        f"{len(found)} ends by SIGTERM and SIGINT while a fetch hangs and an alert hangs: "
        f"{max(each.seconds for each in found):.1f} s at most (limit {DRAIN_LIMIT:.0f} s).",
        "The alert that hung arrived under the same id after the next start, "
        f"{max(each.told_again_after for each in found):.1f} s after it at most.",
    ]
    broken = [sentence for each in found for sentence in each.broken]
    return _findings("Ends while things hang", facts, broken)


SECTIONS: dict[str, Callable[[Amounts, Path, Say], Findings]] = {
    "postgres": postgres,
    "sqlite": sqlite,
    "backends": backends,
    "once": once,
    "writes": writes,
    "drains": drains,
    "points": points,
}


def make(name: str, amounts: Amounts, say: Say) -> Section:
    """Make one section in a folder of its own, which is kept when a promise was broken."""
    folder = Path(tempfile.mkdtemp(prefix=f"marsad-faults-{name}-"))
    at, started = datetime.now(UTC), time.monotonic()
    try:
        findings = SECTIONS[name](amounts, folder, say)
    except AssertionError as exc:
        findings = Findings(name, (), (f"the run could not go on: {exc}",))
    if findings.broken:
        say(f"  its logs: {folder}")
    else:
        shutil.rmtree(folder)
    return Section(name, f"{at:%Y-%m-%d %H:%M} UTC", round(time.monotonic() - started), findings)


def _of_run(outcome: Outcome) -> Findings:
    plan, sums = outcome.plan, outcome.balance
    late = [
        f"{' '.join(each.command)} ended with status {each.status} after {each.seconds:.1f} s"
        for each in outcome.ends
        if not each.in_order or each.seconds >= DRAIN_LIMIT
    ]
    facts = [
        f"{plan.houses} hosts published {outcome.published:,} items in {outcome.seconds / 60:.1f} minutes; "
        f"{sums.alerts:,} alerts to a webhook and a mail address.",
        f"{len(sums.lost)} lost. {sums.repeats} repeats with the id and the content of the first time, "
        f"{len(sums.doubled)} under another id, {len(sums.changed)} with another content.",
        f"From publication to alert, undisturbed: median {outcome.quiet_latency[0]:.1f} s, longest "
        f"{outcome.quiet_latency[1]:.1f} s. In the whole run: median {outcome.latency[0]:.1f} s, longest "
        f"{outcome.latency[1]:.1f} s.",
        f"At the end all processes were gone {max(each.seconds for each in outcome.ends):.1f} s after SIGTERM.",
    ]
    ended = Counter(fault.note for fault in outcome.faults if fault.kind is Kind.BACKEND)
    if ended:
        facts.append(
            f"The connections were: {', '.join(f'{n} {what}' for what, n in sorted(ended.items()))}."
        )
    if outcome.died:
        facts.append(f"Ended by themselves and started again: {', '.join(outcome.died)}.")
    lines = [
        FaultLine(kind, tuple(outcome.recoveries[kind]), tuple(outcome.caught_up[kind]))
        for kind in outcome.recoveries
    ]
    broken = [*outcome.broken, *late, *(f"traceback in a log: {line}" for line in outcome.tracebacks)]
    return Findings(plan.name, tuple(facts), tuple(broken), tuple(lines))


def _findings(title: str, facts: Sequence[str], broken: Sequence[str]) -> Findings:
    return Findings(title, tuple(facts), tuple(broken))
