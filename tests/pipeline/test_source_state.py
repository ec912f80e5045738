"""How a source is said to be, from what is stored of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from marsad.types import FailureKind, FeedOutcome, FetchFailure, Grade
from pipeline.ingest import plan_feed
from pipeline.source_state import QUIET_AFTER, SENTENCES, StateCode, english_sentence, source_state
from storage import articles, sources
from storage.database import Database
from storage.sources import SourceRow
from tests.pipeline.values import NOW, URL, entry, feed_work, fetched, watching
from tests.storage.stored import Desk

ROW = SourceRow(
    id=1,
    name="newsroom",
    url=URL,
    title=None,
    articles=30,
    due_at=NOW,
    paused=False,
    last_success_at=NOW,
    failures=0,
    last_outcome="fetched",
    last_detail="30 items, 2 of them new.",
    last_at=NOW,
    last_status=200,
    last_new=2,
    newest_at=NOW,
    shape="feed",
    catalogue_id=None,
)


def code(row: SourceRow) -> StateCode:
    return source_state(row, now=NOW).code


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"last_outcome": None, "last_at": None, "articles": 0}, StateCode.NEVER_POLLED),
        ({}, StateCode.FINE),
        ({"last_outcome": "unchanged", "last_status": 304}, StateCode.UNCHANGED),
        ({"newest_at": NOW - QUIET_AFTER - timedelta(hours=1)}, StateCode.QUIET),
        ({"articles": 0, "newest_at": None}, StateCode.EMPTY),
        ({"paused": True}, StateCode.PAUSED),
        ({"paused": True, "last_outcome": "failed: soft/refused", "last_status": 403}, StateCode.PAUSED),
        ({"paused": True, "last_outcome": "failed: hard/gone", "last_status": 410}, StateCode.GONE),
        ({"last_outcome": "failed: temporary"}, StateCode.OTHER),
        ({"last_outcome": "failed: temporary/of a newer marsad"}, StateCode.OTHER),
    ],
)
def test_stored_facts_give_one_code(changes: dict[str, object], state: StateCode) -> None:
    assert code(replace(ROW, **changes)) is state  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", FailureKind)
def test_every_kind_of_failure_has_its_code(kind: FailureKind) -> None:
    failure = FetchFailure(URL, URL, 503, Grade.TEMPORARY, "It is away.", kind=kind)
    outcome = plan_feed(feed_work(), failure, known={}, watching=watching(), now=NOW).outcome
    state = source_state(replace(ROW, last_outcome=outcome, last_status=503), now=NOW)
    assert (state.code.value, state.good) == (kind.value, False)


@pytest.mark.parametrize("state", StateCode)
def test_every_code_has_a_sentence_that_names_nothing_but_the_status(state: StateCode) -> None:
    assert set(re.findall(r"%\((\w+)\)s", SENTENCES[state])) <= {"status"}
    sentence = english_sentence(replace(source_state(ROW, now=NOW), code=state, status=403))
    assert sentence.endswith(".")
    assert "%" not in sentence


def test_a_state_tells_when_the_source_is_polled_next() -> None:
    assert source_state(ROW, now=NOW).due_at == NOW
    assert source_state(replace(ROW, paused=True), now=NOW).due_at is None


def test_a_poll_leaves_the_facts_that_a_state_is_made_of(database: Database) -> None:
    desk = Desk.at(database)
    source = desk.add_source()
    now = datetime.now(UTC)
    outcome = plan_feed(
        replace(feed_work(), source_id=source),
        fetched(entry("هواوي"), entry("إنفيديا", id="b")),
        known={},
        watching=watching(),
        now=now,
    )
    failed = FeedOutcome(source, "failed: soft/refused", 403, "It refuses.", now, 1)
    states = []
    with database.write() as session:
        for each in (outcome, failed):
            articles.apply_feed(session, each, now=now, page_patience=timedelta(0))
            (row,) = sources.list_sources(session)
            states.append(source_state(row, now=now))
    fine, refused = states
    assert (fine.code, fine.new, fine.articles, fine.at) == (StateCode.FINE, 2, 2, now)
    assert (refused.code, refused.status, refused.failures) == (StateCode.REFUSED, 403, 1)
