"""`marsad poll`: the main job."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from marsad.cli.context import Json, open_app, print_json, tell
from marsad.cli.serve import work
from marsad.cli.source import NO_SOURCE
from marsad.cli.summaries import polled_sentence, sent_sentence
from marsad.errors import UsageError

if TYPE_CHECKING:
    from marsad.app import App
    from pipeline.deliver import DeliverSummary
    from pipeline.poll import PollSummary


def poll(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, then end.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Poll every source now, due or not.")] = False,
    as_json: Json = False,
) -> None:
    """Poll the sources that are due, match what is new, send the alerts.

    Without --once it goes on until Ctrl-C, like 'marsad worker'. Exit 1 when every source that was polled failed.

    Example: marsad poll --once --all
    """
    if not once:
        if everything or as_json:
            raise UsageError("--all and --json go with --once; add it, or leave them out.")
        work()
        return
    with open_app() as app:
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
        async with app.working(kind="poll", on_progress=on_progress, on_notice=tell) as jobs:
            polled = await jobs.poll.run(everything=everything)
            await jobs.catch_up.run()
            return polled, await jobs.deliver.run()
    finally:
        await stop_reactor()


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
        print(polled_sentence(polled))
    for reason in polled.problems:
        print(f"  {reason}")
    print(sent_sentence(sent))
    for kind, count in waiting.items():
        print(f"{count} alerts wait for {_wanted(kind)}.")


def _wanted(kind: str) -> str:
    if kind == "email":
        return "a mail server (MARSAD_SMTP_URL) or a confirmed address (marsad channel list)"
    return "their channel (marsad channel list)"
