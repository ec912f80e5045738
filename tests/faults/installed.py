"""A small installation for bad days: sources, a term, a webhook; what was told, and what is stored."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from marsad.config import read_settings
from marsad.types import ChannelKind, Term
from notifiers.signing import new_secret
from storage import channels, sources, users, watchlists
from storage.database import now, open_database
from storage.schema import upgrade
from tests.command import Marsad
from tests.newsroom import Story
from tests.servers import Request

QUICK = {"MARSAD_POLL_INTERVAL": "1", "MARSAD_HOST_DELAY": "0"}


def story(number: int) -> Story:
    """An item with one match, in its title, and no page of its own."""
    return Story(f"s{number}", f"هواوي تعرض المعالج رقم {number}", "ملخّص قصير." * 200, None)


def install(folder: Path, feeds: Sequence[tuple[str, str]], hook: str, **settings: str) -> Marsad:
    """Sources (host, address) that are due, and a webhook that is told of their first polls too."""
    folder.mkdir(parents=True, exist_ok=True)
    marsad = Marsad.at(folder, **(QUICK | settings))
    database = open_database(read_settings(marsad.settings, default_data_dir=folder).database_url)
    upgrade(database, data_dir=folder, report=lambda _: None)
    with database.write() as session:
        moment = now(session)
        owner = users.owner_id(session, now=moment)
        for number, (host, url) in enumerate(feeds):
            sources.add_source(session, url=url, name=f"newsroom {number}", host=host, now=moment)
        main = watchlists.ensure_watchlist(session, owner, "main", now=moment)
        watchlists.add_term(session, main, Term("Huawei"), now=moment)
        channel = channels.add_channel(
            session,
            owner,
            kind=ChannelKind.WEBHOOK,
            name="hook",
            address=hook,
            secret=new_secret(),
            confirmed=True,
            now=moment,
        )
        watchlists.subscribe(session, main, channel, include_existing=True, now=moment)
    database.dispose()
    return marsad


def told(requests: Sequence[Request]) -> Counter[str]:
    """Under how many ids each article was told, by its title: receivers drop a repeat under the same id."""
    alerts = {(r.headers["webhook-id"], json.loads(r.body)["data"]["article"]["title"]) for r in requests}
    return Counter(title for _, title in alerts)
