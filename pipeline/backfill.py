"""Match what is stored with terms that were just added, at once, for a person who waits to see it."""

from __future__ import annotations

from collections.abc import Sequence

from marsad.types import ArticleTexts, PlannedMatch
from pipeline.catch_up import BACK_LIST
from pipeline.clock import Clock
from pipeline.matches import Watching, find, match_older
from pipeline.watching import compile_watches
from storage import matched, texts, watchlists
from storage.database import Database

_BATCH = 250
"""Articles read at once; a transaction writes the matches of no more."""


def match_stored(
    database: Database,
    clock: Clock,
    term_ids: Sequence[int],
    *,
    at_most: int = BACK_LIST,
) -> int:
    """Store the matches of the newest stored articles with these terms, quietly; returns how many match.

    Called after the transaction that added the terms. What is stored after it is left to the poll and to
    `pipeline.catch_up`, which also does all of this should it be cut short. No delivery follows. Articles
    that matched before count too, so a second call returns the same number and changes nothing.
    """
    with database.read() as session:
        after = texts.find_start_of_newest(session, at_most)
        watches = watchlists.read_terms(session, term_ids)
    watching = compile_watches(watches)
    count = 0
    while watches.terms:
        with database.read() as session:
            batch = texts.read_texts_after(session, after, limit=_BATCH)
        if not batch:
            break
        after = batch[-1].article_id
        found = {each.article_id: each for each in batch if _match(each, watching)}
        if found:
            count += _store(database, clock, found, watching)
    return count


def _match(article: ArticleTexts, watching: Watching) -> tuple[PlannedMatch, ...]:
    return match_older(article, find(watching, article.fields, article.source), watching)


def _store(database: Database, clock: Clock, found: dict[int, ArticleTexts], watching: Watching) -> int:
    """Match again what was found, now that nothing can change it: an edit may have come in between."""
    count = 0
    with database.write() as session:
        now = clock(session)
        watchlists.hold_watch_set(session)
        for article in texts.lock_texts(session, found).values():
            planned = _match(article, watching)
            matched.add_matches(session, article.article_id, planned, version=watching.version or 0, now=now)
            count += bool(planned)
    return count
