"""Alembic's entry: runs on the connection, and in the transaction, that `storage.schema` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from storage.models import Base, UtcDateTime


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Drafts name the plain type: a version file must not depend on the models."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Configure Alembic with the connection in the configuration's attributes and run what was asked."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        render_item=render_item,
        # SQLite alters a table by making it anew.
        render_as_batch=True,
        # True on SQLite too: `storage.database` begins transactions itself, so DDL is rolled back.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
