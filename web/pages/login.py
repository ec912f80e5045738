"""Signing in and out."""

from __future__ import annotations

import hashlib
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
from web.cookies import can_sign_in, drop_session_cookie, session_cookie, set_session_cookie
from web.csrf import INSECURE
from web.local_path import local_path
from web.passwords import verify_password
from web.rendering import render
from web.services import Services, WebServices
from web.translation import noop

router = APIRouter(include_in_schema=False)

_WRONG = noop("This address and password do not fit together.")
_TOO_OFTEN = noop("Signing in failed too often, so it has to rest for a while. Try again in %(wait)s.")
_FREE_FOR_ACCOUNT, _FREE_FOR_ADDRESS = 5, 30


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
    if not can_sign_in(request):
        return _form(request, next, status=403)
    metrics = request.app.state.metrics
    attempt = _Attempt.of(request, normalise_email(email))
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
    """What an attempt to sign in is counted for: the account, known or not, and where it comes from."""

    email: str
    account: Counter
    address: Counter

    @classmethod
    def of(cls, request: Request, email: str) -> _Attempt:
        # A stranger chose the address: of any length, and nothing to keep.
        name = hashlib.sha256(email.encode("utf-8", "surrogatepass")).hexdigest()
        return cls(
            email,
            Counter(f"account:{name}", _FREE_FOR_ACCOUNT),
            Counter(f"address:{_network(request.state.transport.peer)}", _FREE_FOR_ADDRESS),
        )


def _network(peer: IPAddress | None) -> str:
    # Who has one IPv6 address has the 2**64 of its network.
    if isinstance(peer, IPv6Address):
        return str(ip_network((peer, 64), strict=False))
    return str(peer)


def _begin(services: WebServices, attempt: _Attempt) -> tuple[timedelta, Account | None]:
    counters = (attempt.account, attempt.address)
    with services.database.read() as session:
        if wait := throttle.find_wait(session, counters, now=services.clock(session)):
            return wait, None
    with services.database.write() as session:
        now = services.clock(session)
        wait = throttle.begin_attempt(session, counters, now=now)
        return wait, None if wait else accounts.find_account(session, attempt.email)


def _sign_in(services: WebServices, attempt: _Attempt, account: Account, *, previous: str | None) -> str:
    """Start a session of its own: one that somebody else may have planted is never signed in."""
    with services.database.write() as session:
        now = services.clock(session)
        throttle.forgive_attempt(session, attempt.account, attempt.address, now=now)
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
