"""Adding sources: by an address, in another shape, from the catalogue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marsad.addresses import Allowance, parse_allowance
from marsad.errors import AddressInvalid, AddressRefused, NameTaken, UsageError
from marsad.types import FeedOutcome, FetchRequest, Shape, Validators
from pipeline.sources import AddedSource, add_from_catalogue, add_source, find_free_name
from spiders.catalogue import CatalogueSource
from storage import articles, sources
from storage.database import Database
from tests.storage.stored import NOW, Desk

NOBODY = Allowance()
URL = "https://news.example/feed"


def row(name: str, *, url: str, shape: Shape = "feed") -> CatalogueSource:
    return CatalogueSource(name, f"دار {name}", f"House {name}", None, "technology", shape, url)


HOUSES = (
    row("a", url="https://a.example/feed"),
    row("b", url="https://b.example/", shape="listing"),
)


def add(database: Database, url: str = URL, *, name: str | None = None, shape: Shape = "feed") -> AddedSource:
    with database.write() as session:
        return add_source(session, url=url, name=name, shape=shape, allow=NOBODY, now=NOW)


def add_houses(database: Database, language: str = "ar") -> list[str]:
    with database.write() as session:
        added = add_from_catalogue(session, HOUSES, language=language, allow=NOBODY, now=NOW)
    return [source.name for source in added]


def test_a_source_is_due_at_once_under_the_name_of_its_host(database: Database) -> None:
    added = add(database, " HTTPS://News.Example:443/feed#top ")
    assert (added.name, added.url, added.known) == ("news.example", URL, False)
    assert Desk(database).claim_host() is not None
    with database.read() as session:
        assert sources.find_source(session, URL).request == FetchRequest(URL, "feed")


def test_names_are_taken_once_and_hosts_numbered(database: Database) -> None:
    add(database)
    assert add(database, "https://news.example/other").name == "news.example 2"
    with pytest.raises(NameTaken):
        add(database)
    with pytest.raises(NameTaken):
        add(database, "https://other.example/", name="news.example")
    assert find_free_name("س" * 200, []) == "س" * 90


@pytest.mark.parametrize(
    ("url", "name", "error"),
    [
        ("news.example/feed", None, AddressInvalid),
        ("https://me:secret@news.example/", None, AddressInvalid),
        ("http://10.0.0.1/feed", None, AddressRefused),
        (URL, "a\nb", UsageError),
        (URL, "https://name.example", UsageError),
    ],
)
def test_what_cannot_be_a_source_is_not_stored(
    database: Database, url: str, name: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        add(database, url, name=name)
    with database.read() as session:
        assert sources.list_sources(session) == []


def test_an_allowed_network_may_be_a_source(database: Database) -> None:
    allow = parse_allowance("127.0.0.0/8", setting="MARSAD_FETCH_ALLOW")
    with database.write() as session:
        assert add_source(session, url="http://127.0.0.1:8099/feed", allow=allow, now=NOW).name == "127.0.0.1"


def test_a_page_that_was_taken_for_a_feed_is_read_as_a_listing_from_the_start(database: Database) -> None:
    first = add(database)
    outcome = FeedOutcome(
        first.id,
        "fetched",
        200,
        "d",
        NOW + timedelta(days=1),
        0,
        succeeded=True,
        complete=True,
        validators=Validators('"v"', None),
        body_hash="h",
    )
    with database.write() as session:
        articles.apply_feed(session, outcome, now=NOW, page_patience=timedelta(0))
        sources.pause_source(session, URL, now=NOW)
    changed = add(database, shape="listing")
    assert (changed.id, changed.name, changed.shape, changed.known) == (first.id, first.name, "listing", True)
    with database.read() as session:
        (work,) = sources.find_due_work(session, "news.example", now=NOW, limit=5)
        # Its back-list is told to nobody, and nothing of the old shape is asked for.
        assert work == sources.find_source(session, URL)
        assert (work.request, sources.find_source(session, URL).first) == (FetchRequest(URL, "listing"), True)
    with pytest.raises(NameTaken):
        add(database, shape="listing")


@pytest.mark.parametrize(("language", "names"), [("ar", ["دار a", "دار b"]), ("en", ["House a", "House b"])])
def test_sources_of_the_catalogue_have_its_names_and_shapes(
    database: Database, language: str, names: list[str]
) -> None:
    assert add_houses(database, language) == names
    with database.read() as session:
        rows = {row.catalogue_id: row.shape for row in sources.list_sources(session)}
        assert rows == {"a": "feed", "b": "listing"}
        assert sources.find_source(session, "b").request == FetchRequest("https://b.example/", "listing")


def test_what_is_watched_already_stays_as_it_is(database: Database) -> None:
    add(database, "https://a.example/feed", name="mine")
    add(database, "https://elsewhere.example/", name="دار b")
    assert add_houses(database) == ["دار b 2"]
    assert add_houses(database) == []
    with database.read() as session:
        assert [r.name for r in sources.list_sources(session) if r.url == "https://a.example/feed"] == [
            "mine"
        ]


def test_a_paused_source_rests_until_it_is_enabled(database: Database) -> None:
    add(database)
    with database.write() as session:
        assert sources.pause_source(session, URL, now=NOW) == "news.example"
        assert sources.find_due_work(session, "news.example", now=NOW, limit=5) == []
        sources.enable_source(session, URL, now=NOW)
        assert len(sources.find_due_work(session, "news.example", now=NOW, limit=5)) == 1
