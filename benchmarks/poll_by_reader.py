"""reader's poll as its documentation shows it: a new SQLite file, ten workers."""

from __future__ import annotations

import sys
from pathlib import Path

from reader import make_reader

from benchmarks.report import Meter
from benchmarks.stages import Polling, feed_urls

WORKERS = 10


def poll(folder: Path, polling: Polling, urls: list[str]) -> None:
    with polling.warming() as url, make_reader(str(folder / "warm.sqlite3")) as warm:
        warm.add_feed(url)
        warm.update_feeds(workers=WORKERS, scheduled=False)
    with make_reader(str(folder / "reader.sqlite3")) as reader:
        for url in urls:
            reader.add_feed(url)
        for stage in polling.stages():
            with Meter() as meter:
                reader.update_feeds(workers=WORKERS, scheduled=False)
            if broken := reader.get_feed_counts(broken=True).total:
                raise RuntimeError(f"{broken} feeds failed")
            polling.report(stage, meter, entries=reader.get_entry_counts().total or 0)


if __name__ == "__main__":
    led = Polling(int(sys.argv[2]))
    poll(Path(sys.argv[1]), led, feed_urls(int(sys.argv[2]), int(sys.argv[3])))
    led.print()
