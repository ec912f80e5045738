"""Many calls of the program for one start of Python: what it imports is loaded once, then each call is a fork."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.command import Marsad
from tests.conftest import ROOT

FORKS_FOR_EACH_LINE = """
import json, os, sys, tempfile, traceback
import marsad.app, matching.matcher, storage.channels, storage.deliveries, storage.schema, storage.watchlists
from marsad.cli.main import main

def call(words, settings):
    sys.argv = ["marsad", *words]
    os.environ.update(settings)
    try:
        main()
    except SystemExit as end:
        return end.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

for line in sys.stdin:
    asked = json.loads(line)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            status = call(asked["words"], asked["settings"])
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "backslashreplace"))
    print(json.dumps([status, *texts]), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended."""

    returncode: int
    stdout: str
    stderr: str


def run_all(calls: Mapping[str, tuple[Marsad, Sequence[str]]]) -> dict[str, Outcome]:
    """Make each call in a process of its own, one after the other; their names name the outcomes."""
    asked = [{"words": list(words), "settings": marsad.settings} for marsad, words in calls.values()]
    done = subprocess.run(
        [sys.executable, "-c", FORKS_FOR_EACH_LINE],
        cwd=ROOT,
        env=Marsad({}).environment,
        input="".join(f"{json.dumps(each)}\n" for each in asked),
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    )
    return dict(zip(calls, (Outcome(*json.loads(line)) for line in done.stdout.splitlines()), strict=True))
