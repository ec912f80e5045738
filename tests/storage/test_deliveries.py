"""The outbox: one delivery for an (article, channel), held when it cannot go, fenced when it does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from marsad.errors import LeaseLost
from marsad.types import ChannelKind, ClaimedDelivery, DeliveryState, Matched, Settlement
from storage import channels, deliveries, workers
from storage.database import Database
from storage.models import Attempt, Delivery
from tests.storage.stored import KINDS, LEASE, NOW, Desk, article, later, seconds, sent


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = Desk.at(database, "Huawei", "Nvidia", "H20")
    desk.add_channel("hook")
    return desk


@pytest.fixture
def source(desk: Desk) -> int:
    return desk.add_source()


def leased_by(desk: Desk) -> str | None:
    with desk.database.read() as session:
        return session.scalars(select(Delivery.leased_by)).one()


def terms_of(desk: Desk) -> list[tuple[str, ...]]:
    return sorted(row.terms for row in desk.listed())


def test_an_article_is_one_delivery_that_names_all_its_terms(desk: Desk, source: int) -> None:
    desk.store(source, article("a", desk.matched("Huawei", "Nvidia", tell=["hook"])))
    (claimed,) = desk.claim()
    assert [match.term for match in claimed.matches] == ["Huawei", "Nvidia"]
    assert [hit.spelling for match in claimed.matches for hit in match.hits] == ["هواوي", "هواوي"]
    assert (claimed.article.title, claimed.article.source) == ("هواوي تعرض معالجها", "newsroom")
    assert claimed.target.name == "hook"
    assert desk.claim() == []


def test_the_key_of_article_channel_and_part_is_unique(desk: Desk, source: int) -> None:
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"])))
    (claimed,) = desk.claim()
    double = Delivery(
        id="msg_double",
        article_id=claimed.article.article_id,
        channel_id=claimed.target.id,
        part=0,
        state=DeliveryState.PENDING,
        created_at=NOW,
        due_at=NOW,
        attempts=0,
    )
    with pytest.raises(IntegrityError), desk.database.write() as session:
        session.add(double)


def test_later_matches_join_the_delivery_that_waits(desk: Desk, source: int) -> None:
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"]), page_host="pages.example"))
    assert desk.claim() == []  # it waits for the page
    desk.read_page(1, desk.matched("Nvidia", tell=["hook"], where="text"))
    (claimed,) = desk.claim()
    assert [match.term for match in claimed.matches] == ["Huawei", "Nvidia"]


def test_a_page_that_never_comes_holds_an_alert_for_its_patience_only(desk: Desk, source: int) -> None:
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"]), page_host="pages.example"))
    assert desk.claim(now=NOW + timedelta(minutes=14)) == []
    assert len(desk.claim(now=NOW + timedelta(minutes=15))) == 1


def test_a_page_without_matches_lets_the_alert_go(desk: Desk, source: int) -> None:
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"]), page_host="pages.example"))
    desk.read_page(1, Matched(("text",)))
    assert len(desk.claim()) == 1


@pytest.mark.parametrize("state", ["being sent", "sent", "to be tried again", "cut off by a crash"])
def test_matches_that_come_too_late_make_the_next_part(
    desk: Desk, source: int, state: str, database: Database
) -> None:
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"])))
    (claimed,) = desk.claim(worker="worker-1")
    match state:
        case "sent":
            desk.settle(claimed, sent())
        case "to be tried again":
            desk.settle(claimed, later(NOW + timedelta(hours=1)))
        case "cut off by a crash":
            # It may have been sent: a receiver would drop its id, and with it what joined.
            desk.add_worker("worker-1")
            with workers.working(database):
                assert leased_by(desk) is None
    desk.read_page(1, desk.matched("Nvidia", tell=["hook"], where="text"))
    assert terms_of(desk) == [("Huawei",), ("Nvidia",)]
    assert len({row.id for row in desk.listed()}) == 2


def test_an_article_that_matched_before_is_not_told_again(desk: Desk, source: int) -> None:
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"])))
    desk.settle(desk.claim()[0], sent())
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"]), article_id=1))
    assert len(desk.listed()) == 1
    assert desk.claim() == []


def test_workers_that_claim_at_once_never_share_a_delivery(desk: Desk, source: int) -> None:
    desk.store(source, *(article(str(n), desk.matched("Huawei", tell=["hook"])) for n in range(30)))

    def claim(worker: int) -> list[str]:
        names: list[str] = []
        while found := desk.claim(worker=f"w{worker}"):
            names.extend(each.id for each in found)
        return names

    with ThreadPoolExecutor(4) as pool:
        claimed = [name for names in pool.map(claim, range(4)) for name in names]
    assert len(claimed) == len(set(claimed)) == 30


def test_a_delivery_whose_lease_ran_out_is_claimed_again_under_its_id(desk: Desk, source: int) -> None:
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"])))
    (slow,) = desk.claim()
    assert desk.claim(now=NOW + LEASE - seconds(1)) == []
    (quick,) = desk.claim(now=NOW + LEASE)
    assert quick.id == slow.id
    with pytest.raises(LeaseLost, match=slow.id):
        desk.settle(slow, sent())
    with desk.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 0
    desk.settle(quick, sent())
    assert [row.state for row in desk.listed()] == ["sent"]


def failing_since(desk: Desk, delivery: ClaimedDelivery) -> datetime | None:
    with desk.database.write() as session:
        return channels.failing_since(session, delivery.target.id)


def test_one_channel_takes_no_more_than_its_share(desk: Desk, source: int) -> None:
    desk.add_channel("other")
    names = [f"{n:02}" for n in range(8)]
    desk.store(source, *(article(name, desk.matched("Huawei", tell=["hook"])) for name in names))
    desk.store(source, article("last", desk.matched("Huawei", tell=["other"])))
    first = desk.claim(per_channel=3)
    assert sorted(each.target.name for each in first) == ["hook", "hook", "hook", "other"]
    assert desk.claim(per_channel=3) == []
    # Claims come in no promised order: settle one of the channel that has more waiting.
    desk.settle(next(each for each in first if each.target.name == "hook"), sent())
    assert [each.target.name for each in desk.claim(per_channel=3)] == ["hook"]


def test_what_failed_or_was_parked_is_sent_again_on_request(desk: Desk, source: int) -> None:
    desk.store(source, *(article(name, desk.matched("Huawei", tell=["hook"])) for name in "abc"))
    first, second, third = desk.claim()
    desk.settle(first, Settlement(DeliveryState.FAILED, "550", NOW, None))
    desk.settle(second, Settlement(DeliveryState.PARKED, "broke", NOW, None))
    desk.settle(third, sent())
    with desk.database.write() as session:
        assert deliveries.retry_deliveries(session, desk.owner, [second.id], now=NOW) == 1
        assert deliveries.retry_deliveries(session, desk.owner, None, now=NOW) == 1
    assert {each.id for each in desk.claim()} == {first.id, second.id}


def test_a_failed_attempt_is_recorded_and_due_again(desk: Desk, source: int) -> None:
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"])))
    desk.settle(desk.claim()[0], later(NOW + seconds(5)))
    (row,) = desk.listed()
    assert (row.state, row.attempts, row.last_error, row.settled_at) == ("pending", 1, "HTTP 503", None)
    assert row.waits_for == "its next attempt"
    assert desk.claim(now=NOW + seconds(4)) == []
    (again,) = desk.claim(now=NOW + seconds(5))
    assert again.attempts == 1
    assert failing_since(desk, again) == NOW
    desk.settle(again, sent())
    with desk.database.read() as session:
        attempts = session.execute(select(Attempt.number, Attempt.outcome, Attempt.detail)).all()
    assert attempts == [(1, "pending", "HTTP 503"), (2, "sent", "HTTP 204")]


def test_an_unconfirmed_address_holds_its_alerts_until_it_is_confirmed(desk: Desk, source: int) -> None:
    desk.add_channel("mail", kind=ChannelKind.EMAIL, confirmed=False)
    desk.store(source, article("a", desk.matched("Huawei", tell=["mail"])))
    assert desk.claim(now=NOW + timedelta(days=30)) == []
    assert [row.waits_for for row in desk.listed()] == ["the address to be confirmed"]
    with desk.database.write() as session:
        channels.confirm(session, desk.owner, "mail", now=NOW)
    assert [each.target.name for each in desk.claim()] == ["mail"]


def test_a_disabled_channel_holds_its_alerts_until_it_is_enabled(desk: Desk, source: int) -> None:
    desk.store(source, *(article(name, desk.matched("Huawei", tell=["hook"])) for name in "ab"))
    first, second = desk.claim()
    gone = Settlement(DeliveryState.PENDING, "gone", NOW, NOW, disable_channel="It wants no more.")
    desk.settle(first, gone)
    desk.settle(second, later(NOW))
    assert desk.claim(now=NOW + timedelta(days=30)) == []
    assert {row.waits_for for row in desk.listed()} == {"channel disabled: It wants no more."}
    with desk.database.write() as session:
        channels.enable(session, desk.owner, "hook", now=NOW)
    again = desk.claim()
    assert {each.id for each in again} == {first.id, second.id}
    assert {failing_since(desk, each) for each in again} == {None}


def test_kinds_without_a_notifier_are_left_in_the_outbox(desk: Desk, source: int) -> None:
    desk.add_channel("mail", kind=ChannelKind.EMAIL)
    desk.store(source, article("a", desk.matched("Huawei", tell=["mail", "hook"])))
    assert [each.target.name for each in desk.claim(kinds=(ChannelKind.WEBHOOK,))] == ["hook"]
    with desk.database.read() as session:
        assert deliveries.count_waiting(session, now=NOW)["email"] == 1
    assert [each.target.name for each in desk.claim(kinds=KINDS)] == ["mail"]


def test_what_is_stored_is_told_once_to_who_asks_for_it(desk: Desk, source: int) -> None:
    desk.store(source, *(article(name, desk.matched("Huawei", "H20"), quiet=True) for name in "abc"))
    hook = desk.channels["hook"]
    with desk.database.write() as session:
        assert deliveries.enqueue_existing(session, desk.watchlist, hook, now=NOW) == 6
    with desk.database.write() as session:
        assert deliveries.enqueue_existing(session, desk.watchlist, hook, now=NOW) == 0
    assert terms_of(desk) == [("Huawei", "H20")] * 3


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_delivery_that_is_being_made_keeps_no_other_of_its_channel_from_being_settled(
    desk: Desk, source: int
) -> None:
    """It may itself wait for that other one; each of the two would wait for ever."""
    desk.store(source, article("a", desk.matched("Huawei", tell=["hook"])), article("b"))
    (claimed,) = desk.claim()
    with desk.database.write() as making:
        deliveries.enqueue(making, 2, desk.channels["hook"], [1], now=NOW, due_at=NOW)
        with desk.database.write() as settling:
            settling.execute(text("SET LOCAL lock_timeout = '2s'"))
            deliveries.fence(settling, claimed)
            assert channels.failing_since(settling, desk.channels["hook"]) is None
            deliveries.settle(settling, claimed, sent(), started=NOW, now=NOW)
