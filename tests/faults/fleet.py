"""The program's processes, as a supervisor keeps them: what ends is started again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.command import PROGRAM, Marsad
from tests.conftest import ROOT

Command = tuple[str, ...]

WORKER: Command = ("worker",)
WEB: Command = ("web",)
SERVICE: Command = ("serve",)

RESTART_PAUSE = 1.0
"""Seconds between a process's end and its next start, as supervisors wait."""

_LOADING = 30.0
"""Seconds in which a process may still be loading on a busy machine."""


def program(command: Command) -> list[str]:
    """The command line that runs a command."""
    if command[0] == "python":
        return [sys.executable, *command[1:]]
    return [str(PROGRAM), *command]


@dataclass(slots=True)
class Member:
    """One process, whichever run of it."""

    command: Command
    log: Path
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0
    started: float = 0.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended when it was asked to."""

    command: Command
    status: int
    seconds: float
    just_started: bool

    @property
    def in_order(self) -> bool:
        """Whether it ended well; one that is still loading has nothing to drain, and dies by the signal."""
        return self.status == 0 or (self.just_started and self.status == -signal.SIGTERM)


@dataclass(slots=True)
class Fleet:
    """Runs each command as a process of its own; a context manager that leaves none behind.

    A command is the program's, or begins with "python" for a program of the tests. The logs go to
    `<folder>/<number>-<command>.log`.
    """

    marsad: Marsad
    commands: Sequence[Command]
    folder: Path
    died: list[str] = field(default_factory=list)
    """The commands of processes that ended by themselves, with their exit status."""
    members: list[Member] = field(default_factory=list)

    def __enter__(self) -> Self:
        for number, command in enumerate(self.commands):
            log = self.folder / f"{number}-{command[-1]}.log"
            self.members.append(Member(command, log))
        self.revive()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for member in self.members:
            if member.process is not None:
                member.process.kill()
                member.process.wait()

    def kill(self, number: int) -> None:
        """End a process by SIGKILL; it is started again after RESTART_PAUSE."""
        member = self.members[number]
        if member.process is not None:
            member.process.kill()
            member.process.wait()
            self._ended(member)

    def freeze(self, number: int) -> None:
        """Stop a process by SIGSTOP: it keeps its connections, and does nothing."""
        self._signal(number, signal.SIGSTOP)

    def thaw(self, number: int) -> None:
        """Let a frozen process go on where it stood."""
        self._signal(number, signal.SIGCONT)

    def revive(self) -> None:
        """Start what has ended; called again and again while time passes."""
        for member in self.members:
            if member.process is not None and (status := member.process.poll()) is not None:
                self.died.append(f"{' '.join(member.command)}: exit {status}")
                self._ended(member)
            if member.process is None and time.monotonic() >= member.start_at:
                member.started = time.monotonic()
                with member.log.open("ab") as log:
                    member.process = self._start(member.command, log)

    def end(self) -> list[Ended]:
        """Ask every process to end by SIGTERM; returns how each did, in the order of `commands`."""
        asked = time.monotonic()
        for number in range(len(self.members)):
            self._signal(number, signal.SIGTERM)
        ends: dict[int, Ended] = {}
        while len(ends) < len(self.members) and time.monotonic() < asked + 60:
            for number, member in enumerate(self.members):
                status = member.process.poll() if member.process else 0
                if number not in ends and status is not None:
                    young = asked - member.started < _LOADING
                    ends[number] = Ended(member.command, status, time.monotonic() - asked, young)
            time.sleep(0.02)
        return [ends[number] for number in sorted(ends)]

    def log_lines(self, containing: str) -> list[str]:
        """Every line of the logs that contains a text."""
        return [
            f"{member.log.name}: {line}"
            for member in self.members
            if member.log.exists()
            for line in member.log.read_text(errors="replace").splitlines()
            if containing in line
        ]

    def _signal(self, number: int, which: signal.Signals) -> None:
        process = self.members[number].process
        if process is not None:
            process.send_signal(which)

    def _ended(self, member: Member) -> None:
        member.process = None
        member.start_at = time.monotonic() + RESTART_PAUSE

    def _start(self, command: Command, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            program(command),
            cwd=ROOT,
            env=self.marsad.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
