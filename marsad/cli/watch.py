"""`marsad watch`: the terms that articles are matched against."""

from __future__ import annotations

from typing import Annotated

import typer

from marsad.cli.context import Json, check_name, open_app, print_json, print_rows

commands = typer.Typer(no_args_is_help=True, help="Watch terms: add, list, remove.")

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
    as_json: Json = False,
) -> None:
    """Watch one or more names: type them as you know them, marsad finds how Arabic spells them.

    Example: marsad watch add Nvidia Huawei H20 DeepSeek
    """
    from marsad.errors import UsageError
    from marsad.types import Term
    from matching.matcher import check_term
    from storage import watchlists

    if spelling and len(names) > 1:
        raise UsageError("--spelling goes with one name; add the names one by one.")
    terms = [Term(n.strip(), tuple(spelling) if spelling else None, tuple(exclude or ())) for n in names]
    for term in terms:
        check_term(term)
    watchlist = check_name(watchlist, "watchlist")
    with open_app() as app, app.write() as (session, owner, now):
        watchlist_id = watchlists.ensure_watchlist(session, owner, watchlist, now=now)
        for term in terms:
            watchlists.add_term(session, watchlist_id, term, now=now)
    for term in terms:
        if as_json:
            print_json({"watchlist": watchlist, "term": term})
        else:
            print(f"Watching {term.name} ({watchlist}): {_spellings(term)}")


@commands.command("list")
def list_all(as_json: Json = False) -> None:
    """Show every watched term with the spellings that are looked for."""
    from storage import watchlists

    with open_app() as app, app.write() as (session, owner, _):
        rows = watchlists.list_terms(session, owner)
    columns = {
        "watchlist": lambda r: r.watchlist,
        "term": lambda r: r.term.name,
        "matches": lambda r: r.matches,
        "spellings": lambda r: _spellings(r.term),
    }
    empty = "No term yet. Add some: marsad watch add Nvidia Huawei H20 DeepSeek"
    print_rows(rows, as_json=as_json, columns=columns, empty=empty)


@commands.command("rm")
def remove(
    name: Annotated[str, typer.Argument(help="The term.")],
    watchlist: Watchlist = "main",
) -> None:
    """Stop watching a term; its stored matches stay."""
    from storage import watchlists

    with open_app() as app, app.write() as (session, owner, now):
        watchlist_id = watchlists.find_watchlist(session, owner, watchlist)
        watchlists.remove_term(session, watchlist_id, name, now=now)
    print(f"{name} is no longer watched; its matches stay.")


def _spellings(term: object) -> str:
    from marsad.types import Term
    from matching.proposals import propose_spellings

    if not isinstance(term, Term):
        raise TypeError("a term is expected")
    if term.spellings is not None:
        return "، ".join(term.spellings)
    shown = [proposal.spelling for proposal in propose_spellings(term.name)[:6]]
    return "، ".join(shown) or term.name
