"""Five real articles, four terms typed in Latin: exactly 14 matches, in five deliveries on each channel."""

from __future__ import annotations

import json
from collections import Counter
from html import unescape
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.command import Marsad
from tests.newsroom import Newsroom, Story
from tests.servers import Mail, MailBox, RecordingReceiver, Request

pytestmark = pytest.mark.testbed

TRUTH = {
    "Nvidia": {"001", "002", "003", "004"},
    "Huawei": {"000", "001", "002", "003", "004"},
    "H20": {"002", "004"},
    "DeepSeek": {"001", "002", "003"},
}


def read_seed(path: Path) -> Story:
    """Title and summary are the first two lines of some length; the page holds the whole text."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    title, summary = [line for line in lines if len(line) > 30][:2]
    return Story(path.name[:3], title, summary, "\n".join(lines))


def test_the_five_seed_articles_become_14_matches_in_5_deliveries_a_channel(
    database_url: str, tmp_path: Path, testbed: Path
) -> None:
    """By the commands that a user types, each in a process of its own."""
    stories = [read_seed(path) for path in sorted((testbed / "seeds").glob("*.txt"))]
    assert len(stories) == 5
    with Newsroom() as newsroom, MailBox() as mailbox, RecordingReceiver() as receiver:
        marsad = Marsad.at(
            tmp_path,
            MARSAD_DATABASE_URL=database_url,
            MARSAD_SMTP_URL=mailbox.url,
            MARSAD_MAIL_FROM="marsad@alerts.example",
        )
        marsad.run("source", "add", newsroom.feed_url, "--name", "seeds")
        marsad.run("watch", "add", *TRUTH)
        marsad.run("channel", "add", "email", "analyst@desk.example", "--name", "mail", "--confirmed")
        (hook,) = marsad.facts("channel", "add", "webhook", receiver.url, "--name", "hook")
        marsad.run("subscribe", "main", "mail")
        marsad.run("subscribe", "main", "hook")

        (first,) = marsad.facts("poll", "--once")
        assert first["poll"]["new_articles"] == 0
        newsroom.stories = stories
        (second,) = marsad.facts("poll", "--once", "--all")
        assert (second["poll"]["new_articles"], second["poll"]["pages"]) == (5, 5)

        slugs = {story.title: story.slug for story in stories}
        matches = marsad.facts("matches", "list")
        assert {(m["term"], slugs[m["article"]["title"]]) for m in matches} == {
            (term, slug) for term, found in TRUTH.items() for slug in found
        }
        assert len(matches) == 14
        states = Counter((d["channel"], d["state"]) for d in marsad.facts("deliveries", "list"))
        assert states == {("mail", "sent"): 5, ("hook", "sent"): 5}

        marsad.run("poll", "--once", "--all")
        assert len(mailbox.mails) == 5
        assert len(receiver.requests) == 5
        for story in stories:
            check_mail(mailbox.mails, story, f"{newsroom.base}/a/{story.slug}")
        check_webhooks(receiver.requests, hook["secret"], stories)


def terms_of(story: Story) -> set[str]:
    return {term for term, slugs in TRUTH.items() if story.slug in slugs}


def check_mail(mails: list[Mail], story: Story, url: str) -> None:
    """The headline and the terms came through headers and bodies byte for byte."""
    (mail,) = [mail for mail in mails if story.title in mail.subject]
    terms = [term for term in TRUTH if term in terms_of(story)]
    assert sorted(mail.subject.split(" · ")[1].split("، ")) == sorted(f"\u2068{term}\u2069" for term in terms)
    assert mail.subject.split(" · ", 2)[2] == f"\u2067{story.title}\u2069"
    plain, html = mail.part("plain"), unescape(mail.part("html"))
    for body in (plain, html):
        assert story.title in body
        assert url in body
    named = {
        line.split("\u2068")[1].split("\u2069")[0] for line in plain.splitlines() if line.startswith("- ")
    }
    assert named == terms_of(story)


def check_webhooks(requests: list[Request], secret: str, stories: list[Story]) -> None:
    told = {}
    for request in requests:
        Webhook(secret).verify(request.body, request.headers)
        content = json.loads(request.body)["data"]
        told[content["article"]["title"]] = {match["term"] for match in content["matches"]}
    assert told == {story.title: terms_of(story) for story in stories}
