"""Our services as docker-compose.yml describes them, run as local processes: command, environment, health check.

Secrets come from files, the data folder and the temporary folder are the only places that can be written to,
and PostgreSQL's place is taken by the tests' own server.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from storage.database import now, open_database
from storage.status import read_status
from tests.conftest import ROOT
from tests.deploy.compose import is_ours, services_of
from tests.namespaces import read_only_but
from tests.running import Running, ask, free_port, running, wait_until

PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Container:
    """A service's place on this machine: its own folder, port and environment."""

    name: str
    service: dict[str, Any]
    folder: Path
    port: int
    environment: dict[str, str]

    @classmethod
    def of(cls, name: str, service: dict[str, Any], folder: Path, secrets: dict[str, str]) -> Container:
        port = free_port()
        for part in ("run/secrets", "var/lib/marsad", "tmp"):
            (folder / part).mkdir(parents=True)
        for secret in service["secrets"]:
            (folder / "run/secrets" / secret).write_text(secrets[secret], encoding="utf-8")
        environment = {
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "HOME": "/nonexistent",
            "TMPDIR": str(folder / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
        }
        for key, value in service["environment"].items():
            inside = value.startswith(("/run/secrets/", "/var/lib/marsad", "/tmp/"))
            environment[key] = f"{folder}{value}" if inside else value
        if "MARSAD_LISTEN" in environment:
            environment["MARSAD_LISTEN"] = environment["MARSAD_LISTEN"].replace("8080", str(port))
        return cls(name, service, folder, port, environment)

    def command(self) -> list[str]:
        return [*read_only_but(self.folder), str(PROGRAMS / "marsad"), *self.service["command"][1:]]

    def check_health(self) -> int:
        """Run the service's own health check; returns its exit status."""
        _, *check = self.service["healthcheck"]["test"]
        check = [word.replace(":8080/", f":{self.port}/") for word in check]
        return subprocess.run(
            check, env=self.environment, timeout=30, capture_output=True, check=False
        ).returncode


@dataclass(frozen=True, slots=True)
class Stack:
    """The containers of a profile, and their processes in the same order."""

    containers: list[Container]
    processes: list[Running]

    def of(self, name: str) -> Iterator[tuple[Container, Running]]:
        return (pair for pair in zip(self.containers, self.processes, strict=True) if pair[0].name == name)


def start(stack: ExitStack, profile: str, folder: Path, secrets: dict[str, str]) -> Stack:
    """Every replica of our services in a profile."""
    containers = [
        Container.of(name, service, folder / f"{name}-{number}", secrets)
        for name, service in services_of(profile).items()
        if is_ours(service)
        for number in range(service.get("deploy", {}).get("replicas", 1))
    ]
    processes = [
        stack.enter_context(running(each.command(), each.environment, each.folder / "log", cwd=each.folder))
        for each in containers
    ]
    return Stack(containers, processes)


def end_all(stack: Stack) -> None:
    for container, process in zip(stack.containers, stack.processes, strict=True):
        assert process.end() < 10, container.name
        assert process.process.returncode == 0, f"{container.name}: {process.said}"
        assert "Traceback" not in process.said


def test_the_default_profile_serves_on_sqlite(tmp_path: Path) -> None:
    with ExitStack() as stack:
        started = start(stack, "default", tmp_path, {"smtp_url": ""})
        ((container, process),) = started.of("marsad")
        process.until(partial(is_ready, container))
        assert ask(container.port, "/healthz")[0] == 200
        assert container.check_health() == 0
        assert "Set it up here" in process.said
        assert "http://127.0.0.1:8080/" in process.said
        assert (container.folder / "var/lib/marsad/marsad.sqlite3").is_file()
        end_all(started)
        assert container.check_health() != 0


@pytest.mark.postgres
def test_the_scale_profile_serves_and_works_on_postgres(tmp_path: Path, postgres_url: str) -> None:
    with ExitStack() as stack:
        started = start(stack, "scale", tmp_path, {"smtp_url": "", "database_url": postgres_url})
        for container, process in started.of("web"):
            process.until(partial(is_ready, container))
            assert container.check_health() == 0
        wait_until(lambda: at_work(postgres_url) == {"web": 2, "worker": 3})
        for container, _ in started.of("worker"):
            assert container.check_health() == 0
        end_all(started)
        (worker, _), *_ = started.of("worker")
        assert worker.check_health() == 1


def is_ready(container: Container) -> bool:
    return ask(container.port, "/readyz")[0] == 200


def at_work(url: str) -> dict[str, int]:
    """How many processes of each kind have registered and are alive."""
    database = open_database(url)
    try:
        with database.read() as session:
            workers = read_status(session, now=now(session)).workers
    finally:
        database.dispose()
    kinds = [each.kind for each in workers if each.alive]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}
