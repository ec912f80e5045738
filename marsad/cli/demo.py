"""`marsad demo`: the whole product with no network."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from marsad.cli.context import read_context_settings, tell
from marsad.config import Settings, parse_listen

if TYPE_CHECKING:
    from demo.milestones import Counts, Milestones
    from demo.stage import Stage
    from marsad.app import App

_TICK_SECONDS = 0.5


def demo(
    speed: Annotated[
        float, typer.Option(min=0.1, max=1000, help="How many times faster the news comes.")
    ] = 1,
    exit_after: Annotated[
        float | None,
        typer.Option(min=1, help="End after so many seconds; exit 1 if no match, mail or webhook came."),
    ] = None,
    listen: Annotated[
        str | None, typer.Option(help="Address of the web app, such as 127.0.0.1:8080.")
    ] = None,
) -> None:
    """Show everything at work on this machine alone: invented news, a mail box, a webhook receiver.

    Its database lies in the data folder as demo.sqlite3 and is emptied at each start; nothing else in
    the folder is touched. Needs no network.

    Example: marsad demo
    """
    began = monotonic()
    from demo.database import fresh_database
    from demo.stage import Stage

    settings = read_context_settings()
    if listen is not None:
        settings = replace(settings, listen=parse_listen(listen, setting="--listen"), listen_chosen=True)
    with fresh_database(settings.data_dir) as database_url, Stage(speed=speed) as stage:
        counts = _run(stage, stage.settings(settings, database_url), began=began, exit_after=exit_after)
    if exit_after is not None and not counts.complete:
        raise typer.Exit(1)


def _run(stage: Stage, settings: Settings, *, began: float, exit_after: float | None) -> Counts:
    from demo.stage import NAVIGATION, resolve
    from marsad.app import build_app
    from marsad.cli.serve import announce
    from marsad.serving import Service, WebOptions
    from web.server import bind, local_url

    app = build_app(settings, resolve=resolve, report=tell)
    try:
        with bind(*settings.listen, chosen=settings.listen_chosen) as listening:
            with app.write() as (session, owner, now):
                stage.seed(session, owner, now=now)
            print("A demo: the news is invented, and no network is needed. Ctrl-C ends it.")
            announce(app, local_url(listening))
            milestones = _milestones(app, stage, began)
            web = WebOptions(stage.set_up_defaults, stage.catalogue, stage.routers, NAVIGATION)
            watch = _Watch(milestones, stage, ends_at=None if exit_after is None else began + exit_after)
            service = Service(app, "serve", listening, web, tick=_TICK_SECONDS, more_jobs=(watch.run,))
            asyncio.run(service.run())
            milestones.look()
            print(milestones.summary(), flush=True)
            return milestones.counts
    finally:
        app.database.dispose()


class _Watch:
    """The job that tells of what comes, and ends the demo when its time is over."""

    def __init__(self, milestones: Milestones, stage: Stage, *, ends_at: float | None) -> None:
        self._milestones = milestones
        self._stage = stage
        self._ends_at = ends_at
        self._said = False

    async def run(self) -> None:
        await asyncio.to_thread(self._milestones.look)
        if not self._said and datetime.now(UTC) > self._stage.all_out_at:
            self._said = True
            _say("All the invented news is out now; the demo goes on until Ctrl-C.")
        if self._ends_at is not None and monotonic() >= self._ends_at:
            # As a person would end it: everything drains.
            os.kill(os.getpid(), signal.SIGINT)


def _milestones(app: App, stage: Stage, began: float) -> Milestones:
    from demo.milestones import Counts, Milestones
    from storage import watchlists

    def count() -> Counts:
        with app.read() as (session, owner):
            matches = sum(row.matches for row in watchlists.list_terms(session, owner))
        return Counts(matches, stage.mailbox.arrived, stage.receiver.accepted)

    def describe_match() -> str:
        with app.read() as (session, owner):
            (found,) = watchlists.list_matches(session, owner, limit=1)
        return f"{found.term} as {found.hits[0].spelling} in «{found.title}»"

    return Milestones(count, elapsed=lambda: monotonic() - began, tell=_say, describe_match=describe_match)


def _say(sentence: str) -> None:
    print(sentence, flush=True)
