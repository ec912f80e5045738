"""Values that cross packages, named by their stage.

FetchRequest → FetchedFeed | FetchedPage | NotModified | FetchFailure → IngestPlan → Alert → Receipt.
All datetimes are aware UTC. All text offsets are code points of the original text, end exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

# ---------------------------------------------------------------- fetching


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask "changed since?" with (RFC 9110 §13), sent back byte for byte."""

    etag: str | None = None
    last_modified: str | None = None


Shape = Literal["feed", "listing"]
"""How a source is read: as a feed (RSS, Atom, JSON Feed, sitemap) or as a page of links to articles."""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One request that a spider makes; `body_hash` (hex SHA-256) recognises an unchanged body under a 200.

    A listing ends in a FetchedFeed too.
    """

    url: str
    what: Literal["feed", "listing", "page"]
    validators: Validators = Validators()
    body_hash: str | None = None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One item of a feed: title and summary as plain text, link absolute, dates plausible or None."""

    title: str
    link: str | None
    id: str | None
    published: datetime | None = None
    updated: datetime | None = None
    summary: str | None = None
    content: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class FetchedFeed:
    """A feed that was fetched and parsed; `kind` is its format, such as `rss2.0`, `atom1.0` or `json1.1`."""

    url: str
    final_url: str
    status: int
    kind: str
    title: str | None
    entries: tuple[FeedEntry, ...]
    validators: Validators = Validators()
    body_hash: str | None = None


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """An article page's own text, without the page around it."""

    title: str | None
    text: str
    published: datetime | None = None
    author: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class FetchedPage:
    url: str
    final_url: str
    status: int
    page: ExtractedPage


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server said 304, or sent the very body that is known."""

    url: str
    final_url: str
    status: int
    validators: Validators = Validators()


class Grade(StrEnum):
    """How bad a failure is: `temporary` (server or network), `soft` (content), `hard` (refused, gone)."""

    TEMPORARY = "temporary"
    SOFT = "soft"
    HARD = "hard"


class FailureKind(StrEnum):
    """What went wrong, for sentences in any language; the grade says what follows from it."""

    OFFLINE = "offline"
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    BROKEN_OFF = "broken_off"
    CERTIFICATE = "certificate"
    SERVER_ERROR = "server_error"
    TOO_MANY_REQUESTS = "too_many_requests"
    REFUSED = "refused"
    ROBOTS = "robots"
    NOT_FOUND = "not_found"
    GONE = "gone"
    REDIRECTS = "redirects"
    ADDRESS = "address"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    WEB_PAGE = "web_page"
    """A web page where a feed was expected."""
    NOT_A_FEED = "not_a_feed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """A fetch without a result; `reason` is a plain sentence for the source's owner.

    `offline` says that this machine, not the source, is to blame: no name server answers, or no way leads out.
    """

    url: str
    final_url: str
    status: int | None
    grade: Grade
    reason: str
    retry_after: float | None = None
    offline: bool = False
    kind: FailureKind = FailureKind.OTHER


FetchResult = FetchedFeed | FetchedPage | NotModified | FetchFailure

# ---------------------------------------------------------------- matching

FieldName = Literal["title", "summary", "text"]


@dataclass(frozen=True, slots=True)
class Term:
    """What a user wants found: a bare name, or a name with accepted spellings and excluded phrases.

    `sense` lets the context decide about names that are also words, people or places. With an `expression`
    (see `matching.expressions`) that is what is looked for, and `name` is only its label.
    """

    name: str
    spellings: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    sense: bool = True
    expression: str | None = None


class Hit(NamedTuple):
    """One mention of a term in one text: `text[start:end]` is the name without clitics, article or quotes.

    A tuple because a frozen dataclass takes four times as long to make, and they are made by the thousand.
    """

    term: Term
    start: int
    end: int
    spelling: str
    clitics: str
    why: str


class FieldHit(NamedTuple):
    """A hit and the article field that it stands in."""

    field: FieldName
    hit: Hit


# ---------------------------------------------------------------- ingesting


@dataclass(frozen=True, slots=True)
class WatchedTerm:
    """A stored watch term: the same Term may be watched by several users."""

    id: int
    watchlist_id: int
    term: Term
    version: int = 0
    """The watch set's version as of the term's last change."""
    since: int = 0
    """And as of its adding, or its coming back: from then on it is news to what is stored."""


@dataclass(frozen=True, slots=True)
class ActiveSubscription:
    """A watchlist's matches go to a channel; `include_existing` also sends what a first poll finds."""

    watchlist_id: int
    channel_id: int
    include_existing: bool


@dataclass(frozen=True, slots=True)
class WatchSet:
    """Everything that articles are matched against, read in one transaction.

    `version` rises with every change of a term or a subscription, and is cheap to read again.
    """

    terms: tuple[WatchedTerm, ...]
    subscriptions: tuple[ActiveSubscription, ...]
    version: int = 0


@dataclass(frozen=True, slots=True)
class ArticleTexts:
    """The texts of a stored article that terms are looked for in, all together.

    Terms of a version above `watch_version` were not looked for yet; those above `stored_version` are
    younger than the texts.
    """

    article_id: int
    fields: Mapping[FieldName, str]
    source: str = ""
    quiet: bool = False
    stored_version: int = 0
    watch_version: int = 0


