"""Five real articles, four terms typed in Latin: exactly 14 matches, in five deliveries on each channel."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.end_to_end.conftest import Installation
from tests.newsroom import Story

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
    installation: Installation, testbed: Path
) -> None:
    marsad = installation.marsad
    stories = [read_seed(path) for path in sorted((testbed / "seeds").glob("*.txt"))]
    assert len(stories) == 5
    (first,) = marsad.facts("poll", "--once")
    assert first["poll"]["new_articles"] == 0
    installation.newsroom.stories = stories
    (second,) = marsad.facts("poll", "--once", "--all")
    assert (second["poll"]["new_articles"], second["poll"]["pages"]) == (5, 5)

    slugs = {story.title: story.slug for story in stories}
    found: dict[str, set[str]] = {}
    matches = marsad.facts("matches", "list")
    for match in matches:
        found.setdefault(match["term"], set()).add(slugs[match["article"]["title"]])
    assert found == TRUTH
    assert len(matches) == 14
    states = Counter((d["channel"], d["state"]) for d in marsad.facts("deliveries", "list"))
    assert states == {("mail", "sent"): 5, ("hook", "sent"): 5}

    check_mails(installation, stories)
    check_webhooks(installation, stories)

    marsad.run("poll", "--once", "--all")
    assert len(installation.mailbox.mails) == 5
    assert len(installation.receiver.requests) == 5


def check_mails(installation: Installation, stories: list[Story]) -> None:
    for story in stories:
        (mail,) = [m for m in installation.mailbox.mails if story.title in m.subject]
        wanted = {term for term, slugs in TRUTH.items() if story.slug in slugs}
        plain = mail.part("plain")
        assert story.title in plain
        assert {term for term in TRUTH if f"{term}" in plain} >= wanted
        assert f"{installation.newsroom.base}/a/{story.slug}" in plain


def check_webhooks(installation: Installation, stories: list[Story]) -> None:
    told = {}
    for request in installation.receiver.requests:
        Webhook(installation.webhook_secret).verify(request.body, request.headers)
        content = json.loads(request.body)["data"]
        told[content["article"]["title"]] = {match["term"] for match in content["matches"]}
    assert told == {
        story.title: {term for term, slugs in TRUTH.items() if story.slug in slugs} for story in stories
    }
