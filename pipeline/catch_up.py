"""Catching up: what is stored is matched with the terms that it was not matched with yet.

An article stored after a term was saved, and matched before the term was compiled in, is news to it: its
alerts follow now. One that was stored before the term was saved gets a quiet match. Which is which is told
by versions of the watch set, not by clocks; the work left is a condition on the articles' rows, so that a
crash loses none of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from marsad.types import ArticleTexts, FieldHit
from pipeline.clock import Clock
from pipeline.matches import Watching, find, match_later
from pipeline.watching import LiveWatchSet
from storage import matched, texts, watchlists
from storage.database import Database

log = logging.getLogger(__name__)

BACK_LIST = 5000
"""How many of the newest stored articles a term is looked for in that was saved after they came."""

Read = Callable[[Session, int], list[ArticleTexts]]
"""Reads the next articles with an id above the given one."""

_Found = tuple[ArticleTexts, Sequence[FieldHit]]


@dataclass(frozen=True, slots=True)
class CatchUpOptions:
    """Limits of the work."""

    back_list: int = BACK_LIST
    batch: int = 250
    """Articles read and matched at once."""
    at_once: int = 50
    """Articles that one transaction stores the matches of: while it lasts, nobody else may write to SQLite."""
    page_patience: timedelta = timedelta(minutes=15)
    """How long an alert waits for its article's page."""


class CatchUp:
    """Compiles what changed in what is watched, then brings stored articles up to it; many may run at once."""

    def __init__(
        self,
        database: Database,
        watches: LiveWatchSet,
        *,
        clock: Clock,
        options: CatchUpOptions = CatchUpOptions(),
    ) -> None:
        self._database = database
        self._watches = watches
        self._clock = clock
        self._options = options
        self._stopping = False
        self._searched = 0
        """Version up to which the back-list needs no look any more."""
        self._broken: set[int] = set()
        """Articles that cannot be matched by this process."""

    def stop(self) -> None:
        """Begin no further batch; the next process goes on."""
        self._stopping = True

    async def run(self) -> int:
        """Catch up with all changes so far; returns how many articles were brought further."""
        return await asyncio.to_thread(self._catch_up, await self._watches.refreshed())

    def catch_up(self) -> int:
        """The same in this thread."""
        return self._catch_up(self._watches.refresh())

    def _catch_up(self, watching: Watching) -> int:
        version, batch = watching.version or 0, self._options.batch

        def behind(session: Session, after: int) -> list[ArticleTexts]:
            return texts.read_behind(session, version=version, after=after, limit=batch)

        done = self._work_off(behind, watching)
        if version > self._searched:
            done += self._search_back_list(watching, version)
        return done

    def _search_back_list(self, watching: Watching, version: int) -> int:
        batch = self._options.batch
        with self._database.read() as session:
            # A removal or a subscription leaves nothing to look for.
            newest = texts.newest_term_version(session, at_most=version)
            start = texts.find_start_of_newest(session, self._options.back_list)

        def older(session: Session, after: int) -> list[ArticleTexts]:
            return texts.read_back_list(session, version=newest, after=max(after, start), limit=batch)

        done = self._work_off(older, watching)
        with self._database.read() as session:
            # Some may be in other hands now, which may yet fail.
            if all(each.article_id in self._broken for each in older(session, start)):
                self._searched = version
        return done

    def _work_off(self, read: Read, watching: Watching) -> int:
        after, done = 0, 0
        while not self._stopping:
            with self._database.read() as session:
                batch = read(session, after)
            if not batch:
                break
            after = batch[-1].article_id
            found = [(each, hits) for each in batch if (hits := self._find(each, watching)) is not None]
            done += self._store_all(found, watching)
        return done

    def _store_all(self, found: Sequence[_Found], watching: Watching) -> int:
        done, at_once = 0, self._options.at_once
        for start in range(0, len(found), at_once):
            if self._stopping:
                break
            done += self._store(found[start : start + at_once], watching)
        return done

    def _find(self, article: ArticleTexts, watching: Watching) -> Sequence[FieldHit] | None:
        """Return the hits; None for an article that breaks our own code: it must not hold up all others."""
        if article.article_id in self._broken:
            return None
        try:
            return find(watching, article.fields, article.source)
        except Exception:
            log.exception("matching broke", extra={"article": article.article_id})
            self._broken.add(article.article_id)
            return None

    def _store(self, found: Sequence[_Found], watching: Watching) -> int:
        """Store what was found in those that are still as they were read; the others are looked at again later."""
        with self._database.write() as session:
            now = self._clock(session)
            watchlists.hold_watch_set(session)
            subscriptions = self._watches.subscriptions(session, watchlists.read_version(session))
            told = replace(watching, subscriptions=subscriptions)
            locked = texts.lock_texts(session, [each.article_id for each, _ in found], skip_locked=True)
            same = [(each, hits) for each, hits in found if locked.get(each.article_id) == each]
            for each, hits in same:
                plan = match_later(each, hits, told)
                matched.apply_catch_up(
                    session, each, plan, now=now, page_patience=self._options.page_patience
                )
            ids = [each.article_id for each, _ in same]
            matched.mark_matched(session, ids, version=watching.version or 0)
        return len(same)
