"""How the service is doing, for people."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from storage.status import COUNT_LIMIT, read_status
from web.access import CurrentUser
from web.delivery_states import say_waiting
from web.rendering import language_of, render
from web.services import Services

router = APIRouter(include_in_schema=False)


@router.get("/status")
def show_status(request: Request, services: Services, user: CurrentUser) -> HTMLResponse:
    mail_server = services.settings.smtp is not None
    with services.database.read() as session:
        now = services.clock(session)
        status = read_status(session, now=now, mail_server=mail_server)
    oldest = status.oldest_undelivered
    return render(
        request,
        "status.html",
        now=now,
        state=status,
        mail_server=mail_server,
        count_limit=COUNT_LIMIT,
        oldest_reason=say_waiting(language_of(request), oldest.waits_for) if oldest else None,
    )
