"""The program as a user runs it: the installed `marsad`, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("marsad")


@dataclass(frozen=True, slots=True)
class Marsad:
    """Runs commands with the same settings; loopback is allowed unless told otherwise."""

    settings: dict[str, str]

    @classmethod
    def at(cls, folder: Path, **settings: str) -> Marsad:
        base = {
            "MARSAD_DATA_DIR": str(folder),
            "MARSAD_FETCH_ALLOW": "127.0.0.0/8",
            "MARSAD_DELIVER_ALLOW": "127.0.0.0/8",
            "MARSAD_HOST_DELAY": "0",
        }
        return cls(base | settings)

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("MARSAD_")}
        # Without compiled modules each command spends a second on imports.
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)
        return inherited | self.settings

    def run(self, *arguments: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end; with `check`, a failure shows what it said."""
        done = subprocess.run(
            [PROGRAM, *arguments],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def facts(self, *arguments: str) -> list[Any]:
        """Run a command with --json and read its lines."""
        return [json.loads(line) for line in self.run(*arguments, "--json").stdout.splitlines()]
