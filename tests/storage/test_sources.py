"""Sources: unique, due, paused, and explained by their last outcomes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marsad.errors import NameTaken, NameUnknown
from marsad.types import FeedOutcome, FeedWork, Validators
from storage import articles, sources
from storage.database import Database
from storage.models import FetchEvent
from tests.storage.stored import HOST, NOW, Desk, article, seconds


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.at(database, "Huawei")


def apply(desk: Desk, outcome: FeedOutcome) -> None:
    with desk.database.write() as session:
        articles.apply_feed(session, outcome, now=NOW, page_patience=timedelta(minutes=15))


def work(desk: Desk) -> FeedWork:
    with desk.database.read() as session:
        return sources.find_source(session, "newsroom")


def test_an_address_and_a_name_are_taken_once(desk: Desk) -> None:
    desk.add_source()
    with pytest.raises(NameTaken, match="already watched as 'newsroom'"):
        desk.add_source()
    with pytest.raises(NameTaken, match="--name"), desk.database.write() as session:
        sources.add_source(session, url="https://other.example/", name="newsroom", host=HOST, now=NOW)


def test_a_source_is_found_by_its_name_and_by_its_address(desk: Desk) -> None:
    source = desk.add_source()
    with desk.database.read() as session:
        assert sources.find_source(session, f"https://{HOST}/newsroom").source_id == source
        with pytest.raises(NameUnknown, match="elsewhere"):
            sources.find_source(session, "elsewhere")


def test_the_first_poll_is_the_first_that_succeeds(desk: Desk) -> None:
    source = desk.add_source()
    apply(desk, FeedOutcome(source, "failed: temporary", 503, "away", NOW + seconds(60), 1))
    assert (work(desk).first, work(desk).failures) == (True, 1)
    desk.store(source)
    assert (work(desk).first, work(desk).failures) == (False, 0)


def test_validators_and_hash_are_kept_until_others_come(desk: Desk) -> None:
    source = desk.add_source()
    given = Validators('"v1"', "Sun, 22 Nov 2026 09:00:00 GMT")
    apply(
        desk,
        FeedOutcome(
            source, "fetched", 200, "d", NOW, 0, succeeded=True, validators=given, body_hash="ab" * 32
        ),
    )
    apply(desk, FeedOutcome(source, "unchanged", 304, "d", NOW, 0, succeeded=True))
    apply(desk, FeedOutcome(source, "failed: temporary", 503, "d", NOW, 1))
    assert (work(desk).request.validators, work(desk).request.body_hash) == (given, "ab" * 32)
    apply(
        desk,
        FeedOutcome(
            source, "fetched", 200, "d", NOW, 0, succeeded=True, validators=Validators(), body_hash="c"
        ),
    )
    assert (work(desk).request.validators, work(desk).request.body_hash) == (Validators(), "c")


def test_a_paused_source_is_not_due_until_it_is_enabled(desk: Desk) -> None:
    source = desk.add_source()
    apply(desk, FeedOutcome(source, "failed: hard", 410, "gone", NOW, 1, paused=True))
    with desk.database.write() as session:
        sources.make_all_due(session, now=NOW + seconds(60))
        assert sources.find_due_work(session, HOST, now=NOW + timedelta(days=9), limit=5) == []
        assert [row.paused for row in sources.list_sources(session)] == [True]
    with desk.database.write() as session:
        assert sources.enable_source(session, "newsroom", now=NOW) == "newsroom"
    with desk.database.read() as session:
        assert len(sources.find_due_work(session, HOST, now=NOW, limit=5)) == 1
    assert desk.claim_host() is not None


def test_everything_is_due_when_it_is_asked_for(desk: Desk) -> None:
    desk.store(desk.add_source())
    lease = desk.claim_host()
    assert lease is not None
    desk.release(lease)
    assert desk.claim_host(now=NOW + seconds(60)) is None
    with desk.database.write() as session:
        sources.make_all_due(session, now=NOW + seconds(60))
    assert desk.claim_host(now=NOW + seconds(60)) is not None


def test_the_last_thirty_outcomes_explain_a_source(desk: Desk) -> None:
    source = desk.add_source()
    for number in range(35):
        apply(desk, FeedOutcome(source, "fetched", 200, f"poll {number}", NOW, 0, succeeded=True))
    with desk.database.read() as session:
        assert session.scalar(select(func.count()).select_from(FetchEvent)) == 30
        (row,) = sources.list_sources(session)
    assert (row.last_detail, row.last_success_at) == ("poll 34", NOW)


def test_an_article_that_is_seen_again_is_found_among_thousands(desk: Desk) -> None:
    source = desk.add_source()
    desk.store(source, *(article(str(number)) for number in range(1_200)))
    with desk.database.read() as session:
        known = articles.find_known(session, source, [str(number) for number in range(2_400)])
    assert len(known) == 1_200
    assert known["7"].term_ids == frozenset()


def test_the_longest_identities_that_plans_make_can_be_stored(desk: Desk) -> None:
    source = desk.add_source()
    longest = "".join(chr(0x10000 + 7919 * number % 0xFFFF) for number in range(500))
    desk.store(source, article(longest))
    with desk.database.read() as session:
        assert longest in articles.find_known(session, source, [longest])
