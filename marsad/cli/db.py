"""`marsad db`: the database's schema."""

from __future__ import annotations

import typer

commands = typer.Typer(no_args_is_help=True, help="The database: upgrade.")


@commands.command("upgrade")
def upgrade() -> None:
    """Bring the schema up to date, as every start does too.

    SQLite is copied first, into the folder backups there. PostgreSQL is not: back it up yourself.

    Example: marsad db upgrade
    """
    from marsad.cli.context import read_context_settings, tell
    from storage.database import open_database
    from storage.schema import upgrade as upgrade_schema

    settings = read_context_settings()
    database = open_database(settings.database_url)
    try:
        result = upgrade_schema(database, data_dir=settings.data_dir, report=tell)
    finally:
        database.dispose()
    if result.before == result.after:
        print(f"The schema of {database.shown_url} is up to date ({result.after}).")
    else:
        print(f"The schema of {database.shown_url} went from {result.before or 'nothing'} to {result.after}.")
