"""Asked to end while a fetch hangs and an alert hangs, a process is gone in time and loses nothing."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from marsad.types import ChannelKind
from notifiers.signing import new_secret
from tests.command import Marsad
from tests.faults.fleet import Command, program
from tests.faults.news import GrowingNews
from tests.faults.service_database import NewChannel, set_up, still_to_do
from tests.servers import RecordingReceiver, Reply

DRAIN_LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class Drained:
    """How a process ended, and how what it left was done."""

    what: str
    seconds: float
    status: int
    told_again_after: float
    """Seconds from the next start until the alert that hung had arrived, under the same id."""
    said: str
    left: int

    @property
    def broken(self) -> list[str]:
        """A sentence for each promise that was broken."""
        late = self.seconds >= DRAIN_LIMIT
        broken = {
            f"{self.what}: it took {self.seconds:.1f} s to end": late,
            f"{self.what}: it ended with status {self.status}": self.status != 0,
            f"{self.what}: {self.left} deliveries were left": self.left > 0,
            f"{self.what}: its log has a traceback": "Traceback" in self.said,
        }
        return [sentence for sentence, is_so in broken.items() if is_so]


def drain(url: str, folder: Path, command: Command, number: signal.Signals) -> Drained:
    """Start the command, wait until a fetch and an alert hang, send the signal, and start it once more."""
    with (
        GrowingNews(houses=1, rate=1, seed=82) as news,
        RecordingReceiver() as silent,
        RecordingReceiver() as hook,
    ):
        news.publish("title")
        # A house that answers for robots.txt, then never again.
        silent.answer(Reply(404), Reply(hang=True))
        hook.answer(Reply(hang=True))
        feeds = news.feeds | {"127.0.0.1": f"http://127.0.0.1:{silent.port}/feed"}
        channel = NewChannel(ChannelKind.WEBHOOK, "hook", hook.url, new_secret(), existing=True)
        set_up(url, folder, feeds, [channel])
        marsad = Marsad.at(folder, MARSAD_DATABASE_URL=url, MARSAD_LISTEN="127.0.0.1:0")
        with _running(marsad, command) as process:
            _wait(lambda: len(silent.requests) >= 2 and len(hook.requests) >= 1)
            asked = time.monotonic()
            process.send_signal(number)
            _, said = process.communicate(timeout=60)
            seconds = time.monotonic() - asked
        first = hook.requests[0].headers["webhook-id"]
        hook.answer(Reply())
        silent.answer(Reply(404))
        before = len(hook.requests)
        with _running(marsad, command) as again:
            started = time.monotonic()
            _wait(lambda: first in {r.headers["webhook-id"] for r in hook.requests[before:]})
            told_again = time.monotonic() - started
            _wait(lambda: still_to_do(url).deliveries == 0)
            again.send_signal(number)
            again.communicate(timeout=60)
        left = still_to_do(url).deliveries
    what = f"{' '.join(command)}, {number.name}"
    return Drained(what, seconds, process.returncode, told_again, said, left)


@contextmanager
def _running(marsad: Marsad, command: Command) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        program(command),
        env=marsad.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _wait(reached: Callable[[], bool], limit: float = 90) -> None:
    end = time.monotonic() + limit
    while not reached():
        assert time.monotonic() < end, "it did not come to it"
        time.sleep(0.05)
