"""Switching the language: a cookie, and for who is signed in their account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from storage import accounts
from storage.accounts import SignedIn
from web.local_path import local_path
from web.rendering import LANGUAGE_COOKIE
from web.services import Services
from web.translation import languages

router = APIRouter(include_in_schema=False)

_A_YEAR = 365 * 24 * 3600


@router.post("/language")
def switch_language(
    request: Request,
    services: Services,
    language: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002  # the field's name
) -> RedirectResponse:
    """Answer in another language from now on, and go back to where the switch was."""
    answer = RedirectResponse(local_path(next), 303)
    if language not in languages():
        return answer
    answer.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=_A_YEAR,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    user: SignedIn | None = request.state.user
    if user is not None and user.language != language:
        with services.database.write() as session:
            accounts.set_language(session, user.id, language)
    return answer
