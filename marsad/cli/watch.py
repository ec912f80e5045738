"""`marsad watch`: the terms that articles are matched against."""

from __future__ import annotations

from typing import Annotated

import typer

from marsad.cli.context import Json, open_app, print_json, print_rows, tell
from marsad.names import check_name
from marsad.types import Term

commands = typer.Typer(no_args_is_help=True, help="Watch terms: add, list, remove.")

_SHOWN = 6

Watchlist = Annotated[str, typer.Option("--watchlist", "-w", help="Which watchlist.")]


@commands.command("add")
def add(
    names: Annotated[list[str], typer.Argument(help="Names as you know them, in Latin or Arabic letters.")],
    watchlist: Watchlist = "main",
    spelling: Annotated[
        list[str] | None, typer.Option(help="Look for these spellings only; default: marsad proposes.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Phrases in which the name does not count.")
    ] = None,
    expression: Annotated[
        str | None,
        typer.Option(help="Look for this instead; the name is its label. Names with AND, OR, NOT, NEAR/n."),
    ] = None,
    no_sense: Annotated[
        bool, typer.Option("--no-sense", help="Count every mention, whatever the name means there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Watch one or more names: type them as you know them, marsad finds how Arabic spells them.

    Articles are matched as they come. The newest 5000 that are stored are searched too; no alert is sent for them.

    Example: marsad watch add Nvidia Huawei H20 DeepSeek
    Example: marsad watch add "chips for China" --expression "Nvidia AND (H20 OR الصين)"
    """
    from marsad.errors import UsageError
    from matching.matcher import check_term
    from matching.proposals import excluded_phrases
    from pipeline.backfill import match_stored
    from storage import watchlists

    if spelling and len(names) > 1:
        raise UsageError("--spelling goes with one name; add the names one by one.")
    if expression is not None and (spelling or len(names) > 1):
        raise UsageError("--expression goes with one name, its label, and without --spelling.")
    given, phrases = tuple(spelling) if spelling else None, tuple(exclude or ())
    # Spellings of one's own replace the proposals, not what is known to mean something else.
    known = excluded_phrases(names[0].strip()) if given else ()
    excluded = tuple(dict.fromkeys((*known, *phrases)))
    terms = [Term(name.strip(), given, excluded, not no_sense, expression) for name in dict.fromkeys(names)]
    for term in terms:
        check_term(term)
    watchlist = check_name(watchlist, "watchlist")
    with open_app() as app:
        with app.write() as (session, owner, now):
            watchlist_id = watchlists.ensure_watchlist(session, owner, watchlist, now=now)
            added = [watchlists.add_term(session, watchlist_id, term, now=now) for term in terms]
        stored = match_stored(app.database, app.clock, added)
    for term in terms:
        if as_json:
            print_json({"watchlist": watchlist, "term": term})
        else:
            print(f"Watching {term.name} ({watchlist}): {_spellings(term)}")
        if term.expression is None and len(_all_spellings(term)) == 1 and term.name.isascii():
            tell(
                f"No Arabic spelling of '{term.name}' is known yet: it is found in Latin letters only. "
                "To give one, remove it with watch rm and add it with --spelling."
            )
    if stored == 1:
        tell("1 stored article matches already; no alert was sent for it.")
    elif stored:
        tell(f"{stored} stored articles match already; no alerts were sent for them.")


@commands.command("list")
def list_all(as_json: Json = False) -> None:
    """Show every watched term with the likeliest spellings that are looked for; --json has them all.

    Example: marsad watch list --json
    """
    from storage import watchlists

    with open_app() as app, app.read() as (session, owner):
        rows = watchlists.list_terms(session, owner)
    columns = {
        "watchlist": lambda r: r.watchlist,
        "term": lambda r: r.term.name,
        "matches": lambda r: r.matches,
        "spellings": lambda r: _spellings(r.term),
    }
    if as_json:
        for row in rows:
            print_json(
                {
                    "watchlist": row.watchlist,
                    "term": row.term.name,
                    "spellings": _all_spellings(row.term),
                    "exclude": row.term.exclude,
                    "sense": row.term.sense,
                    "expression": row.term.expression,
                    "matches": row.matches,
                    "created_at": row.created_at,
                }
            )
        return
    empty = "No term yet. Add some: marsad watch add Nvidia Huawei H20 DeepSeek"
    print_rows(rows, as_json=False, columns=columns, empty=empty)


@commands.command("rm")
def remove(
    name: Annotated[str, typer.Argument(help="The term.")],
    watchlist: Watchlist = "main",
) -> None:
    """Stop watching a term; its stored matches stay.

    Example: marsad watch rm Huawei
    """
    name = name.strip()
    from storage import watchlists

    with open_app() as app, app.write() as (session, owner, now):
        watchlist_id = watchlists.find_watchlist(session, owner, watchlist)
        watchlists.remove_term(session, watchlist_id, name, now=now)
    print(f"{name} is no longer watched; its matches stay.")


def _spellings(term: Term) -> str:
    if term.expression is not None:
        return term.expression
    every = _all_spellings(term)
    more = f" +{len(every) - _SHOWN}" if len(every) > _SHOWN else ""
    without = f"; not in {'، '.join(term.exclude)}" if term.exclude else ""
    return "، ".join(every[:_SHOWN]) + more + without


def _all_spellings(term: Term) -> list[str]:
    from matching.proposals import used_spellings

    if term.expression is not None:
        return []
    if term.spellings is not None:
        return [term.name, *term.spellings]
    return [proposal.spelling for proposal in used_spellings(term.name)]
