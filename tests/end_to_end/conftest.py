"""A subscribed installation in this process: a newsroom, a mail box, a webhook receiver, four terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from marsad.app import App, build_app
from marsad.config import read_settings
from marsad.types import ChannelKind, Term
from notifiers.signing import new_secret
from pipeline.poll import PollSummary
from storage import channels, deliveries, sources, watchlists
from storage.deliveries import DeliveryRow
from storage.watchlists import MatchRow
from tests.newsroom import Newsroom
from tests.servers import MailBox, RecordingReceiver

TERMS = ("Nvidia", "Huawei", "H20", "DeepSeek")


@dataclass(frozen=True, slots=True)
class Installation:
    """One source, not polled yet; the watchlist `main` goes to a mail address and to a webhook."""

    app: App
    newsroom: Newsroom
    mailbox: MailBox
    receiver: RecordingReceiver
    secret: str

    async def poll(self) -> PollSummary:
        """Poll everything and deliver what is due."""
        async with self.app.working() as jobs:
            summary = await jobs.poll.run(everything=True)
            await jobs.catch_up.run()
            await jobs.deliver.run()
        return summary

    def matches(self) -> list[MatchRow]:
        with self.app.write() as (session, owner, _):
            return watchlists.list_matches(session, owner, limit=1000)

    def deliveries(self) -> list[DeliveryRow]:
        with self.app.write() as (session, owner, _):
            return deliveries.list_deliveries(session, owner, limit=1000)

    def add_webhook(self, name: str) -> int:
        with self.app.write() as (session, owner, now):
            return channels.add_channel(
                session,
                owner,
                kind=ChannelKind.WEBHOOK,
                name=name,
                address=self.receiver.url,
                secret=self.secret,
                confirmed=True,
                now=now,
            )

    def watch(self, watchlist: str, *terms: str) -> int:
        with self.app.write() as (session, owner, now):
            watchlist_id = watchlists.ensure_watchlist(session, owner, watchlist, now=now)
            for term in terms:
                watchlists.add_term(session, watchlist_id, Term(term), now=now)
        return watchlist_id

    def subscribe(self, watchlist_id: int, channel_id: int, *, include_existing: bool = False) -> None:
        with self.app.write() as (session, _, now):
            watchlists.subscribe(
                session, watchlist_id, channel_id, include_existing=include_existing, now=now
            )
            if include_existing:
                deliveries.enqueue_existing(session, watchlist_id, channel_id, now=now)


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    with Newsroom() as newsroom, MailBox() as mailbox, RecordingReceiver() as receiver:
        settings = read_settings(
            {
                "MARSAD_DATABASE_URL": database_url,
                "MARSAD_SMTP_URL": mailbox.url,
                "MARSAD_MAIL_FROM": "marsad@alerts.example",
                "MARSAD_FETCH_ALLOW": "127.0.0.0/8",
                "MARSAD_DELIVER_ALLOW": "127.0.0.0/8",
                "MARSAD_HOST_DELAY": "0",
            },
            default_data_dir=tmp_path,
        )
        made = Installation(build_app(settings), newsroom, mailbox, receiver, new_secret())
        with made.app.write() as (session, owner, now):
            sources.add_source(session, url=newsroom.feed_url, name="newsroom", host="127.0.0.1", now=now)
            mail = channels.add_channel(
                session,
                owner,
                kind=ChannelKind.EMAIL,
                name="mail",
                address="analyst@desk.example",
                secret=None,
                confirmed=True,
                now=now,
            )
        main = made.watch("main", *TERMS)
        made.subscribe(main, mail)
        made.subscribe(main, made.add_webhook("hook"))
        yield made
        made.app.database.dispose()
