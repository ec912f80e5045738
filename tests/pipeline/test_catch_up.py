"""What is stored is matched with what is watched since: with alerts when it came after, quietly when before."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from marsad.types import FieldHit, FieldName, PlannedArticle, Term
from pipeline.catch_up import CatchUp, CatchUpOptions
from pipeline.ingest import plan_feed
from pipeline.matches import Watching
from pipeline.watching import LiveWatchSet
from storage import articles, watchlists
from storage.database import Database, now, open_database
from storage.models import Article, Delivery, DeliveryMatch, Match, WatchTerm
from tests.conftest import ROOT
from tests.pipeline.values import entry, feed_work, fetched
from tests.storage.stored import Desk

PATIENCE = timedelta(minutes=15)


@dataclass(slots=True)
class Newsdesk:
    """A subscribed watchlist, a source, and a process that ingests with what it has compiled."""

    desk: Desk
    source: int
    channel: int
    live: LiveWatchSet
    published: int = 0

    def add(self, *names: str) -> list[int]:
        with self.desk.database.write() as session:
            return [
                watchlists.add_term(session, self.desk.watchlist, Term(name), now=now(session))
                for name in names
            ]

    def change(self, term: Term) -> None:
        with self.desk.database.write() as session:
            watchlists.change_term(session, self.desk.watchlist, term, now=now(session))

    def subscribe(self, channel: int, *, include_existing: bool = False) -> None:
        with self.desk.database.write() as session:
            watchlists.subscribe(
                session, self.desk.watchlist, channel, include_existing=include_existing, now=now(session)
            )

    def publish(self, *titles: str, first: bool = False, page_host: str | None = None) -> None:
        """Store articles, matched by what is compiled in this process, however old that is."""
        work = replace(feed_work(first=first), source_id=self.source)
        database, compiled = self.desk.database, self.live.current()
        with database.write() as session:
            watchlists.hold_watch_set(session)
            version = watchlists.read_version(session)
            watching = replace(compiled, subscriptions=self.live.subscriptions(session, version))
            for title in titles:
                self.published += 1
                feed = fetched(replace(entry(title, id=str(self.published)), link=None))
                plan = plan_feed(work, feed, known={}, watching=watching, now=now(session))
                planned = tuple(_with_page(each, page_host) for each in plan.articles)
                outcome = replace(plan, articles=planned)
                articles.apply_feed(session, outcome, now=now(session), page_patience=PATIENCE)

    def catch_up(self, *, back_list: int = 5000, batch: int = 250) -> int:
        """As another process does that has just begun."""
        database = self.desk.database
        options = CatchUpOptions(back_list=back_list, batch=batch)
        job = CatchUp(database, LiveWatchSet(database), clock=now, options=options)
        return job.catch_up()

    def found(self) -> Counter[tuple[str, str]]:
        """How many matches there are of each title and term."""
        with self.desk.database.read() as session:
            rows = watchlists.list_matches(session, self.desk.owner, limit=10_000)
        return Counter((row.title, row.term) for row in rows)

    def told(self) -> Counter[tuple[str, str]]:
        """How many deliveries name each title and term."""
        with self.desk.database.read() as session:
            rows = session.execute(
                select(Article.title, WatchTerm.name)
                .join(Match, Match.article_id == Article.id)
                .join(WatchTerm, WatchTerm.id == Match.watch_term_id)
                .join(DeliveryMatch, DeliveryMatch.match_id == Match.id)
            ).all()
        return Counter((title, term) for title, term in rows)


def _with_page(planned: PlannedArticle, host: str | None) -> PlannedArticle:
    return replace(planned, url="https://p.example/1", page_host=host) if host else planned


def once(*pairs: tuple[str, str]) -> Counter[tuple[str, str]]:
    return Counter(pairs)


@pytest.fixture
def news(database: Database) -> Newsdesk:
    desk = Desk.at(database, "Huawei")
    made = Newsdesk(desk, desk.add_source(), desk.add_channel("hook"), LiveWatchSet(database))
    made.subscribe(made.channel)
    # From here on the process has this compiled, and does not look again by itself.
    made.live.refresh()
    return made


def test_what_came_since_the_save_is_told_and_what_came_before_is_found_quietly(news: Newsdesk) -> None:
    news.publish("Nvidia before")
    news.add("Nvidia")
    news.publish("Nvidia since", "Huawei since")
    assert news.found() == news.told() == once(("Huawei since", "Huawei"))
    assert news.catch_up() == 3
    assert news.found() == once(
        ("Huawei since", "Huawei"), ("Nvidia before", "Nvidia"), ("Nvidia since", "Nvidia")
    )
    assert news.told() == once(("Huawei since", "Huawei"), ("Nvidia since", "Nvidia"))
    assert news.catch_up() == 0
    assert news.told().total() == 2


def test_several_saves_are_told_apart(news: Newsdesk) -> None:
    """The clocks of several machines would not do: only the order of the saves and stores counts."""
    news.publish("Nvidia AMD Intel 0")
    for number, name in enumerate(("Nvidia", "AMD", "Intel"), start=1):
        news.add(name)
        news.publish(f"Nvidia AMD Intel {number}")
    news.catch_up()
    assert news.found().total() == 12
    assert news.told() == once(
        ("Nvidia AMD Intel 1", "Nvidia"),
        *(("Nvidia AMD Intel 2", name) for name in ("Nvidia", "AMD")),
        *(("Nvidia AMD Intel 3", name) for name in ("Nvidia", "AMD", "Intel")),
    )


def test_a_process_that_has_compiled_the_term_leaves_nothing_to_catch_up_with(news: Newsdesk) -> None:
    news.add("Nvidia")
    news.live.refresh()
    news.publish("Nvidia since")
    assert news.told() == once(("Nvidia since", "Nvidia"))
    assert news.catch_up() == 0


def test_the_back_list_has_an_end_and_what_came_since_has_none(news: Newsdesk) -> None:
    news.publish(*(f"Nvidia before {number}" for number in range(10)))
    news.add("Nvidia")
    news.publish(*(f"Nvidia since {number}" for number in range(8)))
    news.catch_up(back_list=12, batch=3)
    assert {title for title, _ in news.found()} == {
        *(f"Nvidia since {number}" for number in range(8)),
        *(f"Nvidia before {number}" for number in range(6, 10)),
    }
    assert {title for title, _ in news.told()} == {f"Nvidia since {number}" for number in range(8)}


def test_nothing_is_read_again_for_a_subscription_or_a_removal(news: Newsdesk) -> None:
    news.publish("Huawei", "Nvidia")
    news.subscribe(news.desk.add_channel("second"))
    with news.desk.database.write() as session:
        watchlists.remove_term(session, news.desk.watchlist, "Huawei", now=now(session))
    assert news.catch_up() == 0


def test_a_term_that_was_removed_is_not_found_by_a_process_that_does_not_know_yet(news: Newsdesk) -> None:
    with news.desk.database.write() as session:
        watchlists.remove_term(session, news.desk.watchlist, "Huawei", now=now(session))
    news.publish("Huawei since")
    news.catch_up()
    assert news.found() == news.told() == once()


def test_a_change_counts_for_what_comes_and_is_looked_for_in_what_is_stored(news: Newsdesk) -> None:
    news.publish("Huawei before", "Hawawy before")
    told = news.told()
    news.change(Term("Huawei", spellings=("Hawawy",), exclude=("Huawei Mall",)))
    news.publish("Huawei Mall since", "Hawawy since")
    news.catch_up()
    assert news.found() == once(
        ("Huawei before", "Huawei"), ("Hawawy before", "Huawei"), ("Hawawy since", "Huawei")
    )
    assert news.told() - told == once(("Hawawy since", "Huawei"))


def test_a_match_stays_that_a_change_of_its_term_would_not_find(news: Newsdesk) -> None:
    news.publish("Huawei Desk")
    news.change(Term("Huawei", exclude=("Huawei Desk",)))
    news.catch_up()
    with news.desk.database.read() as session:
        (row,) = watchlists.list_matches(session, news.desk.owner, limit=9)
    assert [(hit.start, hit.end) for hit in row.hits] == [(0, 6)]


def test_a_first_poll_is_told_only_to_who_asked_for_what_exists(news: Newsdesk) -> None:
    second = news.desk.add_channel("second")
    news.subscribe(second, include_existing=True)
    news.add("Nvidia")
    news.publish("Nvidia since", first=True)
    news.catch_up()
    assert [row.channel for row in news.desk.listed()] == ["second"]


def test_a_subscription_that_came_meanwhile_is_told(news: Newsdesk) -> None:
    news.add("Nvidia")
    news.publish("Nvidia since")
    news.subscribe(news.desk.add_channel("second"))
    news.catch_up()
    assert sorted(row.channel for row in news.desk.listed()) == ["hook", "second"]


def test_an_alert_waits_for_its_articles_page_as_those_of_a_poll_do(news: Newsdesk) -> None:
    news.add("Nvidia")
    news.publish("Nvidia since", page_host="p.example")
    news.catch_up()
    with news.desk.database.read() as session:
        (first_seen, due_at) = session.execute(
            select(Article.first_seen_at, Delivery.due_at).join(Delivery, Delivery.article_id == Article.id)
        ).one()
    assert due_at == first_seen + PATIENCE


def test_matches_of_one_article_go_out_together(news: Newsdesk) -> None:
    news.add("Nvidia")
    news.publish("Huawei Nvidia since")
    news.catch_up()
    (delivery,) = news.desk.listed()
    assert delivery.terms == ("Huawei", "Nvidia")


def test_processes_that_catch_up_at_the_same_time_store_and_tell_each_match_once(news: Newsdesk) -> None:
    before, since = ([f"Nvidia {when} {n}" for n in range(150)] for when in ("before", "since"))
    news.publish(*before)
    news.add("Nvidia")
    news.publish(*since)
    threads = [threading.Thread(target=news.catch_up, kwargs={"batch": 20}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    while news.catch_up():
        pass
    assert news.found() == once(*((title, "Nvidia") for title in (*before, *since)))
    assert news.told() == once(*((title, "Nvidia") for title in since))


# Catches up in small batches and is killed at one of its commits, before it reaches the database.
DIES = """
import os, signal, sys
from sqlalchemy import event
from pipeline.catch_up import CatchUp, CatchUpOptions
from pipeline.watching import LiveWatchSet
from storage.database import now, open_database

