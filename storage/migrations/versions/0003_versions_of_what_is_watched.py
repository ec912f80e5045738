"""Versions of what is watched, and which of them an article was matched with; sense and expressions of terms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BEHIND = sa.text("watch_version < stored_version")


def upgrade() -> None:
    # What is stored was matched with all terms there are: everything begins at version 0.
    op.create_table(
        "watch_set",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_set"),
    )
    op.add_column("watch_term", sa.Column("expression", sa.Text))
    op.add_column("watch_term", sa.Column("sense", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("watch_term", sa.Column("version", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("watch_term", sa.Column("since_version", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("article", sa.Column("stored_version", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("article", sa.Column("watch_version", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("ix_article_behind", "article", ["id"], sqlite_where=_BEHIND, postgresql_where=_BEHIND)


def downgrade() -> None:
    # Without its expression such a term would be its label, looked for as a name.
    term = sa.table("watch_term", sa.column("expression"), sa.column("removed_at"), sa.column("changed_at"))
    was_watched = (term.c.expression.is_not(None), term.c.removed_at.is_(None))
    op.execute(sa.update(term).where(*was_watched).values(removed_at=term.c.changed_at))
    op.drop_index("ix_article_behind", "article")
    for table, columns in (
        ("article", ("watch_version", "stored_version")),
        ("watch_term", ("since_version", "version", "sense", "expression")),
    ):
        for column in columns:
            op.drop_column(table, column)
    op.drop_table("watch_set")
