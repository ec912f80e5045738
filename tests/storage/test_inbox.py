"""The inbox: one row an article, newest first, each user's own, paged by key."""

from __future__ import annotations

from marsad.types import ChannelKind
from storage import inbox
from storage.database import Database
from storage.models import User
from tests.storage.stored import NOW, Desk, article, seconds, sent


def ids(desk: Desk, **chosen: int | None) -> list[int]:
    with desk.database.read() as session:
        limit = chosen.pop("limit", None) or 10
        return [row.article_id for row in inbox.list_inbox(session, desk.owner, limit=limit, **chosen)]


def test_an_article_is_one_row_at_the_place_of_its_newest_match(database: Database) -> None:
    desk = Desk.at(database, "Huawei", "Nvidia")
    source = desk.add_source()
    desk.store(source, article("a", desk.matched("Huawei")), article("b", desk.matched("Huawei", "Nvidia")))
    assert ids(desk) == [2, 1]
    desk.read_page(1, desk.matched("Nvidia", where="text"), now=NOW + seconds(60))
    assert ids(desk) == [1, 2]
    with database.read() as session:
        first = inbox.list_inbox(session, desk.owner, limit=1)[0]
    assert [match.term for match in first.matches] == ["Huawei", "Nvidia"]
    assert [hit.field for hit in first.hits_in("text")] == ["text"]
    assert first.field("title") == "هواوي تعرض معالجها"


def test_pages_follow_one_another(database: Database) -> None:
    desk = Desk.at(database, "Huawei", "Nvidia")
    source = desk.add_source()
    desk.store(source, *(article(f"a{n}", desk.matched("Huawei", "Nvidia")) for n in range(7)))
    desk.store(source, article("b", desk.matched("Huawei")), now=NOW + seconds(1))
    found: list[int] = []
    before: int | None = None
    while True:
        with database.read() as session:
            rows = inbox.list_inbox(session, desk.owner, limit=3, before=before)
        if not rows:
            break
        found += [row.article_id for row in rows]
        before = rows[-1].newest_match
    assert found == [8, 7, 6, 5, 4, 3, 2, 1]


def test_a_term_and_a_source_narrow_it(database: Database) -> None:
    desk = Desk.at(database, "Huawei", "Nvidia")
    one, two = desk.add_source("one"), desk.add_source("two", host="two.example")
    desk.store(one, article("a", desk.matched("Huawei")), article("b", desk.matched("Nvidia")))
    desk.store(two, article("c", desk.matched("Huawei")))
    assert ids(desk, term_id=desk.terms["Huawei"]) == [3, 1]
    assert ids(desk, source_id=one) == [2, 1]
    assert ids(desk, source_id=one, term_id=desk.terms["Huawei"]) == [1]
    with database.read() as session:
        assert inbox.list_matched_sources(session, desk.owner) == [(one, "one"), (two, "two")]


def test_nobody_sees_what_another_watches(database: Database) -> None:
    desk = Desk.at(database, "Huawei")
    desk.store(desk.add_source(), article("a", desk.matched("Huawei")))
    with database.write() as session:
        other = User(name="other", created_at=NOW)
        session.add(other)
        session.flush()
        assert inbox.list_inbox(session, other.id, limit=10) == []
        assert inbox.list_inbox(session, desk.owner, limit=10, before=99) == []
        assert inbox.find_in_inbox(session, other.id, 1) is None
        assert inbox.list_matched_sources(session, other.id) == []
        assert inbox.list_deliveries_of(session, other.id, 1, mail_server=True) == []
        found = inbox.find_in_inbox(session, desk.owner, 1)
    assert found is not None
    assert found.article_id == 1


def test_news_are_what_came_before_a_match_in_the_list(database: Database) -> None:
    desk = Desk.at(database, "Huawei", "Nvidia")
    source = desk.add_source()
    desk.store(source, article("a", desk.matched("Huawei")))
    desk.store(source, article("b", desk.matched("Huawei", "Nvidia")), now=NOW + seconds(5))
    with database.read() as session:
        assert inbox.count_newer(session, desk.owner, 1) == 1
        assert inbox.count_newer(session, desk.owner, 3) == 0
        assert inbox.count_newer(session, desk.owner, 1, term_id=desk.terms["Nvidia"]) == 1
        assert inbox.count_newer(session, desk.owner, 1, source_id=source + 1) == 0


def test_the_alerts_about_an_article_say_what_they_wait_for(database: Database) -> None:
    desk = Desk.at(database, "Huawei")
    desk.add_channel("hook")
    desk.add_channel("mail", kind=ChannelKind.EMAIL, address="a@b.example")
    desk.store(desk.add_source(), article("a", desk.matched("Huawei", tell=("hook", "mail"))))
    for claimed in desk.claim(kinds=(ChannelKind.WEBHOOK,)):
        desk.settle(claimed, sent())
    with database.read() as session:
        rows = inbox.list_deliveries_of(session, desk.owner, 1, mail_server=False)
    assert {(row.channel, row.state, row.waits_for) for row in rows} == {
        ("hook", "sent", None),
        ("mail", "pending", "a mail server (MARSAD_SMTP_URL)"),
    }
