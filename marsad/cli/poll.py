"""`marsad poll`: the main job."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from marsad.cli.context import Json, open_app, print_json, tell
from marsad.cli.source import NO_SOURCE
from marsad.errors import UsageError

if TYPE_CHECKING:
    from marsad.app import App, Jobs
    from pipeline.deliver import DeliverSummary
    from pipeline.poll import PollSummary


def poll(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, then end.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Poll every source now, due or not.")] = False,
    starter: Annotated[
        bool,
        typer.Option("--starter", help="Watch Nvidia, Huawei, H20 and DeepSeek where nothing is watched."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Poll the sources that are due, match what is new, send the alerts.

    Without --once it goes on until Ctrl-C. Exit 1 when every source that was polled failed.

    Example: marsad poll --once --all
    """
    if not once and (everything or as_json):
        raise UsageError("--all and --json go with --once; add it, or leave them out.")
    with open_app() as app:
        if starter:
            _ensure_starter(app)
        if not once:
            asyncio.run(_go_on(app))
            return
        polled, sent = asyncio.run(_once(app, everything=everything, on_progress=_progress(as_json)))
        waiting = _waiting(app)
        if not as_json and _has_no_source(app):
            print(NO_SOURCE)
            return
    if as_json:
        print_json({"poll": polled, "deliver": sent, "waiting": waiting})
    else:
        _print_summary(polled, sent, waiting)
    if polled.polled and polled.failed == polled.polled:
        raise typer.Exit(1)


async def _once(
    app: App, *, everything: bool, on_progress: Callable[[PollSummary], None]
) -> tuple[PollSummary, DeliverSummary]:
    from spiders.reactor import stop_reactor

    try:
        async with app.working(on_progress=on_progress) as jobs:
            polled = await jobs.poll.run(everything=everything)
            return polled, await jobs.deliver.run()
    finally:
        await stop_reactor()


async def _go_on(app: App) -> None:
    from scheduler.ticker import run_until_stopped
    from spiders.reactor import stop_reactor

    try:
        async with app.working() as jobs:
            tell("Watching. Ctrl-C ends it.")
            await run_until_stopped(
                partial(_poll_and_tell, jobs), partial(_deliver_and_tell, jobs), stop=jobs.stop
            )
            tell("Stopped; what is due is done at the next start.")
    finally:
        await stop_reactor()


async def _poll_and_tell(jobs: Jobs) -> None:
    polled = await jobs.poll.run()
    if polled.polled or polled.pages:
        tell(f"{datetime.now(UTC).astimezone():%H:%M:%S}  {_polled_sentence(polled)}")
    for reason in polled.problems:
        tell(f"          {reason}")


async def _deliver_and_tell(jobs: Jobs) -> None:
    sent = await jobs.deliver.run()
    if sent.sent or sent.retried or sent.failed:
        tell(f"{datetime.now(UTC).astimezone():%H:%M:%S}  {_sent_sentence(sent)}")


def _ensure_starter(app: App) -> None:
    from marsad.types import Term
    from storage import sources, watchlists

    with app.write() as (session, owner, now):
        if not watchlists.list_terms(session, owner):
            watchlist_id = watchlists.ensure_watchlist(session, owner, "main", now=now)
            for name in ("Nvidia", "Huawei", "H20", "DeepSeek"):
                watchlists.add_term(session, watchlist_id, Term(name), now=now)
            tell("Watching Nvidia, Huawei, H20 and DeepSeek. Others: marsad watch add NAME")
        if not sources.source_names(session):
            tell("No source yet. Add one from another terminal: marsad source add https://example.com/feed")


def _has_no_source(app: App) -> bool:
    from storage import sources

    with app.database.read() as session:
        return not sources.source_names(session)


def _waiting(app: App) -> dict[str, int]:
    from storage import deliveries

    with app.database.read() as session:
        return deliveries.count_waiting(session, now=app.clock(session))


def _progress(as_json: bool) -> Callable[[PollSummary], None]:
    if as_json or not sys.stderr.isatty():
        return lambda summary: None

    def show(summary: PollSummary) -> None:
        line = f"\r{summary.polled} sources, {summary.pages} pages, {summary.matches} matches"
        print(line, end="", file=sys.stderr, flush=True)

    return show


def _print_summary(polled: PollSummary, sent: DeliverSummary, waiting: dict[str, int]) -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if not polled.polled and not polled.pages:
        print("Nothing was due. To poll whatever the time: marsad poll --once --all")
    else:
        print(_polled_sentence(polled))
    for reason in polled.problems:
        print(f"  {reason}")
    print(_sent_sentence(sent))
    for kind, count in waiting.items():
        print(f"{count} alerts wait for {_wanted(kind)}.")


def _polled_sentence(polled: PollSummary) -> str:
    return (
        f"{polled.polled} sources polled ({polled.unchanged} unchanged, {polled.failed} failed), "
        f"{polled.new_articles} new articles, {polled.pages} pages read, {polled.matches} matches."
    )


def _sent_sentence(sent: DeliverSummary) -> str:
    return f"{sent.sent} alerts sent, {sent.retried} to be tried again, {sent.failed} given up."


def _wanted(kind: str) -> str:
    if kind == "email":
        return "a mail server (MARSAD_SMTP_URL) or a confirmed address (marsad channel list)"
    return "their channel (marsad channel list)"
