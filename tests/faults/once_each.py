"""Many deliveries that all wait, and several workers that begin at once: each is sent once."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from marsad.types import ChannelKind
from tests.command import PROGRAM, Marsad
from tests.faults.ledger import AlertReceiver
from tests.faults.news import GrowingNews
from tests.faults.service_database import NewChannel, confirm_channels, set_up, still_to_do


@dataclass(frozen=True, slots=True)
class SentOnce:
    """What became of the deliveries."""

    workers: int
    deliveries: int
    sent: int
    """Different ids that arrived."""
    repeats: int
    left: int
    """Deliveries that the database still has to send."""
    shares: tuple[int, ...]
    """How many each worker sent."""
    seconds: float

    @property
    def broken(self) -> list[str]:
        """A sentence for each promise that was broken."""
        broken = {
            "lost": self.deliveries - self.sent,
            "sent again although nothing failed": self.repeats,
            "left unsent": self.left,
        }
        return [f"{count} {what}" for what, count in broken.items() if count]


def send_once_each(url: str, folder: Path, *, workers: int, articles: int, channels: int) -> SentOnce:
    """Have `workers` processes send `articles` × `channels` deliveries that became due at one moment."""
    names = [f"hook{n}" for n in range(channels)]
    with GrowingNews(houses=1, rate=1, seed=67) as news, AlertReceiver(slowest=0.02) as receiver:
        for _ in range(articles):
            news.publish("title")
        hooks = [
            NewChannel(
                ChannelKind.WEBHOOK,
                name,
                receiver.url(name),
                receiver.new_secret(name),
                confirmed=False,
                existing=True,
            )
            for name in names
        ]
        set_up(url, folder, news.feeds, hooks)
        marsad = Marsad.at(folder, MARSAD_DATABASE_URL=url)
        marsad.run("poll", "--once", "--all")
        assert still_to_do(url).deliveries == articles * channels
        confirm_channels(url)
        started = time.monotonic()
        running = [_start(marsad) for _ in range(workers)]
        results = [process.communicate(timeout=600) for process in running]
        seconds = time.monotonic() - started
    assert [process.returncode for process in running] == [0] * workers, results
    assert receiver.refused == []
    ids = Counter(told.id for told in receiver.told)
    return SentOnce(
        workers=workers,
        deliveries=articles * channels,
        sent=len(ids),
        repeats=ids.total() - len(ids),
        left=still_to_do(url).deliveries,
        shares=tuple(_sent(output) for output, _ in results),
        seconds=seconds,
    )


def _start(marsad: Marsad) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PROGRAM, "poll", "--once", "--json"],
        env=marsad.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _sent(output: str) -> int:
    return int(json.loads(output)["deliver"]["sent"])
