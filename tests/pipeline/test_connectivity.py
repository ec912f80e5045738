"""That this machine is offline is said once, not of each source; its end is said too."""

from __future__ import annotations

from datetime import timedelta

from marsad.types import FetchFailure, FetchResult, Grade, NotModified
from pipeline.connectivity import OFFLINE, ONLINE, Connectivity, plan_notice
from pipeline.retry import next_page, next_poll
from tests.pipeline.values import NOW

ANSWER = NotModified("u", "u", 304)
AWAY = FetchFailure("u", "u", None, Grade.TEMPORARY, "u has a host name that cannot be found.", offline=True)
SLOW = FetchFailure("u", "u", None, Grade.TEMPORARY, "u took too long to answer.")
BROKEN = FetchFailure("u", "u", 500, Grade.TEMPORARY, "u has trouble at its server.")


def said(*outcomes: tuple[str, FetchResult]) -> list[str]:
    before = Connectivity()
    notices = []
    for host, result in outcomes:
        before, notice = plan_notice(before, host, result)
        if notice is not None:
            notices.append(notice)
    return notices


def test_an_outage_is_said_once_for_all_sources_and_all_ticks() -> None:
    hosts = [f"h{n}" for n in range(40)]
    assert said(*[(host, AWAY) for _ in range(20) for host in hosts]) == [OFFLINE]
    assert "make demo" in OFFLINE


def test_the_first_answer_ends_it_and_a_second_outage_is_said_again() -> None:
    outage = [(host, AWAY) for host in "abc"]
    back: list[tuple[str, FetchResult]] = [("b", ANSWER), ("a", ANSWER), ("c", AWAY)]
    assert said(*outage, *back, *outage) == [OFFLINE, ONLINE, OFFLINE]


def test_a_single_source_is_enough_where_there_is_no_other() -> None:
    assert said(("a", AWAY)) == [OFFLINE]


def test_one_name_that_is_not_found_among_hosts_that_answer_is_its_own_fault() -> None:
    round_of_polls: list[tuple[str, FetchResult]] = [("a", ANSWER), ("b", BROKEN), ("c", AWAY), ("d", ANSWER)]
    assert said(*round_of_polls * 5) == []


def test_an_error_from_a_server_proves_the_network_and_silence_proves_nothing() -> None:
    assert said(("a", AWAY), ("a", BROKEN)) == [OFFLINE, ONLINE]
    assert said(("a", AWAY), ("a", SLOW)) == [OFFLINE]
    assert said(*[(host, SLOW) for host in "abcd"]) == []


def test_a_source_is_not_blamed_for_our_outage_however_long_it_lasts() -> None:
    for failures in (0, 1, 50):
        assert next_poll(NOW, failures=failures, failure=AWAY) == NOW + timedelta(minutes=5)
    assert next_poll(NOW, failures=0, failure=AWAY, interval=timedelta(seconds=2)) == NOW + timedelta(
        seconds=2
    )


def test_an_article_page_is_never_given_up_for_our_outage() -> None:
    assert next_page(NOW, attempts=99, failure=AWAY) == NOW + timedelta(minutes=5)
