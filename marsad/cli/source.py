"""`marsad source`: what is polled."""

from __future__ import annotations

from itertools import chain, count
from shlex import quote
from typing import Annotated

import typer

from marsad.cli.context import (
    Json,
    check_name,
    open_app,
    print_json,
    print_rows,
    read_context_settings,
)

commands = typer.Typer(no_args_is_help=True, help="The sources that are polled: add, list, check, enable.")

NO_SOURCE = "No source yet. Add one: marsad source add https://example.com/feed"


@commands.command("add")
def add(
    url: Annotated[str, typer.Argument(help="Address of a feed: RSS, Atom or JSON Feed.")],
    name: Annotated[str | None, typer.Option(help="What to call it; default: its host.")] = None,
    as_json: Json = False,
) -> None:
    """Watch a feed. Its first poll stores and matches what it holds now, quietly.

    Example: marsad source add https://example.com/feed --name example
    """
    from marsad.addresses import canonical_url, parse_target, refuse_literal
    from storage import sources

    url = canonical_url(url.strip())
    target = parse_target(url)
    settings = read_context_settings()
    refuse_literal(target, allow=settings.fetch_allow)
    wanted = None if name is None else check_name(name, "source")
    with open_app(settings) as app, app.write() as (session, _, now):
        taken = set(sources.source_names(session))
        chosen = wanted or _free_name(target.host[:90], taken)
        source_id = sources.add_source(session, url=url, name=chosen, host=target.host, now=now)
    if as_json:
        print_json({"id": source_id, "name": chosen, "url": url})
    else:
        print(f"Watching {url} as '{chosen}'. Try it now: marsad source check {quote(chosen)}")


@commands.command("list")
def list_all(as_json: Json = False) -> None:
    """Show every source with its state in plain words.

    Example: marsad source list --json
    """
    from storage import sources

    with open_app() as app, app.database.read() as session:
        rows = sources.list_sources(session)
    columns = {
        "name": lambda r: r.name,
        "address": lambda r: r.url,
        "articles": lambda r: r.articles,
        "last success": lambda r: r.last_success_at,
        "next poll": lambda r: "paused" if r.paused else r.due_at,
        "state": lambda r: r.last_detail or "Not polled yet.",
    }
    print_rows(rows, as_json=as_json, columns=columns, empty=NO_SOURCE)


@commands.command("check")
def check(
    name: Annotated[str, typer.Argument(help="Name or address of a source, or any address.")],
    as_json: Json = False,
) -> None:
    """Fetch a source now and show its newest items; nothing is stored. Exit 1 when it cannot be read.

    Example: marsad source check example.com
    """
    from marsad.addresses import parse_target
    from marsad.cli.fetch import show_feeds
    from marsad.errors import NameUnknown
    from storage import sources

    settings = read_context_settings()
    url = name
    with open_app(settings) as app, app.database.read() as session:
        try:
            url = sources.find_source(session, name).request.url
        except NameUnknown:
            if "://" not in name:
                raise
            parse_target(url)
    show_feeds([url], settings, as_json=as_json)


@commands.command("enable")
def enable(name: Annotated[str, typer.Argument(help="Name or address of a source.")]) -> None:
    """Poll a paused source again: polling pauses when an address is gone (HTTP 410).

    Example: marsad source enable example.com
    """
    from storage import sources

    with open_app() as app, app.write() as (session, _, now):
        chosen = sources.enable_source(session, name, now=now)
    print(f"'{chosen}' is polled again. Try it now: marsad source check {quote(chosen)}")


def _free_name(host: str, taken: set[str]) -> str:
    names = chain([host], (f"{host} {number}" for number in count(2)))
    return next(name for name in names if name not in taken)
