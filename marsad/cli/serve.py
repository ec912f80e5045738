"""`marsad serve`, `marsad worker`, `marsad web`: the service, in one process or in several."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from marsad import __version__
from marsad.cli.context import open_app, read_context_settings, tell
from marsad.cli.summaries import polled_sentence, sent_sentence

if TYPE_CHECKING:
    from marsad.app import App
    from marsad.serving import Told
    from pipeline.deliver import DeliverSummary
    from pipeline.poll import PollSummary


def serve() -> None:
    """Run everything in one process: polling, alerts and the web app, until Ctrl-C.

    Prints the address, and on a new installation a one-time link to set it up. A new installation
    watches Nvidia, Huawei, H20 and DeepSeek; its sources are chosen in the web app.

    Example: marsad serve
    """
    _listen_and_run("serve")
    tell("Stopped; what is due is done at the next start.")


def worker() -> None:
    """Poll and deliver without the web app; on PostgreSQL any number of these may run, on any machines.

    Example: marsad worker
    """
    work()


def work() -> None:
    """Be a worker until told to stop."""
    from marsad.serving import Service

    with open_app() as app:
        tell(f"marsad {__version__}: a worker on {app.database.shown_url}. Ctrl-C ends it.")
        asyncio.run(Service(app, "worker", told=told()).run())
    tell("Stopped; what is due is done at the next start, or by another worker.")


def web() -> None:
    """Run the web app without polling and delivering; any number of these may run beside workers.

    Example: marsad web
    """
    _listen_and_run("web")
    tell("Stopped.")


def _listen_and_run(kind: Literal["serve", "web"]) -> None:
    from marsad.serving import Service
    from web.server import bind, local_url

    settings = read_context_settings()
    with open_app(settings) as app, bind(*settings.listen, chosen=settings.listen_chosen) as listening:
        ensure_starter(app)
        ready = partial(announce, app, settings.public_url or local_url(listening))
        asyncio.run(Service(app, kind, listening, told=told(), ready=ready).run())


def ensure_starter(app: App) -> None:
    """Give a new installation the starter watchlist, and say so."""
    from pipeline import starter

    with app.write() as (session, owner, now):
        made = starter.ensure_starter(session, owner, now=now)
    if made:
        tell(f"Watching {', '.join(starter.NAMES)} to begin with.")


def announce(app: App, url: str) -> None:
    """Print the address and, as long as nobody can sign in, a new one-time set-up link."""
    from storage import accounts

    print(f"marsad {__version__} at {url}", flush=True)
    with app.database.write() as session:
        token = None
        if accounts.set_up_needed(session):
            token = accounts.new_set_up_link(session, now=app.clock(session))
    if token is not None:
        print(f"Set it up here (the link works once, for 24 hours): {url}/setup?token={token}", flush=True)


def told() -> Told:
    """Tell the terminal of what was polled and sent, a line each, and nothing when nothing was due."""
    from marsad.serving import Told

    return Told(polled=_tell_polled, sent=_tell_sent, said=tell)


def _tell_polled(polled: PollSummary) -> None:
    # Without a network every tick fails alike; that was said once.
    if polled.polled + polled.pages > polled.offline:
        _tell_timed(polled_sentence(polled))


def _tell_sent(sent: DeliverSummary) -> None:
    if sent.sent or sent.retried or sent.failed:
        _tell_timed(sent_sentence(sent))


def _tell_timed(sentence: str) -> None:
    print(f"{datetime.now(UTC).astimezone():%H:%M:%S}  {sentence}", file=sys.stderr, flush=True)
