"""The program `marsad`: its commands, and how its errors end."""

from __future__ import annotations

import errno
import os
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from marsad import __version__
from marsad.cli import (
    channel,
    db,
    demo,
    explain,
    fetch,
    match,
    matches,
    poll,
    serve,
    source,
    status,
    user,
    watch,
)
from marsad.cli.context import tell
from marsad.errors import MarsadError
from marsad.logs import configure_logging

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="marsad (مرصد) watches Arabic technology news and alerts people.\n\n"
    "Type a name in Latin letters; marsad finds it however Arabic spells it.\n\n"
    "First steps: marsad source add URL, marsad watch add Nvidia, marsad poll --once, marsad matches list.\n\n"
    "Settings come from the environment (docs/settings.md). Exit status: 0 good, 1 failed, 2 wrong usage.",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"marsad {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens to stderr.")] = False,
) -> None:
    configure_logging(verbose=verbose)


app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("web")(serve.web)
app.command("demo")(demo.demo)
app.command("setup-link")(user.setup_link)
app.command("unblock")(user.unblock)
app.command("poll")(poll.poll)
app.command("status")(status.status)
app.add_typer(source.commands, name="source")
app.add_typer(watch.commands, name="watch")
app.add_typer(channel.commands, name="channel")
app.command("subscribe")(channel.subscribe)
app.command("unsubscribe")(channel.unsubscribe)
app.add_typer(matches.matches, name="matches")
app.add_typer(matches.deliveries, name="deliveries")
app.command("fetch")(fetch.fetch)
app.command("parse")(fetch.parse)
app.command("extract")(fetch.extract)
app.command("match")(match.match)
app.command("spellings")(match.spellings)
app.command("explain")(explain.explain)
app.add_typer(db.commands, name="db")


def main() -> None:
    """Run a command; an error that a person can mend ends in one sentence, with exit status 1 or 2."""
    for stream in (sys.stdout, sys.stderr):
        # Where the terminal cannot show Arabic, escapes are better than nothing.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
        sys.stdout.flush()
    except MarsadError as exc:
        tell(f"marsad: {exc}")
        sys.exit(exc.exit_status)
    except UnicodeEncodeError as exc:
        # An argument that is no UTF-8 comes in as lone surrogates, which nothing can store or print.
        tell(f"marsad: {exc.object[:40]!a} is not written in UTF-8; type it again.")
        sys.exit(2)
    except BrokenPipeError:
        # The reader of our output is gone (marsad matches list | head): nothing is wrong here.
        _drop_output()
        sys.exit(1)
    except OSError as exc:
        if exc.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
            raise
        _drop_output()
        tell(f"marsad: The output cannot be written ({exc.strerror}); free some space or write elsewhere.")
        sys.exit(1)


def _drop_output() -> None:
    # What is still in Python's buffer would raise again as the process ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
