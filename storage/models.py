"""The tables. Sources, articles and stories are shared; watchlists, channels and matches belong to a user.

Due work lives in the narrow `host` table, article identity in a narrow table of its own, so that both
can be split off when one database is not enough (docs/adr/0001).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; a naive one is refused. SQLite keeps it as text of fixed width, so it sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone was about to be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite numbers rows by itself only in a column declared INTEGER PRIMARY KEY.
Id = BigInteger().with_variant(Integer, "sqlite")
_BEHIND = text("watch_version < stored_version")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, str: Text, dict[str, Any]: Json, list[Any]: Json}  # noqa: RUF012


# ---------------------------------------------------------------- people


class User(Base):
    """A person; the first one is the owner, as whom the command line acts."""

    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    password_hash: Mapped[str | None]
    language: Mapped[str | None] = mapped_column(String(5))
    role: Mapped[str] = mapped_column(String(20), default="admin", server_default="admin")
    disabled_at: Mapped[datetime | None]


class WebSession(Base):
    """A browser that is signed in; only the hash of its cookie's token is stored."""

    __tablename__ = "web_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class OneTimeLink(Base):
    """A link that does one thing once, such as the first set-up; only its token's hash is stored."""

    __tablename__ = "one_time_link"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginFailure(Base):
    """How often signing in failed for an account or from an address: throttling outlives a restart."""

    __tablename__ = "login_failure"
    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class ApiToken(Base):
    """A key for programs; only its hash is stored."""

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AuditEvent(Base):
    """Who did what that an auditor would ask about."""

    __tablename__ = "audit_event"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]


# ---------------------------------------------------------------- sources and articles: shared


class Host(Base):
    """Politeness and leases belong to the host: one worker at a time talks to it."""

    __tablename__ = "host"
    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    paced_until: Mapped[datetime | None]
    lease_token: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    __table_args__ = ({"postgresql_with": {"fillfactor": "70"}},)


class WorkerRow(Base):
    """A process that works or serves, for people to look at; whether it lives is told by its lock."""

    __tablename__ = "worker"
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    machine: Mapped[str]
    pid: Mapped[int]
    version: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Source(Base):
    """An address that is polled, with the validators of its last good answer.

    `shape` says how it is read: "feed" (RSS, Atom, JSON Feed, sitemap) or "listing" (a page of links).
    """

    __tablename__ = "source"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    host_name: Mapped[str] = mapped_column(ForeignKey("host.name"), index=True)
    url: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str | None]
    kind: Mapped[str | None]
    shape: Mapped[str] = mapped_column(String(20), default="feed", server_default="feed")
    catalogue_id: Mapped[str | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    paused_at: Mapped[datetime | None]
    first_polled_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_hash: Mapped[str | None]


class FetchEvent(Base):
    """One outcome of a poll; the last ones explain a source's health."""

    __tablename__ = "fetch_event"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    outcome: Mapped[str]
    status: Mapped[int | None]
    detail: Mapped[str]
    new_articles: Mapped[int]
    __table_args__ = (Index(None, "source_id", "id"),)


class Story(Base):
    """The same news told by several houses."""

    __tablename__ = "story"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    created_at: Mapped[datetime]


class Article(Base):
    """An item as it was seen last; what it said before is in `article_version`."""

    __tablename__ = "article"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    story_id: Mapped[int | None] = mapped_column(ForeignKey("story.id"), index=True)
    url: Mapped[str | None]
    title: Mapped[str]
    summary: Mapped[str | None]
    text: Mapped[str | None]
    author: Mapped[str | None]
    language: Mapped[str | None]
    published_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime] = mapped_column(index=True)
    content_hash: Mapped[str]
    quiet: Mapped[bool]
    # Versions of the watch set: the one that was stored when these texts were, and the one that they were
    # matched with. Terms in between are news to the article and still to be looked for in it.
    stored_version: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    watch_version: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    __table_args__ = (
        Index(
            "ix_article_behind",
            "id",
            sqlite_where=_BEHIND,
            postgresql_where=_BEHIND,
        ),
    )


class ArticleIdentity(Base):
    """By what a source names an article: the first sight of a key makes it, every later one finds it."""

    __tablename__ = "article_identity"
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    identity: Mapped[str] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)


class ArticleVersion(Base):
    """What an article said before an edit."""

    __tablename__ = "article_version"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    replaced_at: Mapped[datetime]
    title: Mapped[str]
    summary: Mapped[str | None]
    text: Mapped[str | None]
    content_hash: Mapped[str]


class PageRequest(Base):
    """An article page still to be fetched: leased, paced and retried with its host, gone when settled."""

    __tablename__ = "page_request"
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    host_name: Mapped[str] = mapped_column(ForeignKey("host.name"))
    url: Mapped[str]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    __table_args__ = (Index(None, "host_name", "due_at"),)


# ---------------------------------------------------------------- watching: belongs to a user


class WatchSetRow(Base):
    """One row, once something is watched: its version rises with every change of a term or subscription."""

    __tablename__ = "watch_set"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class Watchlist(Base):
    __tablename__ = "watchlist"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    name: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("user_id", "name"),)


class WatchTerm(Base):
    """A name to look for; removing it keeps its matches, adding it again revives it.

    `version` is the watch set's as of the term's last change, `since_version` as of its adding.
    """

    __tablename__ = "watch_term"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlist.id", ondelete="CASCADE"))
    name: Mapped[str]
    spellings: Mapped[list[Any] | None]
    exclude: Mapped[list[Any]]
    expression: Mapped[str | None]
    sense: Mapped[bool] = mapped_column(default=True, server_default=true())
    version: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    since_version: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("watchlist_id", "name"),)


class Match(Base):
    """An article that mentions a watch term, with every place and why; one row for each such pair."""

    __tablename__ = "match"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    watch_term_id: Mapped[int] = mapped_column(ForeignKey("watch_term.id"), index=True)
    matched_at: Mapped[datetime]
    hits: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(String(20), default="new")
    note: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("article_id", "watch_term_id"),
        Index("ix_match_inbox", "user_id", "matched_at", "id"),
    )


# ---------------------------------------------------------------- delivering: belongs to a user


class Channel(Base):
    """Where a user's alerts go; an e-mail address receives nothing before it is confirmed."""

    __tablename__ = "channel"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str]
    address: Mapped[str]
    secret: Mapped[str | None]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]
    failing_since: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("user_id", "name"),)


class Subscription(Base):
    __tablename__ = "subscription"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlist.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"), index=True)
    include_existing: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("watchlist_id", "channel_id"),)


class Delivery(Base):
    """The outbox: one row for each (article, channel); `part` rises only for matches that came too late."""

    __tablename__ = "delivery"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    part: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("article_id", "channel_id", "part"),
        Index("ix_delivery_due", "state", "due_at"),
        Index(None, "channel_id"),
    )


class DeliveryMatch(Base):
    """Which matches a delivery names."""

    __tablename__ = "delivery_match"
    delivery_id: Mapped[str] = mapped_column(
        String(40), ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True
    )
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), primary_key=True)


class Attempt(Base):
    """One try at a delivery and what the receiver said."""

    __tablename__ = "attempt"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    delivery_id: Mapped[str] = mapped_column(
        String(40), ForeignKey("delivery.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str]
