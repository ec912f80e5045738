"""`marsad channel` and `marsad subscribe`: where alerts go."""

from __future__ import annotations

from typing import Annotated

import typer

from marsad.cli.context import (
    Json,
    check_name,
    open_app,
    print_json,
    print_rows,
    read_context_settings,
    tell,
)
from marsad.config import Settings
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
    from notifiers.signing import new_secret
    from storage import channels, users

    address = address.strip()
    settings = read_context_settings()
    default_name = _check(kind, address, settings)
    chosen = default_name if name is None else check_name(name, "channel")
    secret = new_secret() if kind is ChannelKind.WEBHOOK else None
    ready = kind is ChannelKind.WEBHOOK or confirmed
    with open_app(settings) as app, app.write() as (session, owner, now):
        channels.add_channel(
            session,
            owner,
            kind=kind,
            name=chosen,
            address=address,
            secret=secret,
            confirmed=ready,
            now=now,
        )
        users.audit(
            session,
            now=now,
            user_id=owner,
            action="channel.confirmed-by-operator" if confirmed else "channel.added",
            subject=chosen,
            kind=kind,
        )
        no_smtp = kind is ChannelKind.EMAIL and app.settings.smtp is None
    if no_smtp:
        tell("No mail can be sent before MARSAD_SMTP_URL is set; until then alerts wait, none is lost.")
    if as_json:
        print_json({"name": chosen, "kind": kind, "address": address, "confirmed": ready, "secret": secret})
        return
    print(f"Channel '{chosen}' added.")
    if secret is not None:
        print(f"Its secret, shown only now: {secret}")
    if not ready:
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
    from storage import channels, users

    with open_app() as app, app.write() as (session, owner, now):
        channels.confirm(session, owner, name, now=now)
        users.audit(session, now=now, user_id=owner, action="channel.confirmed-by-operator", subject=name)
    print(f"Channel '{name}' is confirmed.")


@commands.command("enable")
def enable(name: Annotated[str, typer.Argument(help="The channel.")]) -> None:
    """Send to a channel again that was disabled. What waited or was parked goes out next.

    Example: marsad channel enable hook
    """
    from storage import channels, users

    with open_app() as app, app.write() as (session, owner, now):
        channels.enable(session, owner, name, now=now)
        users.audit(session, now=now, user_id=owner, action="channel.enabled", subject=name)
    print(f"Channel '{name}' is enabled.")


@commands.command("test")
def test(name: Annotated[str, typer.Argument(help="The channel.")]) -> None:
    """Send a test alert now, and say what the receiver answered.

    Example: marsad channel test hook
    """
    import asyncio
    from uuid import uuid4

    from marsad.errors import TransportError, UsageError
    from marsad.types import Alert
    from storage import channels

    with open_app() as app:
        with app.write() as (session, owner, now):
            target, state = channels.find_channel(session, owner, name)
        if state == "unconfirmed":
            raise UsageError(
                f"'{name}' is not confirmed, so nothing is sent there; see 'marsad channel confirm --help'."
            )
        notifier = app.notifiers().get(target.kind)
        if notifier is None:
            raise TransportError("No mail can be sent: set MARSAD_SMTP_URL, such as smtp://host:587.")
        alert = Alert(
            delivery_id=f"msg_{uuid4().hex}",
            created=now,
            article_id=0,
            title="رسالة تجربة من مرصد — a test from marsad",
            url=None,
            source="marsad",
            published=None,
            summary=None,
            matches=(),
            test=True,
        )
        receipt = asyncio.run(notifier.notify(alert, target))
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


def _check(kind: ChannelKind, address: str, settings: Settings) -> str:
    """Return the default name of a channel; raises UsageError for an address that cannot be one."""
    from marsad.addresses import parse_target, refuse_literal
    from marsad.errors import AddressInvalid
    from notifiers.message import mail_address

    if kind is ChannelKind.WEBHOOK:
        target = parse_target(address)
        refuse_literal(target, allow=settings.deliver_allow, setting="MARSAD_DELIVER_ALLOW")
        return target.host
    if not address.isprintable():
        raise AddressInvalid(f"{address[:120]!a} is not a mail address; write one like me@example.com.")
    try:
        bare = mail_address(address)
    except AddressInvalid as exc:
        raise AddressInvalid(
            f"'{address[:120]}' is not a mail address that can be written to; write one like me@example.com."
        ) from exc
    if bare.rpartition("@")[0] != address.rpartition("@")[0]:
        raise AddressInvalid(f"'{address[:120]}' is more than a mail address; write {bare} alone.")
    return address
