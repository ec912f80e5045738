"""Where alerts go: channels, who is told of what, and the alerts of the last days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from anyio import from_thread
from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from sqlalchemy.orm import Session

from marsad.errors import MarsadError, NameTaken, NameUnknown, TransportError
from marsad.types import ChannelKind, ChannelTarget, Receipt
from pipeline import channels as use_cases
from pipeline.channels import AddedChannel
from storage import channels, deliveries, watchlists
from storage.accounts import SignedIn
from storage.channels import ChannelRow
from web.access import CurrentUser
from web.delivery_states import say_delivery
from web.parameters import number_or_404
from web.rendering import bdi, language_of, render
from web.sentences import say_error, status_of
from web.services import Services, WebServices
from web.translation import Language, noop

router = APIRouter(include_in_schema=False)

_RECENT = 30

_DONE = {
    "added": noop("The channel was added."),
    "confirmed": noop("The address is confirmed; what waited goes out now."),
    "enabled": noop("The channel is on again; what waited goes out now."),
    "subscribed": noop("New matches go to this channel from now on."),
    "unsubscribed": noop("Matches no longer go to this channel; what is under way still goes out."),
    "retried": noop("They are tried again now."),
}


@dataclass(frozen=True, slots=True)
class _Entered:
    """What stood in a form of a new channel that is shown again."""

    kind: Literal["email", "webhook"]
    address: str
    name: str
    error: Markup


@dataclass(frozen=True, slots=True)
class _Shown:
    """A channel as the page shows it."""

    row: ChannelRow
    tone: str
    state: Markup
    subscribed: tuple[str, ...]
    free: tuple[str, ...]
    """Watchlists whose matches do not go there."""


@router.get("/alerts")
def show_alerts(
    request: Request, services: Services, user: CurrentUser, done: str | None = None
) -> HTMLResponse:
    flash = language_of(request).gettext(_DONE[done]) if done in _DONE else Markup()
    return _page(request, services, user, flash=flash)


@router.post("/alerts/channels")
def add_channel(
    request: Request,
    services: Services,
    user: CurrentUser,
    kind: Annotated[Literal["email", "webhook"], Form()],
    address: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    watchlist: Annotated[str, Form()] = "",
) -> Response:
    """Add a channel, and tell it of a watchlist at once; a webhook's secret is shown in the answer only."""
    try:
        with services.database.write() as session:
            now = services.clock(session)
            added = use_cases.add_channel(
                session,
                user.id,
                kind=ChannelKind(kind),
                address=address,
                name=name.strip() or None,
                allow=services.settings.deliver_allow,
                now=now,
            )
            if watchlist:
                watchlist_id = watchlists.find_watchlist(session, user.id, watchlist)
                watchlists.subscribe(session, watchlist_id, added.id, include_existing=False, now=now)
    except MarsadError as exc:
        entered = _Entered(kind, address, name, say_error(language_of(request), exc))
        return _page(request, services, user, entered=entered, status=status_of(exc))
    services.wake()
    if added.secret is None:
        return RedirectResponse("/alerts?done=added", 303)
    return _page(request, services, user, added=added)


@router.post("/alerts/channels/{channel_id}/test")
def send_test(request: Request, services: Services, user: CurrentUser, channel_id: str) -> HTMLResponse:
    """Send a test alert now and show what the receiver said."""
    language = language_of(request)
    with services.database.read() as session:
        row = _channel(session, user, channel_id)
        target, state = channels.find_channel(session, user.id, row.name)
    if state == "unconfirmed":
        said = language.gettext("The address is not confirmed, so nothing is sent there.")
        return _page(request, services, user, flash=said, flash_kind="bad")
    try:
        receipt = from_thread.run(_send, services, target)
    except TransportError as exc:
        return _page(request, services, user, flash=say_error(language, exc), flash_kind="bad")
    said = language.gettext("The test was sent; the receiver said: %(answer)s", answer=bdi(receipt.detail))
    return _page(request, services, user, flash=said)


@router.post("/alerts/channels/{channel_id}/confirm")
def confirm(services: Services, user: CurrentUser, channel_id: str) -> RedirectResponse:
    """Vouch that a mail address agreed; only who runs this marsad may, and it is recorded."""
    if user.role != "admin":
        raise HTTPException(403)
    with services.database.write() as session:
        row = _channel(session, user, channel_id)
        use_cases.vouch_for_channel(session, user.id, row.name, now=services.clock(session))
    services.wake()
    return RedirectResponse("/alerts?done=confirmed", 303)


@router.post("/alerts/channels/{channel_id}/enable")
def enable(services: Services, user: CurrentUser, channel_id: str) -> RedirectResponse:
    """Send to a disabled channel again."""
    with services.database.write() as session:
        row = _channel(session, user, channel_id)
        use_cases.enable_channel(session, user.id, row.name, now=services.clock(session))
    services.wake()
    return RedirectResponse("/alerts?done=enabled", 303)


