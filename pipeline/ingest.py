"""What one fetch result changes: pure plans that storage applies in one transaction."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from marsad.addresses import parse_target
from marsad.errors import AddressInvalid
from marsad.types import (
    ArticleTexts,
    FeedEntry,
    FeedOutcome,
    FeedWork,
    FetchedFeed,
    FetchedPage,
    FetchFailure,
    FetchResult,
    FieldName,
    Grade,
    KnownArticle,
    Matched,
    NotModified,
    PageOutcome,
    PageWork,
    PlannedArticle,
    Validators,
)
from pipeline.identity import Identified, identify
from pipeline.matches import Watching, match_fields
from pipeline.retry import POLL_INTERVAL, next_page, next_poll

log = logging.getLogger(__name__)

FULL_TEXT = 600
"""Characters from which a feed's own content counts as the article's full text."""

PAGES_OF_A_BACK_LIST = 100
"""Articles of a source's first poll whose pages are read."""

_LATEST = timedelta(days=2)
"""So long after its date an article may still appear in a sitemap for the first time as news."""


MATCHED_WITH_NOTHING = -1
"""The version of a watch set before the first: an article that was matched with it is behind every other."""

NO_TEXTS: Mapping[int, ArticleTexts] = {}


def plan_feed(
    work: FeedWork,
    result: FetchResult,
    *,
    known: Mapping[str, KnownArticle],
    texts: Mapping[int, ArticleTexts] = NO_TEXTS,
    watching: Watching,
    now: datetime,
    interval: timedelta = POLL_INTERVAL,
) -> FeedOutcome:
    """Plan what the poll of a source changes.

    `known` holds what is stored of the entries' identities, `texts` what is stored of the articles that
    `find_edited` names. The first poll that succeeds is quiet: its back-list is stored and matched, and
    told only to subscriptions that include what exists.
    """
    match result:
        case FetchedFeed():
            articles = _plan_articles(work, result, known=known, texts=texts, watching=watching)
            new = sum(a.article_id is None for a in articles)
            return FeedOutcome(
                source_id=work.source_id,
                outcome="fetched",
                status=result.status,
                detail=_fetched_sentence(len(result.entries), new, first=work.first),
                due_at=next_poll(now, failures=0, failure=None, interval=interval),
                failures=0,
                succeeded=True,
                # Without a hash the body broke off: some of the back-list is still to come, unless it
                # always breaks off there, which a poll that brings nothing new shows.
                complete=result.body_hash is not None or bool(result.entries and not new),
                title=_clean(result.title),
                kind=result.kind,
                validators=_validators(result.validators),
                body_hash=result.body_hash,
                articles=articles,
            )
        case NotModified():
            return FeedOutcome(
                source_id=work.source_id,
                outcome="unchanged",
                status=result.status,
                detail="Nothing new since the last poll.",
                due_at=next_poll(now, failures=0, failure=None, interval=interval),
                failures=0,
                succeeded=True,
                complete=True,
            )
        case FetchFailure():
            return _failed(work, result, now=now, interval=interval)
        case FetchedPage():
            raise TypeError("a feed request ended in an article page")


def plan_page(
    work: PageWork,
    result: FetchResult,
    *,
    stored: ArticleTexts | None = None,
    known_terms: frozenset[int],
    watching: Watching,
    now: datetime,
) -> PageOutcome:
    """Plan what an article's page changes: its text and the matches in it, or when to ask again.

    The page is matched together with what is `stored` of its article; it names one that has no title.
    """
    attempts = work.attempts + 1
    match result:
        case FetchedPage():
            page = replace(
                result.page,
                title=_clean(result.page.title),
                text=_clean(result.page.text) or "",
                author=_clean(result.page.author),
                language=_clean(result.page.language),
            )
            before = stored or ArticleTexts(work.article_id, {})
            fields: dict[FieldName, str] = {
                "title": before.fields.get("title") or page.title or "",
                "summary": before.fields.get("summary", ""),
                "text": page.text or before.fields.get("text", ""),
            }
            article = replace(before, fields=fields, quiet=work.quiet)
            ids = {"article": work.article_id}
            matched = _match(article, known_terms=known_terms, watching=watching, ids=ids)
            return PageOutcome(work.article_id, None, attempts, page, matched)
        case FetchFailure():
            if result.offline:
                attempts = work.attempts
            due_at = next_page(now, attempts=attempts, failure=result)
            return PageOutcome(work.article_id, due_at, attempts, None, Matched())
        case NotModified() | FetchedFeed():
            return PageOutcome(work.article_id, None, attempts, None, Matched())


def _failed(work: FeedWork, failure: FetchFailure, *, now: datetime, interval: timedelta) -> FeedOutcome:
    failures = work.failures + (not failure.offline)
    gone = failure.status == 410
    detail = _clean(failure.reason) or ""
    if gone:
        detail = f"{detail} Polling is paused."
    return FeedOutcome(
        source_id=work.source_id,
        outcome=f"failed: {failure.grade}/{failure.kind}",
        status=failure.status,
        detail=detail,
        due_at=next_poll(now, failures=failures, failure=failure, interval=interval),
        failures=failures,
        # Gone (RFC 9110 §15.5.11) is the publisher's word that it will not come back.
        paused=gone and failure.grade is Grade.HARD,
    )


