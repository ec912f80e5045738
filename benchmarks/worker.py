"""One worker as `marsad worker` wires it, made to do one job until nothing is due, and to say what it did.

`python -m benchmarks.worker FOLDER DATABASE_URL` prints a line when it is ready. Each line on its standard
input, `poll` or `deliver`, is answered by a line of JSON: `done`, `failed`, `cpu_seconds`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from benchmarks.report import Meter
from marsad.addresses import parse_allowance
from marsad.app import App, Jobs, build_app
from marsad.config import Settings
from spiders.reactor import stop_reactor


def open_installation(folder: Path, url: str) -> App:
    """The product on this database, allowed to read from and post to loopback, without pauses."""
    return build_app(
        Settings(
            data_dir=folder,
            database_url=url,
            fetch_allow=parse_allowance("127.0.0.0/8", setting="MARSAD_FETCH_ALLOW"),
            deliver_allow=parse_allowance("127.0.0.0/8", setting="MARSAD_DELIVER_ALLOW"),
            host_delay=0,
        )
    )


async def work(app: App) -> None:
    try:
        async with app.working() as jobs:
            print("ready", flush=True)
            while job := (await asyncio.to_thread(sys.stdin.readline)).strip():
                with Meter() as meter:
                    done, failed = await _do(jobs, job)
                print(
                    json.dumps({"done": done, "failed": failed, "cpu_seconds": meter.cpu_seconds}), flush=True
                )
    finally:
        await stop_reactor()


async def _do(jobs: Jobs, job: str) -> tuple[int, int]:
    if job == "poll":
        polled = await jobs.poll.run()
        return polled.polled, polled.failed
    sent = await jobs.deliver.run()
    return sent.sent, sent.failed + sent.retried


if __name__ == "__main__":
    opened = open_installation(Path(sys.argv[1]), sys.argv[2])
    asyncio.run(work(opened))
    opened.database.dispose()
