"""`marsad channel` and `marsad subscribe`: where alerts go."""

from __future__ import annotations

from typing import Annotated

import typer

from marsad.cli.context import (
    Json,
    open_app,
    print_json,
    print_rows,
    read_context_settings,
    tell,
)
from marsad.types import ChannelKind

commands = typer.Typer(
    no_args_is_help=True, help="Channels that alerts go to: add, list, confirm, enable, test."
)


@commands.command("add")
def add(
    kind: Annotated[ChannelKind, typer.Argument(help="What it is.")],
    address: Annotated[str, typer.Argument(help="Mail address, or address of the webhook.")],
    name: Annotated[str | None, typer.Option(help="What to call it; default: its address or host.")] = None,
    confirmed: Annotated[
        bool,
        typer.Option("--confirmed", help="You vouch that the mail address agreed; this is recorded."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a mail address or a webhook.

    A mail address receives nothing before it is confirmed. A webhook's secret is shown once, here:
    its receiver checks the signature with it (standardwebhooks.com).

    Example: marsad channel add webhook https://example.com/hook
    """
    from pipeline import channels

    settings = read_context_settings()
    with open_app(settings) as app, app.write() as (session, owner, now):
        added = channels.add_channel(
            session,
            owner,
            kind=kind,
            address=address,
            name=name,
            vouched=confirmed,
            allow=settings.deliver_allow,
            now=now,
        )
        no_smtp = kind is ChannelKind.EMAIL and app.settings.smtp is None
    if no_smtp:
        tell("No mail can be sent before MARSAD_SMTP_URL is set; until then alerts wait, none is lost.")
    if as_json:
        facts = {"name": added.name, "kind": kind, "address": added.address, "confirmed": added.confirmed}
        print_json({**facts, "secret": added.secret})
        return
    print(f"Channel '{added.name}' added.")
    if added.secret is not None:
        print(f"Its secret, shown only now: {added.secret}")
    if not added.confirmed:
        print("The address is unconfirmed and receives nothing yet; alerts for it wait.")


@commands.command("list")
def list_all(as_json: Json = False) -> None:
    """Show every channel and its state.

    Example: marsad channel list
    """
    from storage import channels

    with open_app() as app, app.read() as (session, owner):
        rows = channels.list_channels(session, owner)
    columns = {
        "name": lambda r: r.name,
        "kind": lambda r: r.kind,
        "address": lambda r: r.address,
        "state": lambda r: r.state,
    }
    print_rows(rows, as_json=as_json, columns=columns, empty="No channel yet: marsad channel add --help")


@commands.command("confirm")
def confirm(name: Annotated[str, typer.Argument(help="The channel.")]) -> None:
    """Vouch that a mail address agreed to receive alerts; this is recorded. What waited goes out next.

    Example: marsad channel confirm me@example.com
    """
    from pipeline import channels

    with open_app() as app, app.write() as (session, owner, now):
        channels.vouch_for_channel(session, owner, name, now=now)
    print(f"Channel '{name}' is confirmed.")


@commands.command("enable")
def enable(name: Annotated[str, typer.Argument(help="The channel.")]) -> None:
    """Send to a channel again that was disabled. What waited or was parked goes out next.

    Example: marsad channel enable hook
    """
    from pipeline import channels

    with open_app() as app, app.write() as (session, owner, now):
        channels.enable_channel(session, owner, name, now=now)
    print(f"Channel '{name}' is enabled.")


@commands.command("test")
def test(name: Annotated[str, typer.Argument(help="The channel.")]) -> None:
    """Send a test alert now, and say what the receiver answered.

    Example: marsad channel test hook
    """
    import asyncio

    from marsad.errors import UsageError
    from notifiers.trial import send_test
    from storage import channels

    with open_app() as app:
        with app.read() as (session, owner):
            target, state = channels.find_channel(session, owner, name)
        if state == "unconfirmed":
            raise UsageError(
                f"'{name}' is not confirmed, so nothing is sent there; see 'marsad channel confirm --help'."
            )
        receipt = asyncio.run(send_test(app.notifiers(), target))
    print(f"Sent to '{name}': {receipt.detail}")


def subscribe(
    watchlist: Annotated[str, typer.Argument(help="Whose matches.")],
    channel: Annotated[str, typer.Argument(help="Where they go.")],
    include_existing: Annotated[
        bool,
        typer.Option("--include-existing", help="Also send what is stored, and what a first poll finds."),
    ] = False,
) -> None:
    """Send a watchlist's new matches to a channel.

    Example: marsad subscribe main me@example.com
    """
    from storage import channels, deliveries, watchlists

    waiting = 0
    with open_app() as app, app.write() as (session, owner, now):
        watchlist_id = watchlists.find_watchlist(session, owner, watchlist)
        target, state = channels.find_channel(session, owner, channel)
        watchlists.subscribe(session, watchlist_id, target.id, include_existing=include_existing, now=now)
        if include_existing:
            waiting = deliveries.enqueue_existing(session, watchlist_id, target.id, now=now)
    print(f"Matches of '{watchlist}' go to '{channel}'.")
    if waiting:
        print(f"{waiting} stored matches are on their way.")
    if state == "unconfirmed":
        tell(f"'{channel}' is not confirmed yet: alerts wait until it is.")


def unsubscribe(
    watchlist: Annotated[str, typer.Argument(help="Whose matches.")],
    channel: Annotated[str, typer.Argument(help="Where they go until now.")],
) -> None:
    """Send a watchlist's matches to a channel no more; alerts under way still go out.

    Example: marsad unsubscribe main me@example.com
    """
    from storage import channels, watchlists

    with open_app() as app, app.write() as (session, owner, _):
        watchlist_id = watchlists.find_watchlist(session, owner, watchlist)
        target, _ = channels.find_channel(session, owner, channel)
        watchlists.unsubscribe(session, watchlist_id, target.id)
    print(f"Matches of '{watchlist}' no longer go to '{channel}'.")
