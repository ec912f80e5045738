"""The first set-up, by the one-time link that stands in the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from marsad.errors import AddressInvalid, LinkInvalid
from notifiers.message import mail_address
from storage import accounts, sessions, users
from storage.accounts import Account
from web.cookies import can_sign_in, session_cookie, set_device_cookie, set_session_cookie
from web.csrf import INSECURE
from web.devices import new_device
from web.pages.login import normalise_email
from web.passwords import hash_password, objection
from web.rendering import language_of, render
from web.services import Services, WebServices
from web.translation import languages, noop

router = APIRouter(include_in_schema=False)

AFTERWARDS = "/sources/catalogue?welcome=1"
_LONGEST_NAME = 100
_FIELDS = ("name", "email", "password")

_NO_NAME = noop("Write a name of 1 to 100 characters, on one line.")
_NO_EMAIL = noop("Write an e-mail address such as name@example.com.")


@dataclass(frozen=True, slots=True)
class _Entered:
    """What the form holds; `errors` names the fields that are not right, each with a sentence."""

    name: str
    email: str
    password: str
    language: str

    def errors(self) -> dict[str, str]:
        found = {}
        if not 0 < len(self.name) <= _LONGEST_NAME or not self.name.isprintable():
            found["name"] = _NO_NAME
        if not _is_mail_address(self.email):
            found["email"] = _NO_EMAIL
        about = (self.name, self.email, self.email.partition("@")[0])
        if wrong := objection(self.password, about=about):
            found["password"] = wrong
        return found


@router.get("/setup")
def show_set_up(request: Request, services: Services, token: str = "") -> Response:
    state = _state(services, token)
    if state == "done":
        return RedirectResponse("/login" if request.state.user is None else "/", 303)
    defaults = services.set_up_defaults
    entered = _Entered(defaults.name, defaults.email, defaults.password, language_of(request).code)
    return _form(request, token if state == "open" else None, entered)


@router.post("/setup")
def set_up(
    request: Request,
    services: Services,
    token: str = "",
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
) -> Response:
    chosen = language if language in languages() else language_of(request).code
    entered = _Entered(name.strip(), normalise_email(email), password, chosen)
    state = _state(services, token)
    if state == "done":
        return RedirectResponse("/login", 303)
    if state == "closed" or not can_sign_in(request):
        return _form(request, None, entered, status=403)
    if errors := entered.errors():
        return _form(request, token, entered, errors=errors, status=422)
    try:
        opened, account = _complete(services, token, entered, previous=session_cookie(request))
    except LinkInvalid:
        return _form(request, None, entered, status=403)
    response = RedirectResponse(AFTERWARDS, 303)
    set_session_cookie(request, response, opened)
    set_device_cookie(request, response, new_device(account))
    return response


def _state(services: WebServices, token: str) -> str:
    """Whether set-up is "done", "open" to this token, or "closed" to it; changes nothing."""
    with services.database.read() as session:
        if not accounts.set_up_needed(session):
            return "done"
        works = accounts.set_up_link_works(session, token, now=services.clock(session))
        return "open" if works else "closed"


def _complete(
    services: WebServices, token: str, entered: _Entered, *, previous: str | None
) -> tuple[str, Account]:
    hashed = hash_password(entered.password)
    with services.database.write() as session:
        now = services.clock(session)
        user_id = accounts.complete_set_up(
            session,
            token,
            name=entered.name,
            email=entered.email,
            password_hash=hashed,
            language=entered.language,
            now=now,
        )
        if previous:
            sessions.end_session(session, previous)
        users.audit(session, now=now, user_id=user_id, action="user.set-up", subject=entered.name)
        return sessions.start_session(session, user_id, now=now), Account(user_id, hashed)


def _is_mail_address(text: str) -> bool:
    try:
        return "@" in text and len(text) <= 254 and "<" not in text and bool(mail_address(text))
    except AddressInvalid:
        return False


def _form(
    request: Request,
    token: str | None,
    entered: _Entered,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The form; without a token what is said is where to find the link."""
    gettext, errors = language_of(request).gettext, errors or {}
    return render(
        request,
        "setup.html",
        status=status,
        token=token,
        entered=entered,
        errors={name: gettext(errors[name]) if name in errors else "" for name in _FIELDS},
        demo=bool(request.app.state.services.set_up_defaults.password),
        obstacle="" if can_sign_in(request) else INSECURE,
    )
