"""What was sent while the database was away is settled when it is back, and not sent again."""

from __future__ import annotations

import asyncio
import threading
from typing import Self
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from marsad.errors import DatabaseUnreachable
from marsad.types import Alert, ChannelKind, ChannelTarget, Receipt
from pipeline.deliver import Deliver
from pipeline.leases import DeliveryLeases
from storage.database import Database, now
from storage.workers import Worker
from tests.storage.stored import Desk, article

AWAY_SECONDS = 1.5


class Outage:
    """Sends, and takes the database away for a while as it does."""

    def __init__(self, server: str, name: str) -> None:
        self.sent: list[str] = []
        self._admin = psycopg.connect(server, autocommit=True)
        self._name = name

    async def notify(self, alert: Alert, target: ChannelTarget) -> Receipt:
        self.sent.append(alert.delivery_id)
        self._allow(connections=False)
        self._admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self._name]
        )
        threading.Timer(AWAY_SECONDS, self._allow, kwargs={"connections": True}).start()
        return Receipt("HTTP 204")

    def _allow(self, *, connections: bool) -> None:
        self._admin.execute(
            SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(
                Identifier(self._name), SQL("true" if connections else "false")
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._admin.close()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_an_alert_sent_during_an_outage_is_settled_and_not_sent_again(
    database: Database, postgres_server: str
) -> None:
    desk = Desk.at(database, "Huawei")
    desk.add_channel("hook")
    desk.store(desk.add_source(), article("a", desk.matched("Huawei", tell=["hook"])))
    name = urlsplit(str(database.engine.url)).path.strip("/")
    kinds = (ChannelKind.WEBHOOK,)
    leases = DeliveryLeases(database, worker=Worker(), clock=now, kinds=kinds)
    with Outage(postgres_server, name) as outage:
        deliver = Deliver(database, {ChannelKind.WEBHOOK: outage}, leases=leases, clock=now)
        async with asyncio.timeout(30):
            # Claiming more fails; what is in hand comes to its end.
            with pytest.raises(DatabaseUnreachable):
                await deliver.run()
            await deliver.run()
    assert len(outage.sent) == 1
    (row,) = desk.listed()
    assert (row.state, row.attempts) == ("sent", 1)