@router.post("/alerts/channels/{channel_id}/subscribe")
def subscribe(
    services: Services,
    user: CurrentUser,
    channel_id: str,
    watchlist: Annotated[str, Form()] = "",
    existing: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Send a watchlist's matches to a channel, with `existing` those that are stored as well."""
    with services.database.write() as session:
        now = services.clock(session)
        row = _channel(session, user, channel_id)
        watchlist_id = _watchlist(session, user, watchlist)
        try:
            watchlists.subscribe(session, watchlist_id, row.id, include_existing=bool(existing), now=now)
        except NameTaken:
            return RedirectResponse("/alerts?done=subscribed", 303)
        if existing:
            deliveries.enqueue_existing(session, watchlist_id, row.id, now=now)
    services.wake()
    return RedirectResponse("/alerts?done=subscribed", 303)


@router.post("/alerts/channels/{channel_id}/unsubscribe")
def unsubscribe(
    services: Services, user: CurrentUser, channel_id: str, watchlist: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Send a watchlist's matches to a channel no more."""
    with services.database.write() as session:
        row = _channel(session, user, channel_id)
        try:
            watchlists.unsubscribe(session, _watchlist(session, user, watchlist), row.id)
        except NameUnknown:
            return RedirectResponse("/alerts?done=unsubscribed", 303)
    return RedirectResponse("/alerts?done=unsubscribed", 303)


@router.post("/alerts/retry")
def retry(services: Services, user: CurrentUser) -> RedirectResponse:
    """Try again what was refused or given up."""
    with services.database.write() as session:
        deliveries.retry_deliveries(session, user.id, None, now=services.clock(session))
    services.wake()
    return RedirectResponse("/alerts?done=retried", 303)


async def _send(services: WebServices, target: ChannelTarget) -> Receipt:
    return await services.send_test(target)


def _page(
    request: Request,
    services: WebServices,
    user: SignedIn,
    *,
    entered: _Entered | None = None,
    added: AddedChannel | None = None,
    flash: Markup | None = None,
    flash_kind: str = "good",
    status: int = 200,
) -> HTMLResponse:
    language = language_of(request)
    mail_server = services.settings.smtp is not None
    with services.database.read() as session:
        now = services.clock(session)
        names = watchlists.list_watchlists(session, user.id)
        told: dict[str, list[str]] = {}
        for subscription in watchlists.list_subscriptions(session, user.id):
            told.setdefault(subscription.channel, []).append(subscription.watchlist)
        shown = [
            _shown(language, row, told.get(row.name, []), names, mail_server=mail_server)
            for row in channels.list_channels(session, user.id)
        ]
        recent = deliveries.list_deliveries(session, user.id, limit=_RECENT, mail_server=mail_server)
    return render(
        request,
        "alerts.html",
        status=status,
        now=now,
        channels=shown,
        watchlists=names,
        mail_server=mail_server,
        may_confirm=user.role == "admin",
        entered=entered,
        added=added,
        recent=[(delivery, say_delivery(language, delivery)) for delivery in recent],
        stuck=any(delivery.state in ("parked", "failed") for delivery in recent),
        flash=flash,
        flash_kind=flash_kind,
    )


def _shown(
    language: Language, row: ChannelRow, told: list[str], names: list[str], *, mail_server: bool
) -> _Shown:
    tone, state = _say_channel(language, row, told=bool(told), mail_server=mail_server)
    return _Shown(row, tone, state, tuple(told), tuple(name for name in names if name not in told))


def _say_channel(language: Language, row: ChannelRow, *, told: bool, mail_server: bool) -> tuple[str, Markup]:
    _ = language.gettext
    if row.state == "disabled":
        return "bad", _("Disabled: it failed for too long, or its receiver is gone. Alerts for it wait.")
    if row.state == "unconfirmed":
        return "warn", _("Unconfirmed: it receives nothing yet; alerts for it wait.")
    if row.kind is ChannelKind.EMAIL and not mail_server:
        return "warn", _("No mail server is set, so its alerts wait.")
    if row.state == "failing":
        return "bad", _("The last attempt failed; it is tried again by itself.")
    if not told:
        return "warn", _("Ready, but no watchlist is sent to it.")
    return "good", _("Ready.")


def _channel(session: Session, user: SignedIn, channel_id: str) -> ChannelRow:
    """Return one of the user's channels; other people's are not there."""
    wanted = number_or_404(channel_id)
    row = next((row for row in channels.list_channels(session, user.id) if row.id == wanted), None)
    if row is None:
        raise HTTPException(404)
    return row


def _watchlist(session: Session, user: SignedIn, name: str) -> int:
    try:
        return watchlists.find_watchlist(session, user.id, name)
    except NameUnknown as exc:
        raise HTTPException(404) from exc
