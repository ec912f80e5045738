"""One request in, exactly one result out, over real connections."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic

import pytest

from marsad.types import (
    FetchedFeed,
    FetchedPage,
    FetchFailure,
    FetchRequest,
    Grade,
    NotModified,
    Validators,
)
from spiders.runner import Fetcher
from tests.spiders.conftest import LOOPBACK
from tests.spiders.documents import NOW, PAGE, TITLES, rss
from tests.spiders.server import Asked, Server, head

FEED_TYPE = "application/rss+xml; charset=utf-8"


async def test_a_feed_arrives_with_its_entries_validators_and_hash(server: Server, fetcher: Fetcher) -> None:
    url = server.answer("/feed", rss(), Content_Type=FEED_TYPE, ETag='W/"1"', Last_Modified="yesterday")

    feed = await fetcher.fetch(FetchRequest(url, "feed"))

    assert isinstance(feed, FetchedFeed)
    assert [entry.title for entry in feed.entries] == list(TITLES)
    assert feed.entries[0].summary == "ملخص الخبر 1"
    assert feed.kind == "rss2.0"
    assert feed.validators == Validators('W/"1"', "yesterday")
    assert feed.body_hash is not None
    assert len(feed.body_hash) == 64


async def test_validators_go_back_byte_for_byte_and_no_others(server: Server, fetcher: Fetcher) -> None:
    url = server.answer("/feed", status=304)

    result = await fetcher.fetch(FetchRequest(url, "feed", Validators('unquoted-"x', "not a date")))
    await fetcher.fetch(FetchRequest(url, "feed"))

    assert isinstance(result, NotModified)
    assert result.validators == Validators('unquoted-"x', "not a date")
    first, second = [asked.headers for asked in server.asked if asked.path == "/feed"]
    assert (first["if-none-match"], first["if-modified-since"]) == ('unquoted-"x', "not a date")
    assert not {"if-none-match", "if-modified-since"} & second.keys()


async def test_a_304_that_nobody_asked_for_is_a_failure(server: Server, fetcher: Fetcher) -> None:
    failure = await fetcher.fetch(FetchRequest(server.answer("/feed", status=304), "feed"))

    assert isinstance(failure, FetchFailure)
    assert failure.grade is Grade.TEMPORARY


async def test_the_same_body_under_a_200_is_not_modified(server: Server, fetcher: Fetcher) -> None:
    request = FetchRequest(server.answer("/feed", rss()), "feed")
    feed = await fetcher.fetch(request)
    assert isinstance(feed, FetchedFeed)

    assert isinstance(await fetcher.fetch(replace(request, body_hash=feed.body_hash)), NotModified)


async def test_a_page_arrives_as_its_own_text(server: Server, fetcher: Fetcher) -> None:
    page = await fetcher.fetch(FetchRequest(server.answer("/1", PAGE, Content_Type="text/html"), "page"))

    assert isinstance(page, FetchedPage)
    assert page.page.title == "خبر"
    assert page.page.text.startswith("أعلنت الشركة")
    assert "الرئيسية" not in page.page.text
    assert page.page.language == "ar"
    assert page.page.published is not None
    assert page.page.published.isoformat() == "2026-02-01T07:30:00+00:00"


@pytest.mark.parametrize(
    ("status", "grade", "seconds"),
    [
        (429, Grade.TEMPORARY, 120.0),
        (503, Grade.TEMPORARY, 120.0),
        (500, Grade.TEMPORARY, 120.0),
        (401, Grade.SOFT, None),
        (403, Grade.SOFT, None),
        (404, Grade.SOFT, None),
        (410, Grade.HARD, None),
    ],
)
async def test_a_status_has_a_grade_and_a_sentence_with_the_address(
    server: Server, fetcher: Fetcher, status: int, grade: Grade, seconds: float | None
) -> None:
    url = server.answer("/feed", "no", status=status, Retry_After="120")

    failure = await fetcher.fetch(FetchRequest(url, "feed"))

    assert isinstance(failure, FetchFailure)
    assert (failure.grade, failure.status, failure.retry_after) == (grade, status, seconds)
    assert url in failure.reason


@pytest.mark.parametrize("body", [b"", PAGE.encode(), b"{}", b"just words"])
async def test_what_is_no_feed_is_a_soft_failure(server: Server, fetcher: Fetcher, body: bytes) -> None:
    failure = await fetcher.fetch(FetchRequest(server.answer("/feed", body), "feed"))

    assert isinstance(failure, FetchFailure)
    assert failure.grade is Grade.SOFT


async def test_a_redirect_is_followed_and_remembered(server: Server, fetcher: Fetcher) -> None:
    target = server.answer("/new", rss())
    url = server.answer("/old", status=301, Location="/new")

    feed = await fetcher.fetch(FetchRequest(url, "feed"))

    assert isinstance(feed, FetchedFeed)
    assert (feed.url, feed.final_url) == (url, target)


async def test_redirects_end_after_five(server: Server, fetcher: Fetcher) -> None:
    url = server.answer("/loop", status=302, Location="/loop")

    failure = await fetcher.fetch(FetchRequest(url, "feed"))

    assert isinstance(failure, FetchFailure)
    assert failure.grade is Grade.SOFT
    assert server.paths() == ["/loop"] * 6


async def test_a_drip_is_cut_at_the_deadline_and_a_neighbour_is_not_held_up(server: Server) -> None:
    async def drip(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, {"Content-Length": "100000"}))
        for _ in range(200):
            writer.write(b"<")
            await writer.drain()
            await asyncio.sleep(0.05)

    server.handlers["/drip"] = drip
    url = server.answer("/feed", rss()).replace("127.0.0.1", "localhost")
    begun = monotonic()
    async with Fetcher(allow=LOOPBACK, deadline=1.0, resolve=_loopback) as fetcher:
        slow = asyncio.ensure_future(fetcher.fetch(FetchRequest(server.url("/drip"), "feed")))
        assert isinstance(await fetcher.fetch(FetchRequest(url, "feed")), FetchedFeed)
        assert monotonic() - begun < 0.9
        failure = await slow

    assert isinstance(failure, FetchFailure)
    assert failure.grade is Grade.TEMPORARY
    assert "too long" in failure.reason
    assert monotonic() - begun < 4


async def test_a_body_over_the_limit_is_refused_announced_or_not(server: Server) -> None:
    async def endless(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, {}))
        for _ in range(1000):
            writer.write(b" " * 65536)
            await writer.drain()

    server.handlers["/endless"] = endless
    server.answer("/long", b" " * 2_000_000)
    async with Fetcher(allow=LOOPBACK, max_bytes=1_000_000, deadline=10.0) as fetcher:
        for path in ("/endless", "/long"):
            failure = await fetcher.fetch(FetchRequest(server.url(path), "feed"))
            assert isinstance(failure, FetchFailure)
            assert "size limit" in failure.reason


async def test_a_body_that_breaks_off_is_temporary(server: Server, fetcher: Fetcher) -> None:
    url = server.answer("/feed", rss()[:400], Content_Length="5000")

    failure = await fetcher.fetch(FetchRequest(url, "feed"))

    assert isinstance(failure, FetchFailure)
    assert failure.grade is Grade.TEMPORARY


async def test_nobody_listening_is_temporary(fetcher: Fetcher) -> None:
    failure = await fetcher.fetch(FetchRequest("http://127.0.0.1:1/feed", "feed"))

    assert isinstance(failure, FetchFailure)
    assert failure.grade is Grade.TEMPORARY


async def test_robots_txt_is_obeyed(server: Server, fetcher: Fetcher) -> None:
    server.answer("/robots.txt", "User-agent: *\nDisallow: /private/\n")
    server.answer("/private/feed", rss())

    failure = await fetcher.fetch(FetchRequest(server.url("/private/feed"), "feed"))

    assert isinstance(failure, FetchFailure)
    assert "robots.txt" in failure.reason
    assert server.paths() == []


@pytest.mark.parametrize("status", [200, 500])
async def test_a_robots_txt_that_is_a_web_page_or_broken_forbids_nothing(
    server: Server, fetcher: Fetcher, status: int
) -> None:
    server.answer("/robots.txt", PAGE, status=status, Content_Type="text/html")

    assert isinstance(await fetcher.fetch(FetchRequest(server.answer("/feed", rss()), "feed")), FetchedFeed)


async def test_a_robots_txt_that_never_comes_does_not_hang_the_fetch(server: Server) -> None:
    async def silence(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3)

    server.handlers["/robots.txt"] = silence
    async with Fetcher(allow=LOOPBACK, deadline=2.0) as fetcher:
        result = await fetcher.fetch(FetchRequest(server.answer("/feed", rss()), "feed"))

    assert isinstance(result, FetchedFeed)


async def test_a_reader_that_breaks_gives_a_failure_and_the_cause_is_logged(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    def broken_clock() -> None:
        raise ZeroDivisionError("the clock stands still")

    async with Fetcher(allow=LOOPBACK, now=broken_clock) as fetcher:  # type: ignore[arg-type]
        failure = await fetcher.fetch(FetchRequest(server.answer("/feed", rss()), "feed"))

    assert isinstance(failure, FetchFailure)
    assert "ZeroDivisionError" in failure.reason
    assert "the clock stands still" in caplog.text
    assert "إنفيديا" not in caplog.text


async def test_a_second_fetcher_works_in_the_same_process(server: Server) -> None:
    url = server.answer("/feed", rss())
    for _ in range(2):
        async with Fetcher(allow=LOOPBACK, now=lambda: NOW) as fetcher:
            results = await asyncio.gather(*(fetcher.fetch(FetchRequest(url, "feed")) for _ in range(5)))
            assert all(isinstance(result, FetchedFeed) for result in results)


async def test_the_agent_is_named_and_the_environment_names_no_proxy(
    server: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert isinstance(await fetcher.fetch(FetchRequest(server.answer("/feed", rss()), "feed")), FetchedFeed)
    assert all(asked.headers["user-agent"].startswith("marsad/") for asked in server.asked)


async def _loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]
