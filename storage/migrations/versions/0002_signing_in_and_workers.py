"""Signing in, one-time links, workers to look at, and how a source is read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("user_account", sa.Column("password_hash", sa.Text))
    op.add_column("user_account", sa.Column("language", sa.String(5)))
    op.add_column("user_account", sa.Column("role", sa.String(20), nullable=False, server_default="admin"))
    op.add_column("user_account", sa.Column("disabled_at", TIME))
    op.add_column("source", sa.Column("shape", sa.String(20), nullable=False, server_default="feed"))
    op.add_column("source", sa.Column("catalogue_id", sa.Text))

    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_web_session"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_web_session_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_web_session_user_id", "web_session", ["user_id"])
    op.create_table(
        "one_time_link",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("user_id", ID),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        sa.PrimaryKeyConstraint("token_hash", name="pk_one_time_link"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_one_time_link_user_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "login_failure",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.Column("blocked_until", TIME),
        sa.PrimaryKeyConstraint("key", name="pk_login_failure"),
    )
    op.create_table(
        "worker",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("machine", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_worker"),
    )


def downgrade() -> None:
    for table in ("worker", "login_failure", "one_time_link", "web_session"):
        op.drop_table(table)
    for table, columns in (
        ("source", ("catalogue_id", "shape")),
        ("user_account", ("disabled_at", "role", "language", "password_hash")),
    ):
        for column in columns:
            op.drop_column(table, column)
