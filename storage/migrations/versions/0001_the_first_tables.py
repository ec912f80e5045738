"""The first tables: people, sources and articles, watching, delivering."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column declared INTEGER PRIMARY KEY.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "host",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("due_at", TIME),
        sa.Column("paced_until", TIME),
        sa.Column("lease_token", sa.Text),
        sa.Column("leased_until", TIME),
        sa.Column("leased_by", sa.Text),
        sa.PrimaryKeyConstraint("name", name="pk_host"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_host_due_at", "host", ["due_at"])

    op.create_table(
        "story",
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_story"),
    )
    op.create_table(
        "user_account",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("email", name="uq_user_account_email"),
    )
    op.create_table(
        "api_token",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_api_token_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("token_hash", name="uq_api_token_token_hash"),
    )
    op.create_index("ix_api_token_user_id", "api_token", ["user_id"])

    op.create_table(
        "audit_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("user_id", ID),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_audit_event_user_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_at", "audit_event", ["at"])

    op.create_table(
        "channel",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("secret", sa.Text),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("confirmed_at", TIME),
        sa.Column("disabled_at", TIME),
        sa.Column("disabled_reason", sa.Text),
        sa.Column("failing_since", TIME),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_channel_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_channel"),
        sa.UniqueConstraint("user_id", "name", name="uq_channel_user_id_name"),
    )
    op.create_table(
        "source",
        sa.Column("id", ID, nullable=False),
        sa.Column("host_name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("paused_at", TIME),
        sa.Column("first_polled_at", TIME),
        sa.Column("last_success_at", TIME),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("body_hash", sa.Text),
        sa.ForeignKeyConstraint(["host_name"], ["host.name"], name="fk_source_host_name"),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("name", name="uq_source_name"),
        sa.UniqueConstraint("url", name="uq_source_url"),
    )
    op.create_index("ix_source_due_at", "source", ["due_at"])
    op.create_index("ix_source_host_name", "source", ["host_name"])

    op.create_table(
        "watchlist",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_watchlist_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_watchlist"),
        sa.UniqueConstraint("user_id", "name", name="uq_watchlist_user_id_name"),
    )
    op.create_table(
        "article",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("story_id", ID),
        sa.Column("url", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("summary", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("author", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("published_at", TIME),
        sa.Column("first_seen_at", TIME, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("quiet", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_article_source_id"),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_article_story_id"),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
    )
    op.create_index("ix_article_first_seen_at", "article", ["first_seen_at"])
    op.create_index("ix_article_source_id", "article", ["source_id"])
    op.create_index("ix_article_story_id", "article", ["story_id"])

    op.create_table(
        "fetch_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("new_articles", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_fetch_event_source_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_fetch_event"),
    )
    op.create_index("ix_fetch_event_source_id_id", "fetch_event", ["source_id", "id"])

    op.create_table(
        "subscription",
        sa.Column("id", ID, nullable=False),
        sa.Column("watchlist_id", ID, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("include_existing", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name="fk_subscription_channel_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["watchlist_id"], ["watchlist.id"], name="fk_subscription_watchlist_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sa.UniqueConstraint("watchlist_id", "channel_id", name="uq_subscription_watchlist_id_channel_id"),
    )
    op.create_index("ix_subscription_channel_id", "subscription", ["channel_id"])

    op.create_table(
        "watch_term",
        sa.Column("id", ID, nullable=False),
        sa.Column("watchlist_id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("spellings", JSON),
        sa.Column("exclude", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("removed_at", TIME),
        sa.ForeignKeyConstraint(
            ["watchlist_id"], ["watchlist.id"], name="fk_watch_term_watchlist_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_watch_term"),
        sa.UniqueConstraint("watchlist_id", "name", name="uq_watch_term_watchlist_id_name"),
    )
    op.create_table(
        "article_identity",
        sa.Column("source_id", ID, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_article_identity_article_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_article_identity_source_id"),
        sa.PrimaryKeyConstraint("source_id", "identity", name="pk_article_identity"),
    )
    op.create_index("ix_article_identity_article_id", "article_identity", ["article_id"])

    op.create_table(
        "article_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("replaced_at", TIME, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("summary", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_article_version_article_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_article_version"),
    )
    op.create_index("ix_article_version_article_id", "article_version", ["article_id"])

    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease_token", sa.Text),
        sa.Column("leased_until", TIME),
        sa.Column("leased_by", sa.Text),
        sa.Column("settled_at", TIME),
        sa.Column("last_error", sa.Text),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_delivery_article_id"),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name="fk_delivery_channel_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint(
            "article_id", "channel_id", "part", name="uq_delivery_article_id_channel_id_part"
        ),
    )
    op.create_index("ix_delivery_channel_id", "delivery", ["channel_id"])
    op.create_index("ix_delivery_due", "delivery", ["state", "due_at"])

    op.create_table(
        "match",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("watch_term_id", ID, nullable=False),
        sa.Column("matched_at", TIME, nullable=False),
        sa.Column("hits", JSON, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_match_article_id"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_match_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["watch_term_id"], ["watch_term.id"], name="fk_match_watch_term_id"),
        sa.PrimaryKeyConstraint("id", name="pk_match"),
        sa.UniqueConstraint("article_id", "watch_term_id", name="uq_match_article_id_watch_term_id"),
    )
    op.create_index("ix_match_inbox", "match", ["user_id", "matched_at", "id"])
    op.create_index("ix_match_watch_term_id", "match", ["watch_term_id"])

    op.create_table(
        "page_request",
        sa.Column("article_id", ID, nullable=False),
        sa.Column("host_name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_page_request_article_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["host_name"], ["host.name"], name="fk_page_request_host_name"),
        sa.PrimaryKeyConstraint("article_id", name="pk_page_request"),
    )
    op.create_index("ix_page_request_host_name_due_at", "page_request", ["host_name", "due_at"])

    op.create_table(
        "attempt",
        sa.Column("id", ID, nullable=False),
        sa.Column("delivery_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name="fk_attempt_delivery_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_delivery_id", "attempt", ["delivery_id"])

    op.create_table(
        "delivery_match",
        sa.Column("delivery_id", sa.String(length=40), nullable=False),
        sa.Column("match_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name="fk_delivery_match_delivery_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name="fk_delivery_match_match_id"),
        sa.PrimaryKeyConstraint("delivery_id", "match_id", name="pk_delivery_match"),
    )


def downgrade() -> None:
    for table in (
        "delivery_match",
        "attempt",
        "page_request",
        "match",
        "delivery",
        "article_version",
        "article_identity",
        "watch_term",
        "subscription",
        "fetch_event",
        "article",
        "watchlist",
        "source",
        "channel",
        "audit_event",
        "api_token",
        "user_account",
        "story",
        "host",
    ):
        op.drop_table(table)
