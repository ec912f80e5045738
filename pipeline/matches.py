"""What one article's texts match, and who is to be told: pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from marsad.types import (
    ActiveSubscription,
    ArticleTexts,
    FieldHit,
    FieldName,
    Matched,
    PlannedDelivery,
    PlannedMatch,
    Term,
    WatchedTerm,
)

FindInArticle = Callable[[Mapping[FieldName, str], str], Sequence[FieldHit]]
"""Finds the hits of every watched term in an article's fields; the second argument is its source's name."""


@dataclass(frozen=True, slots=True)
class Watching:
    """What is looked for, ready to be looked for; `version` is that of the watch set it was made from."""

    find: FindInArticle
    watched: Mapping[Term, Sequence[WatchedTerm]]
    """Who watches a term: the same one may stand in several watchlists."""
    subscriptions: tuple[ActiveSubscription, ...] = ()
    version: int | None = None


def by_term(terms: Iterable[WatchedTerm]) -> dict[Term, tuple[WatchedTerm, ...]]:
    """Return the watched terms by what is looked for."""
    found: dict[Term, tuple[WatchedTerm, ...]] = {}
    for watched in terms:
        found[watched.term] = (*found.get(watched.term, ()), watched)
    return found


def match_fields(
    fields: Mapping[FieldName, str],
    *,
    known_terms: frozenset[int],
    quiet: bool,
    watching: Watching,
    source: str = "",
) -> Matched:
    """Match an article's fields together; deliveries name only the terms that it had not matched before.

    A `quiet` article is told only to subscriptions that include what exists.
    """
    matches, owners = _matches(find(watching, fields, source), watching, newer_than=-1)
    fresh = [owners[m.watch_term_id] for m in matches if m.watch_term_id not in known_terms]
    deliveries = plan_deliveries(fresh, quiet=quiet, subscriptions=watching.subscriptions)
    return Matched(tuple(fields), matches, deliveries, new=len(fresh), version=watching.version)


def match_later(texts: ArticleTexts, hits: Sequence[FieldHit], watching: Watching) -> Matched:
    """Match a stored article with the terms that it was not matched with yet, given the hits of all.

    Its texts are told of as they would have been when they were stored, but not of the terms that are
    younger than they are. A term that was only changed since is news to an article that waits for its first
    look with it, as the term is now; to one that was looked at in time, no change is. What the article
    matched before is left to who stores it.
    """
    matches, owners = _matches(hits, watching, newer_than=texts.watch_version)
    behind = texts.watch_version < texts.stored_version
    found = [owners[match.watch_term_id] for match in matches]
    news = [term for term in found if (term.since if behind else term.version) <= texts.stored_version]
    deliveries = plan_deliveries(news, quiet=texts.quiet, subscriptions=watching.subscriptions)
    return Matched(tuple(texts.fields), matches, deliveries, new=len(matches), version=watching.version)


def match_older(
    texts: ArticleTexts, hits: Sequence[FieldHit], watching: Watching
) -> tuple[PlannedMatch, ...]:
    """Match a stored article with those terms only that are younger than its texts: nobody is told of them."""
    return _matches(hits, watching, newer_than=texts.stored_version)[0]


def find(watching: Watching, fields: Mapping[FieldName, str], source: str) -> Sequence[FieldHit]:
    """Find all hits in an article's fields, of which some may be empty."""
    return watching.find({name: text for name, text in fields.items() if text}, source)


def plan_deliveries(
    terms: Collection[WatchedTerm], *, quiet: bool, subscriptions: Iterable[ActiveSubscription]
) -> tuple[PlannedDelivery, ...]:
    """Name each channel once, with the terms of every watchlist that is subscribed to it."""
    if not terms:
        return ()
    by_channel: dict[int, set[int]] = {}
    for subscription in subscriptions:
        if quiet and not subscription.include_existing:
            continue
        wanted = {term.id for term in terms if term.watchlist_id == subscription.watchlist_id}
        if wanted:
            by_channel.setdefault(subscription.channel_id, set()).update(wanted)
    return tuple(
        PlannedDelivery(channel_id, tuple(sorted(wanted))) for channel_id, wanted in by_channel.items()
    )


def _matches(
    hits: Sequence[FieldHit], watching: Watching, *, newer_than: int
) -> tuple[tuple[PlannedMatch, ...], dict[int, WatchedTerm]]:
    """Return a match for each watched term of a higher version that was hit, and these terms by id."""
    found: dict[Term, list[FieldHit]] = {}
    for field_hit in hits:
        found.setdefault(field_hit.hit.term, []).append(field_hit)
    owners = {
        watched.id: watched
        for term in found
        for watched in watching.watched.get(term, ())
        if watched.version > newer_than
    }
    matches = (PlannedMatch(term_id, tuple(found[owners[term_id].term])) for term_id in sorted(owners))
    return tuple(matches), owners
