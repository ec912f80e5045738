"""A page of links, or a sitemap that names addresses only, brings the same matches as a feed."""

from __future__ import annotations

from collections import Counter

import pytest

from marsad.types import Shape
from pipeline.sources import add_source
from storage import sources
from tests.end_to_end.conftest import Installation
from tests.end_to_end.test_one_article_walks_the_whole_way import STORIES

IN_TITLE_OR_TEXT = {("exports", "Nvidia"), ("exports", "H20"), ("models", "DeepSeek"), ("models", "Huawei")}


@pytest.mark.parametrize(("path", "shape"), [("/", "listing"), ("/sitemap.xml", "feed")])
async def test_new_articles_are_matched_by_title_and_text_and_told_once(
    installation: Installation, path: str, shape: Shape
) -> None:
    exports, rain, models = STORIES
    room, app = installation.newsroom, installation.app
    room.stories = [rain]
    with app.write() as (session, _, now):
        sources.pause_source(session, "newsroom", now=now)
        url, allow = room.base + path, app.settings.fetch_allow
        add_source(session, url=url, name="front", shape=shape, allow=allow, now=now)
    first = await installation.poll()
    assert (first.new_articles, first.pages, first.matches, first.problems) == (1, 1, 0, [])
    room.stories = [rain, exports, models]

    second = await installation.poll()

    assert (second.new_articles, second.pages) == (2, 2)
    matches = installation.matches()
    slug = {story.title: story.slug for story in STORIES}
    assert {(slug[m.title], m.term) for m in matches} == IN_TITLE_OR_TEXT
    for match in matches:
        for hit in match.hits:
            assert match.texts[hit.field][hit.start : hit.end] == hit.spelling
    [title] = [{hit.field for hit in m.hits} for m in matches if m.term == "DeepSeek"]
    assert title == {"title"}
    states = Counter((d.channel, d.state) for d in installation.deliveries())
    assert states == {("mail", "sent"): 2, ("hook", "sent"): 2}
    assert any(models.title in mail.subject for mail in installation.mailbox.mails)

    third = await installation.poll()
    assert (third.new_articles, third.pages, len(installation.mailbox.mails)) == (0, 0, 2)
