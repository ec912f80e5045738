"""What a process looks for: compiled aside from the event loop and from transactions, swapped when ready.

Until then articles are matched with what was compiled before, and say so: each records the version of the
watch set that it was matched with, and `pipeline.catch_up` looks for what is younger.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from marsad.errors import TermInvalid
from marsad.types import ActiveSubscription, FieldHit, FieldName, Term, WatchedTerm, WatchSet
from matching.matcher import Matcher, compile_matcher
from pipeline.matches import FindInArticle, Watching, by_term
from storage import watchlists
from storage.database import Database

log = logging.getLogger(__name__)


class LiveWatchSet:
    """The watch set as this process has it compiled; one for each process, shared by its threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._compiled: _Compiled | None = None
        self._subscribed: tuple[int, tuple[ActiveSubscription, ...]] | None = None

    async def ready(self) -> None:
        """Wait until something is compiled: at the start of a process, before the first article."""
        if self._compiled is None:
            await _aside(self.refresh)

    async def refreshed(self) -> Watching:
        """The same as `refresh`, in a thread that the end of the process does not wait for."""
        known = await asyncio.to_thread(self._known)
        return known if known is not None else await _aside(self.refresh)

    def current(self) -> Watching:
        """What is compiled at this moment; only the very first call waits for it, outside any transaction.

        It has no subscriptions: `subscriptions` reads them, in the transaction that they are needed in.
        """
        compiled = self._compiled
        return compiled.watching if compiled is not None else self.refresh()

    def refresh(self) -> Watching:
        """Compile what is watched by now, if it is not, and swap it in; this may take its time."""
        with self._turn:
            known = self._known()
            if known is not None:
                return known
            with self._database.read() as session:
                watches = watchlists.read_watch_set(session)
            self._compiled = _compile(watches, self._compiled)
            return self._compiled.watching

    def _known(self) -> Watching | None:
        """What is compiled, if that is what is watched by now."""
        compiled = self._compiled
        if compiled is None:
            return None
        with self._database.read() as session:
            version = watchlists.read_version(session)
        return compiled.watching if compiled.watching.version == version else None

    def subscriptions(self, session: Session, version: int) -> tuple[ActiveSubscription, ...]:
        """Return the subscriptions as a transaction sees them that changes none; `version` is its watch set's."""
        known = self._subscribed
        if known is None or known[0] != version:
            known = self._subscribed = (version, watchlists.read_subscriptions(session))
        return known[1]


async def _aside(compile_now: Callable[[], Watching]) -> Watching:
    # Not in the loop's own threads: to end, a process would wait for those, and thousands of names take minutes.
    future: Future[Watching] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(compile_now())
        except BaseException as exc:
            future.set_exception(exc)

    threading.Thread(target=run, name="compile what is watched", daemon=True).start()
    return await asyncio.wrap_future(future)


def compile_watches(watches: WatchSet) -> Watching:
    """Compile what is watched, with its subscriptions; a term that cannot be looked for is left out."""
    return replace(_compile(watches, None).watching, subscriptions=watches.subscriptions)


@dataclass(frozen=True, slots=True)
class _Compiled:
    watching: Watching
    terms: tuple[Term, ...]
    bad: frozenset[Term]
    """What is stored and cannot be looked for: it was said once, and is not tried again."""


def _compile(watches: WatchSet, before: _Compiled | None) -> _Compiled:
    """Compile a watch set; where only who watches changed, the matcher stays."""
    watched = by_term(watches.terms)
    bad = before.bad if before is not None else frozenset()
    terms = tuple(sorted((term for term in watched if term not in bad), key=lambda term: term.name))
    if before is not None and before.terms == terms:
        find = before.watching.find
    else:
        matcher, worse = _compile_good(terms, watched)
        find, bad = _finder(matcher), bad | worse
        terms = tuple(term for term in terms if term not in worse)
    return _Compiled(Watching(find, watched, version=watches.version), terms, bad)


def _compile_good(
    terms: Sequence[Term], watched: Mapping[Term, Sequence[WatchedTerm]]
) -> tuple[Matcher, frozenset[Term]]:
    """Compile what can be, and return what cannot: it must not keep all others from being found."""
    try:
        return compile_matcher(terms), frozenset()
    except Exception:
        # A TermInvalid for a term of an older marsad, or one that breaks our own code: then it is raised again,
        # unless the term by itself is what breaks it.
        bad = frozenset(term for term in terms if _is_bad(term))
        if not bad:
            raise
    ids = sorted(each.id for term in bad for each in watched[term])
    log.warning("watch terms left out: they cannot be looked for", extra={"terms": ids})
    return compile_matcher([term for term in terms if term not in bad]), bad


def _is_bad(term: Term) -> bool:
    try:
        compile_matcher([term])
    except TermInvalid:
        return True
    except Exception:
        log.exception("compiling broke")
        return True
    return False


def _finder(matcher: Matcher) -> FindInArticle:
    """The matcher as a function of an article."""

    def find(fields: Mapping[FieldName, str], source: str) -> Sequence[FieldHit]:
        return matcher.find_in(fields, source=source)

    return find
