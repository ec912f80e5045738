"""`marsad matches` and `marsad deliveries`: what was found, and what became of the alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from marsad.cli.context import Json, open_app, print_json, print_rows

if TYPE_CHECKING:
    from storage.watchlists import MatchRow

matches = typer.Typer(no_args_is_help=True, help="Stored matches: list.")
deliveries = typer.Typer(no_args_is_help=True, help="Deliveries of alerts: list, retry.")

Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, newest first.")]


@matches.command("list")
def list_matches(
    term: Annotated[str | None, typer.Option(help="Only this term.")] = None,
    limit: Limit = 50,
    before: Annotated[
        int | None, typer.Option(min=1, max=2**63 - 1, help="Go on after this match id.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show stored matches, newest first, with the words around each hit.

    Example: marsad matches list --term Nvidia --limit 20
    """
    from storage import watchlists

    with open_app() as app, app.read() as (session, owner):
        rows = watchlists.list_matches(session, owner, limit=limit, term=term, before=before)
    if as_json:
        for row in rows:
            print_json(_facts(row))
        return
    columns = {
        "id": lambda r: r.id,
        "matched": lambda r: r.matched_at,
        "term": lambda r: r.term,
        "source": lambda r: r.source,
        "title": lambda r: r.title,
        "found": _found,
    }
    empty = "No match yet. Matches come as sources are polled: by make run, or by marsad poll --once"
    if term is not None or before is not None:
        empty = "No such match. All of them: marsad matches list; the terms: marsad watch list"
    print_rows(rows, as_json=False, columns=columns, empty=empty)


@deliveries.command("list")
def list_deliveries(limit: Limit = 50, as_json: Json = False) -> None:
    """Show alerts, newest first: sent, waiting and for what, or failed and why.

    Example: marsad deliveries list --json
    """
    from storage import deliveries as stored

    with open_app() as app, app.read() as (session, owner):
        rows = stored.list_deliveries(session, owner, limit=limit, mail_server=app.settings.smtp is not None)
    columns = {
        "created": lambda r: r.created_at,
        "channel": lambda r: r.channel,
        "state": lambda r: f"{r.state}, waits for {r.waits_for}" if r.waits_for else r.state,
        "attempts": lambda r: r.attempts,
        "terms": lambda r: ", ".join(r.terms),
        "title": lambda r: r.title,
        "last error": lambda r: r.last_error,
    }
    empty = "No delivery yet. Alerts follow new matches of subscribed watchlists: marsad subscribe --help"
    print_rows(rows, as_json=as_json, columns=columns, empty=empty)


@deliveries.command("retry")
def retry(
    ids: Annotated[
        list[str] | None, typer.Argument(help="Ids of deliveries; see deliveries list --json.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that failed or were parked.")] = False,
) -> None:
    """Send again what failed for good or was parked, with the next poll. It keeps its id.

    Example: marsad deliveries retry --all
    """
    from marsad.errors import UsageError
    from storage import deliveries as stored

    if bool(ids) == everything:
        raise UsageError(
            "Name the deliveries to send again, or say --all; 'marsad deliveries list' shows them."
        )
    with open_app() as app, app.write() as (session, owner, now):
        count = stored.retry_deliveries(session, owner, ids or None, now=now)
    print(f"{count} deliveries are due again.")


def _facts(row: MatchRow) -> dict[str, object]:
    return {
        "id": row.id,
        "matched_at": row.matched_at,
        "term": row.term,
        "watchlist": row.watchlist,
        "state": row.state,
        "article": {
            "id": row.article_id,
            "title": row.title,
            "url": row.url,
            "source": row.source,
            "published": row.published,
        },
        "hits": row.hits,
    }


def _found(row: MatchRow) -> str:
    from matching.snippets import snippet

    if not row.hits:
        return ""
    hit = row.hits[0]
    before, after = snippet(row.texts[hit.field], hit.start, hit.end, width=40)
    return f"{before}[{hit.spelling}]{after}"