database = open_database(sys.argv[1])
left = [int(sys.argv[2])]

def count(session_or_connection):
    if session_or_connection.get_execution_options().get("marsad_writes"):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

event.listen(database.engine, "commit", count)
live = LiveWatchSet(database)
live.refresh()
CatchUp(database, live, clock=now, options=CatchUpOptions(batch=7)).catch_up()
"""


@pytest.mark.parametrize("commits", [0, 1, 4])
def test_a_process_killed_between_the_swap_and_the_end_of_catching_up_loses_nothing(
    news: Newsdesk, commits: int
) -> None:
    before, since = ([f"Nvidia {when} {n}" for n in range(20)] for when in ("before", "since"))
    news.publish(*before)
    news.add("Nvidia")
    news.publish(*since)
    assert dies(news.desk.database, commits) == -9
    assert news.found().total() == min(7 * commits, 20) + max(0, commits - 3) * 7
    news.catch_up()
    assert news.found() == once(*((title, "Nvidia") for title in (*before, *since)))
    assert news.told() == once(*((title, "Nvidia") for title in since))


def dies(database: Database, commits: int) -> int:
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", DIES, url, str(commits)]
    return subprocess.run(command, cwd=ROOT, timeout=120, check=False).returncode


def test_a_job_that_is_told_to_stop_leaves_the_rest_to_the_next(news: Newsdesk) -> None:
    news.add("Nvidia")
    news.publish("Nvidia since")
    job = CatchUp(news.desk.database, news.live, clock=now)
    job.stop()
    assert job.catch_up() == 0
    assert news.catch_up() == 1
    assert news.told() == once(("Nvidia since", "Nvidia"))


def test_an_article_that_is_edited_while_it_is_searched_is_left_to_the_next_look(news: Newsdesk) -> None:
    news.publish("Nvidia before")
    news.add("Nvidia")
    other = open_database(news.desk.database.engine.url.render_as_string(hide_password=False))

    class EditsMeanwhile(LiveWatchSet):
        """A process whose matcher takes long enough for an edit to come in between."""

        def refresh(self) -> Watching:
            watching = super().refresh()

            def find(fields: Mapping[FieldName, str], source: str) -> Sequence[FieldHit]:
                with other.write() as session:
                    session.scalars(select(Article)).one().title = "About Nvidia"
                return watching.find(fields, source)

            return replace(watching, find=find)

    assert CatchUp(other, EditsMeanwhile(other), clock=now).catch_up() == 0
    assert news.found() == once()
    assert news.catch_up() == 1
    with other.read() as session:
        (row,) = watchlists.list_matches(session, news.desk.owner, limit=9)
    assert [row.title[hit.start : hit.end] for hit in row.hits] == ["Nvidia"]
    other.dispose()


def test_an_article_that_breaks_its_matching_keeps_no_other_waiting(
    news: Newsdesk, caplog: pytest.LogCaptureFixture
) -> None:
    news.publish("Nvidia before")
    news.add("Nvidia")
    news.publish("Nvidia breaks", "Nvidia since")

    class Breaks(LiveWatchSet):
        """A process whose matcher has a fault."""

        def refresh(self) -> Watching:
            watching = super().refresh()

            def find(fields: Mapping[FieldName, str], source: str) -> Sequence[FieldHit]:
                if "breaks" in fields["title"]:
                    raise ZeroDivisionError
                return watching.find(fields, source)

            return replace(watching, find=find)

    job = CatchUp(news.desk.database, Breaks(news.desk.database), clock=now)
    with caplog.at_level(logging.ERROR):
        assert (job.catch_up(), job.catch_up()) == (2, 0)
    assert [record.__dict__["article"] for record in caplog.records] == [2]
    assert {title for title, _ in news.found()} == {"Nvidia before", "Nvidia since"}
    # The fault is mended in the next process.
    assert news.catch_up() == 1
    assert {title for title, _ in news.told()} == {"Nvidia breaks", "Nvidia since"}
