"""`/api/v1/me`: who is signed in."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from web.access import CurrentUser
from web.api.problems import problems
from web.api.queries import NoQuery

router = APIRouter(prefix="/api/v1", tags=["account"])


class Me(BaseModel):
    """The signed-in user."""

    id: int
    name: str
    email: str | None
    language: str | None
    role: str


@router.get("/me", responses=problems())
def read_me(user: CurrentUser, query: NoQuery) -> Me:
    """Return the signed-in user."""
    return Me(id=user.id, name=user.name, email=user.email, language=user.language, role=user.role)
