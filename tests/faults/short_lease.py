"""`marsad worker` with a lease of a few seconds: a test of a process that hangs cannot wait for the real one.

Run as `python -m tests.faults.short_lease SECONDS`; every part is the program's own.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from marsad.app import App, build_app
from marsad.config import read_settings
from marsad.logs import configure_logging
from pipeline.catch_up import CatchUp
from pipeline.deliver import Deliver
from pipeline.heartbeat import Heartbeat
from pipeline.leases import DeliveryLeases, HostLeases
from pipeline.poll import Poll, PollOptions
from pipeline.watching import LiveWatchSet
from scheduler.ticker import run_until_stopped
from spiders.reactor import stop_reactor
from storage import workers


async def work(app: App, lease: timedelta) -> None:
    """Poll and deliver until told to stop."""
    database, clock, notifiers = app.database, app.clock, app.notifiers()
    pace = timedelta(seconds=app.settings.host_delay)
    with workers.working(database, pace=pace, clock=clock) as worker:
        hosts = HostLeases(database, worker=worker, clock=clock, time_limit=lease)
        outbox = DeliveryLeases(
            database, worker=worker, clock=clock, kinds=tuple(notifiers), time_limit=lease
        )
        heartbeat = Heartbeat(database, worker=worker, clock=clock, leases=(hosts, outbox), every=lease / 3)
        options = PollOptions(host_delay=pace, interval=timedelta(seconds=app.settings.poll_interval))
        async with app.fetching() as crawler, heartbeat.beating():
            watches = LiveWatchSet(database)
            poll = Poll(database, crawler, leases=hosts, watches=watches, clock=clock, options=options)
            catch_up = CatchUp(database, watches, clock=clock)
            deliver = Deliver(database, notifiers, leases=outbox, clock=clock)

            def stop() -> None:
                poll.stop()
                catch_up.stop()
                deliver.stop()

            await run_until_stopped(poll.run, catch_up.run, deliver.run, stop=stop, tick=1)


async def main() -> None:
    configure_logging(verbose=False)
    settings = read_settings(os.environ, default_data_dir=Path.cwd())
    app = build_app(settings)
    try:
        await work(app, timedelta(seconds=float(sys.argv[1])))
    finally:
        await stop_reactor()
        app.database.dispose()


if __name__ == "__main__":
    asyncio.run(main())
