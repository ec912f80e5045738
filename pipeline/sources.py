"""Adding a source: by any address, or from the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count

from sqlalchemy.orm import Session

from marsad.addresses import Allowance, canonical_url, parse_target, refuse_literal
from marsad.names import LONGEST_NAME, check_name
from marsad.types import Shape
from spiders.catalogue import CatalogueSource
from storage import hosts, sources


@dataclass(frozen=True, slots=True)
class AddedSource:
    """A source as it was stored; `known` says that it existed and is only read in another shape now."""

    id: int
    name: str
    url: str
    shape: Shape
    known: bool = False


def add_source(
    session: Session,
    *,
    url: str,
    name: str | None = None,
    shape: Shape = "feed",
    catalogue_id: str | None = None,
    allow: Allowance,
    now: datetime,
) -> AddedSource:
    """Store a source that is due at once; without a name it is called by its host.

    An address that is there in another shape is read in this one from now on. Raises AddressInvalid,
    AddressRefused, UsageError for a name that cannot be one, and NameTaken.
    """
    url = canonical_url(url.strip())
    target = parse_target(url)
    refuse_literal(target, allow=allow)
    wanted = None if name is None else check_name(name, "source")
    if changed := sources.read_otherwise(session, url=url, shape=shape, now=now):
        return AddedSource(changed.id, changed.name, url, shape, known=True)
    chosen = wanted or find_free_name(target.host, sources.source_names(session))
    source_id = sources.add_source(
        session,
        url=url,
        name=chosen,
        host=target.host,
        shape=shape,
        catalogue_id=catalogue_id,
        now=now,
    )
    return AddedSource(source_id, chosen, url, shape)


def add_from_catalogue(
    session: Session,
    chosen: Sequence[CatalogueSource],
    *,
    language: str = "ar",
    allow: Allowance,
    now: datetime,
) -> list[AddedSource]:
    """Store these sources of the catalogue, called by their names in a language; returns the new ones.

    One whose address is watched already stays as it is. Raises AddressRefused and AddressInvalid.
    """
    added = []
    # All at once, in the order in which polls lock them: else two could wait for each other.
    hosts.lock_hosts(session, {parse_target(source.url).host for source in chosen})
    for source in chosen:
        if sources.has_source(session, canonical_url(source.url)):
            continue
        name = source.name_ar if language == "ar" else source.name_en
        added.append(
            add_source(
                session,
                url=source.url,
                name=find_free_name(name, sources.source_names(session)),
                shape=source.shape,
                catalogue_id=source.id,
                allow=allow,
                now=now,
            )
        )
    return added


def find_free_name(wanted: str, taken: Collection[str]) -> str:
    """Return the name, or the name with the first number that makes it free."""
    wanted = wanted[: LONGEST_NAME - 10]
    names = chain([wanted], (f"{wanted} {number}" for number in count(2)))
    return next(name for name in names if name not in taken)