def find_edited(feed: FetchedFeed, known: Mapping[str, KnownArticle]) -> frozenset[int]:
    """Return which stored articles the feed tells otherwise than they are known."""
    changed = _changed(identify([storable(entry) for entry in feed.entries], known))
    return frozenset(each.found.stored.article_id for each in changed if each.found.stored is not None)


@dataclass(frozen=True, slots=True)
class _Changed:
    """An entry that is new, or says something else than is stored."""

    place: int
    found: Identified
    content_hash: str


def _changed(identified: Sequence[Identified]) -> list[_Changed]:
    every = (
        _Changed(place, found, _digest(entry.title, entry.summary or "", entry.content or ""))
        for place, found in enumerate(identified)
        for entry in (found.entry,)
    )
    return [
        each
        for each in every
        if each.found.stored is None or each.found.stored.content_hash != each.content_hash
    ]


def _plan_articles(
    work: FeedWork,
    feed: FetchedFeed,
    *,
    known: Mapping[str, KnownArticle],
    texts: Mapping[int, ArticleTexts],
    watching: Watching,
) -> tuple[PlannedArticle, ...]:
    planned = []
    identified = identify([storable(entry) for entry in feed.entries], known)
    newest = _find_newest([found.entry for found in identified])
    for each in _changed(identified):
        stored = each.found.stored
        quiet = work.first or (stored is None and _is_back_list(work, feed, each.found.entry))
        # A sitemap names thousands: on the first poll only the newest are asked for their text.
        with_page = not quiet or each.place in newest
        before = texts.get(stored.article_id) if stored is not None else None
        planned.append(_plan_article(work, each, before, quiet=quiet, with_page=with_page, watching=watching))
    # Feeds list the newest first; stored and told oldest first, numbers rise with time.
    return tuple(reversed(planned))


def _is_back_list(work: FeedWork, feed: FetchedFeed, entry: FeedEntry) -> bool:
    """Tell whether a sitemap lists an article that is older than the source's first poll.

    An index leads to another sitemap than before when an old article in that one is edited.
    """
    dated = entry.published or entry.updated
    if feed.kind != "urlset" or work.since is None or dated is None:
        return False
    return dated < work.since - _LATEST


def _find_newest(entries: Sequence[FeedEntry]) -> frozenset[int]:
    """The places of the newest entries, as many as a back-list's pages are read; of equals the first."""
    times = [entry.published or entry.updated for entry in entries]
    # Undated ones stay where they are, after those with a date.
    places = sorted(range(len(entries)), key=lambda n: -(t.timestamp() if (t := times[n]) else 0))
    return frozenset(places[:PAGES_OF_A_BACK_LIST])


def _plan_article(
    work: FeedWork,
    changed: _Changed,
    before: ArticleTexts | None,
    *,
    quiet: bool,
    with_page: bool,
    watching: Watching,
) -> PlannedArticle:
    entry, stored = changed.found.entry, changed.found.stored
    text = entry.content if entry.content and len(entry.content) >= FULL_TEXT else None
    # What a page was needed to name keeps that name.
    title = entry.title or (stored.title if stored else "")
    # All of the article as it will be stored: the text may have come from its page.
    fields: dict[FieldName, str] = {
        "title": title,
        "summary": entry.summary or entry.content or "",
        "text": text or (before.fields.get("text", "") if before else ""),
    }
    return PlannedArticle(
        identities=changed.found.identities,
        article_id=stored.article_id if stored else None,
        url=entry.link,
        title=title,
        summary=entry.summary or entry.content,
        text=text,
        author=entry.author,
        published=entry.published or entry.updated,
        content_hash=changed.content_hash,
        quiet=quiet,
        page_host=_host(entry.link) if stored is None and text is None and with_page else None,
        matched=_match(
            ArticleTexts(stored.article_id if stored else 0, fields, work.source, quiet),
            known_terms=stored.term_ids if stored else frozenset(),
            watching=watching,
            ids={"source": work.source_id} | ({"article": stored.article_id} if stored else {}),
        ),
    )


def _match(
    article: ArticleTexts, *, known_terms: frozenset[int], watching: Watching, ids: Mapping[str, int]
) -> Matched:
    """Match an article's texts; one that breaks our own code must not hold up all others of its feed.

    It is stored as matched with nothing: the process that can match it tells it. `ids` name it in the log.
    """
    try:
        return match_fields(
            article.fields,
            known_terms=known_terms,
            quiet=article.quiet,
            watching=watching,
            source=article.source,
        )
    except Exception:
        log.exception("matching broke", extra=ids)
        return Matched(tuple(article.fields), version=MATCHED_WITH_NOTHING)


def storable(entry: FeedEntry) -> FeedEntry:
    """Drop what no database takes: NUL and halves of surrogate pairs."""
    return replace(
        entry,
        title=_clean(entry.title) or "",
        link=_clean(entry.link),
        id=_clean(entry.id),
        summary=_clean(entry.summary),
        content=_clean(entry.content),
        author=_clean(entry.author),
    )


def _clean(text: str | None) -> str | None:
    if text is None:
        return None
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _validators(given: Validators) -> Validators:
    """A validator that cannot be stored as it came would ask for something else: it is left out."""
    etag, last_modified = (
        value if _clean(value) == value else None for value in (given.etag, given.last_modified)
    )
    return Validators(etag, last_modified)


def _host(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        return parse_target(url).host
    except AddressInvalid:
        return None


def _fetched_sentence(entries: int, new: int, *, first: bool) -> str:
    if first:
        return f"First poll: {entries} items stored quietly."
    return f"{entries} items, {new} of them new."


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
