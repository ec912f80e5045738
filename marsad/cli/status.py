"""`marsad status`: who is at work, and what waits."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from marsad.cli.context import Json, open_app, print_json, print_table

if TYPE_CHECKING:
    from storage.status import ServiceStatus, WorkerStatus

_NOBODY = "No worker is running; start one with marsad serve."


def status(
    here: Annotated[
        bool,
        typer.Option(
            "--here", help="Print nothing; exit 0 when a process on this machine is at work, else 1."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the processes at work, what they have in hand, what waits and for how long.

    Example: marsad status --json
    """
    from storage.status import read_status

    with open_app() as app, app.database.read() as session:
        mail_server = app.settings.smtp is not None
        found = read_status(session, now=app.clock(session), mail_server=mail_server)
    if here:
        raise typer.Exit(0 if _is_at_work(found.workers, socket.gethostname()) else 1)
    if as_json:
        print_json(_facts(found))
        return
    if found.workers:
        titles = ("process", "machine", "pid", "since", "last heard of", "in hand", "state")
        print_table(titles, [_worker(worker, found) for worker in found.workers])
        print()
    if not found.polling:
        print(_NOBODY)
    for sentence in _sentences(found):
        print(sentence)


def _is_at_work(workers: Sequence[WorkerStatus], machine: str) -> bool:
    """What a container's health check asks: the machine is the container."""
    return any(w.machine == machine and w.alive and not w.silent for w in workers)


def _worker(worker: WorkerStatus, status: ServiceStatus) -> tuple[str, ...]:
    return (
        worker.kind,
        worker.machine,
        str(worker.pid),
        f"{worker.started_at.astimezone():%Y-%m-%d %H:%M}",
        f"{_length(status.at - worker.seen_at)} ago",
        str(worker.leases),
        "gone" if not worker.alive else "silent: stopped, or it hangs" if worker.silent else "at work",
    )


def _sentences(status: ServiceStatus) -> Iterator[str]:
    sources, hosts, alerts = status.sources, status.hosts, status.deliveries
    paused = sources.total - sources.active
    yield f"Sources: {sources.active} polled, {sources.failing} of them failing; {paused} paused."
    if status.last_success_at is None:
        yield "None has been read yet."
    else:
        yield f"The last good poll was {_length(status.at - status.last_success_at)} ago."
    yield f"Hosts: {hosts.total}; {hosts.due} due now, {hosts.leased} being polled."
    if status.oldest_due is not None:
        yield f"The most overdue host has waited {_length(status.oldest_due)}."
    yield f"Article pages to read: {_count(status.pages_waiting)}."
    yield (
        f"Alerts: {_count(alerts.pending)} waiting, {_count(alerts.sent)} sent,"
        f" {_count(alerts.failed)} failed, {_count(alerts.parked)} parked."
    )
    if (oldest := status.oldest_undelivered) is not None:
        yield f"The oldest alert that was not sent is {_length(oldest.age)} old; it waits for {oldest.waits_for}."


def _count(number: int) -> str:
    from storage.status import COUNT_LIMIT

    return f"{number} or more" if number >= COUNT_LIMIT else str(number)


def _length(length: timedelta) -> str:
    seconds = max(int(length.total_seconds()), 0)
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _facts(status: ServiceStatus) -> dict[str, Any]:
    facts = asdict(status) | {"polling": status.polling}
    oldest_due = facts.pop("oldest_due")
    facts["oldest_due_seconds"] = None if oldest_due is None else oldest_due.total_seconds()
    if (oldest := facts["oldest_undelivered"]) is not None:
        oldest["seconds"] = oldest.pop("age").total_seconds()
    return facts
