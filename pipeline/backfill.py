"""Match what is stored against terms that were added after it came."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from marsad.types import Hit, Matched, WatchSet
from matching.matcher import compile_matcher
from pipeline.clock import Clock
from pipeline.ingest import match_fields
from storage import articles, watchlists
from storage.articles import ArticleTexts
from storage.database import Database

_BATCH = 250
"""Articles read at once; a transaction writes the matches of no more."""


def match_stored(
    database: Database,
    clock: Clock,
    term_ids: Sequence[int],
    *,
    at_most: int = 5000,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Store the matches of the newest stored articles with these terms, quietly; returns how many match.

    Called after the transaction that added the terms: what a poll stores from then on is matched by
    the poll. No delivery follows. Articles that matched before count too, so a second call returns
    the same number and changes nothing. Once `stopping` says so no further batch is begun.
    """
    with database.read() as session:
        after = articles.find_start_of_newest(session, at_most)
        watches = _read_watches(session, term_ids)
    find = _finder(watches)
    matched = 0
    while watches.terms and not stopping():
        with database.read() as session:
            batch = articles.read_texts(session, after=after, limit=_BATCH)
        if not batch:
            break
        after = batch[-1].article_id
        found = [texts.article_id for texts in batch if plan_quietly(texts, watches, find).matches]
        if found:
            matched += _store(database, clock, term_ids, found)
    return matched


def plan_quietly(texts: ArticleTexts, watches: WatchSet, find: Callable[[str], Sequence[Hit]]) -> Matched:
    """Plan the matches of one stored article with terms that nobody is to be told of."""
    return match_fields(texts.fields, known_terms=frozenset(), quiet=True, watches=watches, find=find)


def _store(database: Database, clock: Clock, term_ids: Sequence[int], article_ids: Sequence[int]) -> int:
    """Match again what was found, now that nothing can change it: an edit may have come in between."""
    matched = 0
    with database.write() as session:
        now = clock(session)
        watchlists.hold_watch_set(session)
        watches = _read_watches(session, term_ids)
        find = _finder(watches)
        for texts in articles.lock_texts(session, article_ids):
            planned = plan_quietly(texts, watches, find)
            articles.add_matches(session, texts.article_id, planned.matches, now=now)
            matched += bool(planned.matches)
    return matched


def _read_watches(session: Session, term_ids: Sequence[int]) -> WatchSet:
    """The terms that are still watched, and no subscription: nobody is told of what is old."""
    wanted = frozenset(term_ids)
    every = watchlists.read_watch_set(session).terms
    return WatchSet(tuple(watched for watched in every if watched.id in wanted), ())


def _finder(watches: WatchSet) -> Callable[[str], Sequence[Hit]]:
    return compile_matcher(sorted({w.term for w in watches.terms}, key=lambda term: term.name)).find
