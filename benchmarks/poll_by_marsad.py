"""Marsad's poll as its workers run it: the wired product on a new SQLite file, four watch terms."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import func, select

from benchmarks.report import Meter
from benchmarks.stages import Polling, feed_urls
from marsad.addresses import parse_allowance, parse_target
from marsad.app import App, build_app
from marsad.config import Settings
from marsad.types import Term
from spiders.reactor import stop_reactor
from storage import sources, watchlists
from storage.models import Article, Match

TERMS = ("Nvidia", "Huawei", "H20", "DeepSeek")


async def poll(folder: Path, polling: Polling, urls: list[str]) -> None:
    app = _installation(folder / "measured", urls)
    try:
        async with app.fetching() as crawler:
            with polling.warming() as url:
                async with _installation(folder / "warm", [url]).working(fetch=crawler) as jobs:
                    await jobs.poll.run()
            async with app.working(fetch=crawler) as jobs:
                for stage in polling.stages():
                    with Meter() as meter:
                        summary = await jobs.poll.run(everything=True)
                    if summary.failed:
                        raise RuntimeError(f"{summary.failed} failed: {summary.problems[0]}")
                    articles, matches = _stored(app)
                    polling.report(stage, meter, entries=articles, matches=matches)
    finally:
        await stop_reactor()


def _installation(folder: Path, urls: list[str]) -> App:
    settings = Settings(
        data_dir=folder,
        database_url=f"sqlite:///{quote(str(folder / 'marsad.sqlite3'))}",
        fetch_allow=parse_allowance("127.0.0.0/8", setting="MARSAD_FETCH_ALLOW"),
        host_delay=0,
    )
    app = build_app(settings)
    with app.write() as (session, owner, now):
        watchlist = watchlists.ensure_watchlist(session, owner, "main", now=now)
        for name in TERMS:
            watchlists.add_term(session, watchlist, Term(name), now=now)
        for url in urls:
            sources.add_source(session, url=url, name=url, host=parse_target(url).host, now=now)
    return app


def _stored(app: App) -> tuple[int, int]:
    with app.database.read() as session:
        articles = session.scalars(select(func.count()).select_from(Article)).one()
        return articles, session.scalars(select(func.count()).select_from(Match)).one()


if __name__ == "__main__":
    led = Polling(int(sys.argv[2]))
    asyncio.run(poll(Path(sys.argv[1]), led, feed_urls(int(sys.argv[2]), int(sys.argv[3]))))
    led.print()
