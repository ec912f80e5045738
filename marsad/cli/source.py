"""`marsad source`: what is polled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from marsad.cli.context import (
    Json,
    open_app,
    print_json,
    print_rows,
    read_context_settings,
)
from marsad.errors import NameUnknown, UsageError
from marsad.types import Shape

if TYPE_CHECKING:
    from pipeline.sources import AddedSource
    from spiders.catalogue import CatalogueSource

commands = typer.Typer(
    no_args_is_help=True, help="The sources that are polled: add, catalogue, list, check, pause, enable."
)

NO_SOURCE = (
    "No source yet. Add one: marsad source add https://example.com/feed"
    " or those that marsad knows: marsad source add --group technology"
)

Group = Literal["technology", "business", "science", "general"]
_CATALOGUE_ID = re.compile(r"[a-z0-9-]+")


@commands.command("add")
def add(
    addresses: Annotated[
        list[str] | None,
        typer.Argument(help="Addresses of feeds (RSS, Atom, JSON Feed, sitemap), or ids of the catalogue."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call it; default: its host.")] = None,
    listing: Annotated[
        bool, typer.Option("--listing", help="It is a web page without a feed: read its links to articles.")
    ] = False,
    group: Annotated[Group | None, typer.Option(help="Add this group of the catalogue.")] = None,
    as_json: Json = False,
) -> None:
    """Watch sources. The first poll of each stores and matches what it holds now, quietly.

    Example: marsad source add https://example.com/feed --name example
    """
    from pipeline import sources

    given = [address.strip() for address in addresses or ()]
    ids = [each for each in given if _CATALOGUE_ID.fullmatch(each)]
    urls = [each for each in given if each not in ids]
    if not given and group is None:
        raise typer.BadParameter(
            "Give an address, an id of the catalogue (marsad source catalogue), or --group."
        )
    if (name is not None or listing) and (len(urls) != 1 or len(given) > 1 or group is not None):
        raise UsageError("--name and --listing go with one address; add the others by another call.")
    chosen = _choose(ids, group)
    shape: Shape = "listing" if listing else "feed"
    settings = read_context_settings()
    with open_app(settings) as app, app.write() as (session, _, now):
        added = [
            sources.add_source(session, url=url, name=name, shape=shape, allow=settings.fetch_allow, now=now)
            for url in urls
        ]
        added += sources.add_from_catalogue(session, chosen, allow=settings.fetch_allow, now=now)
    for source in added:
        _show_added(source, as_json=as_json)
    if len(added) < len(urls) + len(chosen) and not as_json:
        print(f"{len(urls) + len(chosen) - len(added)} of them are watched already.")


@commands.command("catalogue")
def catalogue(
    group: Annotated[Group | None, typer.Option(help="Only this group.")] = None,
    as_json: Json = False,
) -> None:
    """Show the Arabic news sources that marsad knows; nothing is polled before it is added.

    Example: marsad source catalogue --group technology
    """
    columns = {
        "id": lambda s: s.id,
        "name": lambda s: s.name_ar,
        "group": lambda s: s.group,
        "country": lambda s: s.country,
        "address": lambda s: s.url,
        "note": lambda s: s.note_en or "",
    }
    print_rows(_choose((), group) if group else _catalogue(), as_json=as_json, columns=columns, empty="")


@commands.command("list")
def list_all(as_json: Json = False) -> None:
    """Show every source with its state in plain words.

    Example: marsad source list --json
    """
    from pipeline.source_state import english_sentence, source_state
    from storage import sources

    with open_app() as app, app.database.read() as session:
        now = app.clock(session)
        shown = [(row, source_state(row, now=now)) for row in sources.list_sources(session)]
    if as_json:
        for row, state in shown:
            print_json({**asdict(row), "state": state.code, "sentence": english_sentence(state)})
        return
    columns = {
        "name": lambda s: s[0].name,
        "address": lambda s: s[0].url,
        "articles": lambda s: s[0].articles,
        "last success": lambda s: s[0].last_success_at,
        "next poll": lambda s: "paused" if s[0].paused else s[0].due_at,
        "state": lambda s: english_sentence(s[1]),
    }
    print_rows(shown, as_json=False, columns=columns, empty=NO_SOURCE)


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
    from marsad.types import FetchRequest
    from storage import sources

    settings = read_context_settings()
    request = FetchRequest(name, "feed")
    with open_app(settings) as app, app.database.read() as session:
        try:
            known = sources.find_source(session, name).request
            request = FetchRequest(known.url, known.what)
        except NameUnknown:
            if "://" not in name:
                raise
            parse_target(name)
    show_feeds([request], settings, follow_indexes=True, as_json=as_json)


@commands.command("pause")
def pause(name: Annotated[str, typer.Argument(help="Name or address of a source.")]) -> None:
    """Poll a source no more until it is enabled; what is stored stays.

    Example: marsad source pause example.com
    """
    from storage import sources

    with open_app() as app, app.write() as (session, _, now):
        chosen = sources.pause_source(session, name, now=now)
    print(f"'{chosen}' is paused. To poll it again: marsad source enable {quote(chosen)}")


@commands.command("enable")
def enable(name: Annotated[str, typer.Argument(help="Name or address of a source.")]) -> None:
    """Poll a paused source again, one that was paused because its address is gone (HTTP 410) too.

    Example: marsad source enable example.com
    """
    from storage import sources

    with open_app() as app, app.write() as (session, _, now):
        chosen = sources.enable_source(session, name, now=now)
    print(f"'{chosen}' is polled again. Try it now: marsad source check {quote(chosen)}")


def _catalogue() -> Sequence[CatalogueSource]:
    from spiders.catalogue import load_catalogue

    return load_catalogue()


def _choose(ids: Sequence[str], group: Group | None) -> list[CatalogueSource]:
    """The catalogue's sources of these ids and this group, in its order; raises NameUnknown."""
    if not ids and group is None:
        return []
    every = _catalogue()
    unknown = set(ids).difference(source.id for source in every)
    if unknown:
        raise NameUnknown(
            f"'{min(unknown)}' is neither an address that begins with http:// or https:// nor an id of the"
            " catalogue; 'marsad source catalogue' shows them."
        )
    return [source for source in every if source.id in ids or source.group == group]


def _show_added(source: AddedSource, *, as_json: bool) -> None:
    if as_json:
        print_json(source)
        return
    how = " as a page of links" if source.shape == "listing" else ""
    if source.known:
        print(f"'{source.name}' ({source.url}) is read{how or ' as a feed'} from now on.")
    else:
        print(
            f"Watching {source.url}{how} as '{source.name}'. Try it now: marsad source check {quote(source.name)}"
        )
