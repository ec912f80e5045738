"""Pages beside the product's own: what the houses have out, which mails came, which webhooks came."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from demo.formats import article_path
from demo.mailbox import Mailbox
from demo.receiver import Receiver
from demo.site import Sites
from web.access import CurrentUser
from web.rendering import render

_NEWEST = 5
"""Headlines that are shown of each house."""


def make_router(sites: Sites, mailbox: Mailbox, receiver: Receiver) -> APIRouter:
    """Return the demo's pages."""
    router = APIRouter(include_in_schema=False)

    @router.get("/demo")
    def show_demo(user: CurrentUser) -> RedirectResponse:
        return RedirectResponse("/demo/newsroom", 303)

    @router.get("/demo/newsroom")
    def show_newsroom(request: Request, user: CurrentUser) -> HTMLResponse:
        houses = []
        for house in sites.houses.values():
            items = sites.items(house)
            newest = [(sites.base(house) + article_path(item), item) for item in items[:_NEWEST]]
            houses.append((house, sites.base(house), sites.source_url(house), len(items), newest))
        return render(request, "demo_newsroom.html", houses=houses, now=datetime.now(UTC))

    @router.get("/demo/mailbox")
    def show_mailbox(request: Request, user: CurrentUser) -> HTMLResponse:
        return render(
            request,
            "demo_mailbox.html",
            mails=mailbox.newest(),
            arrived=mailbox.arrived,
            now=datetime.now(UTC),
        )

    @router.get("/demo/mailbox/{number}")
    def show_mail(request: Request, user: CurrentUser, number: int) -> HTMLResponse:
        mail = mailbox.find(number)
        if mail is None:
            raise HTTPException(404)
        html_url = mailbox.html_url(mail) if mail.html is not None else None
        return render(request, "demo_mail.html", mail=mail, html_url=html_url, now=datetime.now(UTC))

    @router.get("/demo/webhooks")
    def show_webhooks(request: Request, user: CurrentUser) -> HTMLResponse:
        return render(
            request,
            "demo_webhooks.html",
            hooks=receiver.newest(),
            arrived=receiver.arrived,
            accepted=receiver.accepted,
            now=datetime.now(UTC),
        )

    return router