@dataclass(frozen=True, slots=True)
class FeedWork:
    """A source that is due; `first` says that it was never read before."""

    source_id: int
    request: FetchRequest
    first: bool
    failures: int
    source: str = ""
    """The source's name."""
    since: datetime | None = None
    """When the first poll that read all of it ended; None before that."""


@dataclass(frozen=True, slots=True)
class PageWork:
    """An article page that is due; `quiet` says that the article belongs to a back-list."""

    article_id: int
    source_id: int
    request: FetchRequest
    quiet: bool
    attempts: int


Work = FeedWork | PageWork


@dataclass(frozen=True, slots=True)
class HostLease:
    """The right to talk to one host and to store what it said; every commit is fenced by the token."""

    host: str
    token: str


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What storage knows of an article that a result speaks of again."""

    article_id: int
    title: str
    url: str | None
    content_hash: str
    term_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class PlannedMatch:
    """A match row to be, one for each (article, watch term); its hits replace those of the fields read."""

    watch_term_id: int
    hits: tuple[FieldHit, ...]


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A channel that is to be told of these newly matched terms of one article."""

    channel_id: int
    watch_term_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """What matching one article's fields came to."""

    fields: tuple[FieldName, ...] = ()
    matches: tuple[PlannedMatch, ...] = ()
    deliveries: tuple[PlannedDelivery, ...] = ()
    new: int = 0
    """How many of the matches the article did not have before."""
    version: int | None = None
    """Of the watch set that the fields were matched with; None: the one that is stored now."""


@dataclass(frozen=True, slots=True)
class PlannedArticle:
    """An article row to be, or with `article_id` the next version of one."""

    identities: tuple[str, ...]
    """By what its source names it: its id, its link. The first leads to it, all find it again."""
    article_id: int | None
    url: str | None
    title: str
    summary: str | None
    text: str | None
    author: str | None
    published: datetime | None
    content_hash: str
    quiet: bool
    page_host: str | None
    """Host of the page to fetch for the full text; None when the feed carries it or there is no page."""
    matched: Matched


@dataclass(frozen=True, slots=True)
class FeedOutcome:
    """What one poll changes: its source's row, its history, and the articles that it brought.

    `outcome` is "fetched", "unchanged", or "failed: GRADE/KIND" by a FetchFailure's grade and kind.
    """

    source_id: int
    outcome: str
    status: int | None
    detail: str
    due_at: datetime
    failures: int
    succeeded: bool = False
    complete: bool = False
    """The whole document was read: a first poll that was cut short leaves the next one quiet too."""
    paused: bool = False
    title: str | None = None
    kind: str | None = None
    validators: Validators | None = None
    """None leaves what is stored."""
    body_hash: str | None = None
    articles: tuple[PlannedArticle, ...] = ()


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What one page request changes: settled when `due_at` is None, else tried again then.

    Alerts of the article that waited for its page wait no longer, whatever came of it.
    """

    article_id: int
    due_at: datetime | None
    attempts: int
    page: ExtractedPage | None
    matched: Matched


IngestPlan = FeedOutcome | PageOutcome

# ---------------------------------------------------------------- delivering


class ChannelKind(StrEnum):
    EMAIL = "email"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class MatchNotice:
    """One match as an alert tells it: the term, the spelling found, a snippet around it."""

    term: str
    watchlist: str
    field: FieldName
    spelling: str
    clitics: str
    why: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Alert:
    """What one delivery says: one article and every match in it."""

    delivery_id: str
    created: datetime
    article_id: int
    title: str
    url: str | None
    source: str
    published: datetime | None
    summary: str | None
    matches: tuple[MatchNotice, ...]
    test: bool = False


@dataclass(frozen=True, slots=True)
class ChannelTarget:
    """Where a channel's alerts go; the secret is never shown in a repr."""

    id: int
    kind: ChannelKind
    name: str
    address: str
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver answered to an accepted notification."""

    detail: str


@dataclass(frozen=True, slots=True)
class StoredHit:
    """A hit as stored: offsets are code points of the article's field, end exclusive."""

    field: FieldName
    start: int
    end: int
    spelling: str
    clitics: str
    why: str


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """A match as stored, with the names of its term and watchlist."""

    match_id: int
    term: str
    watchlist: str
    hits: tuple[StoredHit, ...]


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as stored, with the name of its source."""

    article_id: int
    source: str
    url: str | None
    title: str
    summary: str | None
    text: str | None
    published: datetime | None


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """An outbox row that this process may send until its lease ends; settled with its token."""

    id: str
    token: str
    created: datetime
    attempts: int
    target: ChannelTarget
    article: StoredArticle
    matches: tuple[StoredMatch, ...]


class DeliveryState(StrEnum):
    """`pending` waits for its time; `parked` waits for a person; `sent` and `failed` are final."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one attempt at a delivery changes."""

    state: DeliveryState
    detail: str
    due_at: datetime
    failing_since: datetime | None
    disable_channel: str | None = None
