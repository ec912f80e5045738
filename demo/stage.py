"""Everything around marsad that the demo plays, up and running: news houses, a mail box, a webhook receiver."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from fastapi import APIRouter
from sqlalchemy.orm import Session

from demo import pages, seeds
from demo.loopback import HOST, LoopbackServer
from demo.mailbox import Mailbox
from demo.newsroom import Pace, last_change, load_news
from demo.receiver import Receiver
from demo.site import Sites
from marsad.addresses import parse_allowance, system_resolver
from marsad.config import Settings, SmtpServer
from marsad.errors import LoopbackDown
from notifiers.signing import new_secret
from spiders.catalogue import CatalogueSource
from web.services import NavigationLink, SetUpDefaults

VISITOR = "زائر"
VISITOR_EMAIL = "visitor@demo.example"
SENDER = "marsad@demo.example"
POLL_SECONDS = 2.0
HOST_DELAY_SECONDS = 0.2

NAVIGATION = (
    NavigationLink("/demo/newsroom", "أخبار العرض", "Demo news"),
    NavigationLink("/demo/mailbox", "بريد العرض", "Demo mail"),
    NavigationLink("/demo/webhooks", "ويب هوك العرض", "Demo webhooks"),
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Stage:
    """The demo's servers while it is entered; `speed` is how many seconds of the news pass in one."""

    def __init__(self, *, speed: float = 1.0) -> None:
        houses = load_news()
        pace = Pace(_utc_now(), speed)
        self._secret = new_secret()
        self.sites = Sites(houses, pace, now=_utc_now)
        self.mailbox = Mailbox(now=_utc_now)
        self.receiver = Receiver(self._secret, now=_utc_now)
        self.set_up_defaults = SetUpDefaults(VISITOR, VISITOR_EMAIL, secrets.token_urlsafe(12))
        self.all_out_at = last_change(houses, pace)
        self._servers = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as servers:
            self.sites.port = servers.enter_context(LoopbackServer(self.sites.answer)).port
            _check_loopback(self.sites.port)
            servers.enter_context(self.mailbox)
            servers.enter_context(self.receiver)
            self._servers = servers.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._servers.__exit__(kind, exc, trace)

    def settings(self, given: Settings, database_url: str) -> Settings:
        """Return the settings of a marsad that lives among these servers; where it listens stays as given."""
        loopback = parse_allowance("127.0.0.0/8", setting="MARSAD_FETCH_ALLOW")
        return replace(
            given,
            database_url=database_url,
            public_url=None,
            smtp=SmtpServer(HOST, self.mailbox.port, "opportunistic"),
            mail_from=SENDER,
            fetch_allow=loopback,
            deliver_allow=loopback,
            poll_interval=POLL_SECONDS,
            host_delay=HOST_DELAY_SECONDS,
        )

    @property
    def catalogue(self) -> tuple[CatalogueSource, ...]:
        """The houses as sources that can be chosen."""
        return tuple(
            CatalogueSource(
                id=f"demo-{house.key}",
                name_ar=house.name,
                name_en=house.name_en,
                country=None,
                group="technology",
                shape="listing" if house.format == "listing" else "feed",
                url=self.sites.source_url(house),
            )
            for house in self.sites.houses.values()
        )

    def seed(self, session: Session, user_id: int, *, now: datetime) -> None:
        """Fill an empty database."""
        seeds.seed(
            session,
            user_id,
            catalogue=self.catalogue,
            email=VISITOR_EMAIL,
            webhook=self.receiver.url,
            secret=self._secret,
            now=now,
        )

    @property
    def routers(self) -> tuple[APIRouter, ...]:
        return (pages.make_router(self.sites, self.mailbox, self.receiver),)


def _check_loopback(port: int) -> None:
    try:
        socket.create_connection((HOST, port), timeout=5).close()
    except OSError as exc:
        raise LoopbackDown(
            f"This machine cannot reach itself at {HOST} ({exc.strerror or exc}), so there can be no demo; "
            "bring its loopback interface up: ip link set lo up"
        ) from exc


async def resolve(host: str, port: int) -> Sequence[str]:
    """Find names under localhost on this machine (RFC 6761 §6.3) without asking; ask its resolver for others."""
    if host == "localhost" or host.endswith(".localhost"):
        return [HOST]
    return await system_resolver(host, port)
