"""Signing in and out."""

from __future__ import annotations

import hashlib
import logging
import math
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_network
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from marsad.addresses import IPAddress
from storage import accounts, sessions, throttle, users
from storage.accounts import Account
from storage.throttle import Counter
from web.cookies import (
    can_sign_in,
    device_cookie,
    drop_session_cookie,
    session_cookie,
    set_device_cookie,
    set_session_cookie,
)
from web.csrf import INSECURE
from web.devices import is_known_device, new_device
from web.local_path import local_path
from web.passwords import verify_password
from web.rendering import render
from web.services import Services, WebServices
from web.translation import noop
from web.transport import Transport

router = APIRouter(include_in_schema=False)

_WRONG = noop("This address and password do not fit together.")
_TOO_OFTEN = noop("Signing in failed too often, so it has to rest for a while. Try again in %(wait)s.")
_FREE_FOR_ACCOUNT, _FREE_FOR_ADDRESS = 5, 30
_LOG = logging.getLogger(__name__)


def normalise_email(text: str) -> str:
    """Return an e-mail address as accounts are found by it."""
    return text.strip().casefold()


@router.get("/login")
def show_login(request: Request, services: Services, next: str = "") -> Response:  # noqa: A002
    if request.state.user is not None:
        return RedirectResponse(local_path(next), 303)
    with services.database.read() as session:
        needed = accounts.set_up_needed(session)
    return RedirectResponse("/setup", 303) if needed else _form(request, next)


@router.post("/login")
def log_in(
    request: Request,
    services: Services,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",  # noqa: A002
) -> Response:
    _warn_of_hidden_peers(request)
    if not can_sign_in(request):
        return _form(request, next, status=403)
    metrics = request.app.state.metrics
    attempt = _read_attempt(request, services, normalise_email(email))
    wait, account = _begin(services, attempt)
    if wait:
        metrics.count_sign_in("throttled")
        return _form(request, next, email=email, status=429, wait=wait)
    stored = account.password_hash if account is not None else None
    if not verify_password(stored, password) or account is None:
        metrics.count_sign_in("wrong")
        return _form(request, next, email=email, status=403, error=_WRONG)
    metrics.count_sign_in("done")
    token = _sign_in(services, attempt, account, previous=session_cookie(request))
    response = RedirectResponse(local_path(next), 303)
    set_session_cookie(request, response, token)
    set_device_cookie(request, response, new_device(account))
    return response


@router.post("/logout")
def log_out(request: Request, services: Services) -> Response:
    token = session_cookie(request)
    if token:
        with services.database.write() as session:
            sessions.end_session(session, token)
    response = RedirectResponse("/login", 303)
    drop_session_cookie(request, response)
    return response


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What an attempt to sign in is counted for: the account, known or not, and where it comes from.

    On a device that the account signed in with before, the device takes the account's place, and alone holds
    the attempt back: a stranger's failures do not, not even from the same address. Guesses gain nothing by
    that, for a device is known to one account only and has fewer attempts free than an address.
    """

    email: str
    target: Counter
    address: Counter

    @classmethod
    def of(cls, email: str, peer: IPAddress | None, *, known_device: str | None) -> _Attempt:
        if known_device is not None:
            target = Counter(f"device:{_hash(known_device)}", _FREE_FOR_ACCOUNT)
        else:
            target = Counter(f"account:{_hash(email)}", _FREE_FOR_ACCOUNT)
        address = Counter(f"address:{_network(peer)}", _FREE_FOR_ADDRESS, holds_back=known_device is None)
        return cls(email, target, address)

    @property
    def counters(self) -> tuple[Counter, Counter]:
        return (self.target, self.address)


def _hash(text: str) -> str:
    # A stranger chose the e-mail address: of any length, and nothing to keep.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _network(peer: IPAddress | None) -> str:
    # Who has one IPv6 address has the 2**64 of its network.
    if isinstance(peer, IPv6Address):
        return str(ip_network((peer, 64), strict=False))
    return str(peer)


def _warn_of_hidden_peers(request: Request) -> None:
    """Say once in the log that a proxy which is not trusted hides who asks."""
    transport: Transport = request.state.transport
    # A lock that is never released: whoever takes it is the first.
    if not transport.vouched and request.app.state.hidden_peers_told.acquire(blocking=False):
        _LOG.warning(
            "sign-in passed on by a proxy that is not trusted: everybody behind it counts as one address, so a "
            "stranger's failures hold up all; set MARSAD_TRUSTED_PROXIES to its address if it is yours "
            "(docs/reverse-proxy.md)",
            extra={"proxy": str(transport.peer)},
        )


def _read_attempt(request: Request, services: WebServices, email: str) -> _Attempt:
    device = device_cookie(request)
    with services.database.read() as session:
        known = is_known_device(device, accounts.find_account(session, email))
    return _Attempt.of(email, request.state.transport.peer, known_device=device if known else None)


def _begin(services: WebServices, attempt: _Attempt) -> tuple[timedelta, Account | None]:
    with services.database.read() as session:
        if wait := throttle.find_wait(session, attempt.counters, now=services.clock(session)):
            return wait, None
    with services.database.write() as session:
        now = services.clock(session)
        wait = throttle.begin_attempt(session, attempt.counters, now=now)
        return wait, None if wait else accounts.find_account(session, attempt.email)


def _sign_in(services: WebServices, attempt: _Attempt, account: Account, *, previous: str | None) -> str:
    """Start a session of its own: one that somebody else may have planted is never signed in."""
    with services.database.write() as session:
        now = services.clock(session)
        throttle.forgive_attempt(session, attempt.target, attempt.address, now=now)
        if previous:
            sessions.end_session(session, previous)
        users.audit(session, now=now, user_id=account.user_id, action="user.signed-in", subject="session")
        return sessions.start_session(session, account.user_id, now=now)


def _form(
    request: Request,
    wanted: str,
    *,
    email: str = "",
    error: str = "",
    wait: timedelta | None = None,
    status: int = 200,
) -> Response:
    seconds = math.ceil(wait.total_seconds()) if wait else 0
    response = render(
        request,
        "login.html",
        status=status,
        next=local_path(wanted),
        email=email[:200],
        error=_TOO_OFTEN if wait else error,
        wait=seconds,
        obstacle="" if can_sign_in(request) else INSECURE,
    )
    if wait:
        response.headers["Retry-After"] = str(seconds)
    return response
