"""What the demo's installation begins with: sources that are due, the starter watchlist, and where alerts go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from marsad.addresses import canonical_url, parse_target
from marsad.types import ChannelKind
from pipeline import starter
from spiders.catalogue import CatalogueSource
from storage import channels, sources, watchlists

MAIL_CHANNEL = "بريد العرض"
HOOK_CHANNEL = "ويب هوك العرض"


def seed(
    session: Session,
    user_id: int,
    *,
    catalogue: Sequence[CatalogueSource],
    email: str,
    webhook: str,
    secret: str,
    now: datetime,
) -> None:
    """Fill an empty database; the subscriptions also tell of what stands in the feeds at the start."""
    starter.ensure_starter(session, user_id, now=now)
    watchlist = watchlists.find_watchlist(session, user_id, starter.WATCHLIST)
    for kind, name, address, key in (
        (ChannelKind.EMAIL, MAIL_CHANNEL, email, None),
        (ChannelKind.WEBHOOK, HOOK_CHANNEL, webhook, secret),
    ):
        channel = channels.add_channel(
            session, user_id, kind=kind, name=name, address=address, secret=key, confirmed=True, now=now
        )
        watchlists.subscribe(session, watchlist, channel, include_existing=True, now=now)
    for source in catalogue:
        sources.add_source(
            session,
            url=canonical_url(source.url),
            name=source.name_ar,
            host=parse_target(source.url).host,
            shape=source.shape,
            catalogue_id=source.id,
            now=now,
        )
