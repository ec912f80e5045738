"""`marsad explain`: why a text mentions a term, or why not; no database, no network."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from marsad.cli.context import Json, print_json
from marsad.types import Term

if TYPE_CHECKING:
    from matching.explain import Edit, Explanation
    from matching.expressions import Operand


def explain(
    text: Annotated[str, typer.Argument(help="The text; - for standard input.")],
    term: Annotated[str, typer.Option("--term", "-t", help="The name, as you would watch it.")],
    expression: Annotated[
        bool, typer.Option("--expression", help="The term is an expression: names with AND, OR, NOT, NEAR/n.")
    ] = False,
    spelling: Annotated[
        list[str] | None, typer.Option(help="Look for these spellings only; default: marsad proposes.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Phrases in which the name does not count.")
    ] = None,
    no_sense: Annotated[
        bool, typer.Option("--no-sense", help="Do not ask what the name means here.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Explain why a text mentions a term, or why not, and the smallest edit of the term that would change it.

    Example: marsad explain "وابل من الرصاص" --term Apple
    """
    from matching.explain import explain as explain_name
    from matching.explain import explain_expression

    content = sys.stdin.read() if text == "-" else text
    name = term.strip()
    given = tuple(spelling) if spelling else None
    if expression:
        watched = Term(name[:100], None, tuple(exclude or ()), not no_sense, name)
        whole = explain_expression(content, watched)
        if as_json:
            print_json({"found": whole.found, "names": [_named(*each) for each in whole.names]})
            return
        print("The expression holds." if whole.found else "The expression does not hold.")
        for operand, explanation in whole.names:
            print(f"\n{operand.name}:")
            _print_explanation(explanation)
        return
    explanation = explain_name(content, Term(name, given, tuple(exclude or ()), not no_sense))
    if as_json:
        print_json(explanation)
    else:
        _print_explanation(explanation)


def _named(operand: Operand, explanation: Explanation) -> dict[str, object]:
    return {"name": operand.name, "strictness": operand.strictness, "explanation": explanation}


def _print_explanation(explanation: Explanation) -> None:
    print("found" if explanation.found else "not found")
    print(f"read as: {explanation.folded}")
    for finding in explanation.findings:
        mark = "+" if finding.accepted else "-"
        clitics = f" after {finding.clitics}" if finding.clitics else ""
        place = f"{finding.start}-{finding.end}"
        print(f"{mark} {place} {finding.written}{clitics} (for {finding.spelling}): {finding.sentence}")
    if not explanation.findings:
        print("Nothing in the text is spelled like the name.")
    if explanation.edit is not None:
        print(f"To change it: {_say_edit(explanation.edit)}")


def _say_edit(edit: Edit) -> str:
    """Return in words what an edit of a term does."""
    match edit.kind:
        case "add_spelling":
            return f"add the spelling {edit.value}"
        case "tick_spelling":
            return f"use the proposed spelling {edit.value}"
        case "exclude":
            return f"exclude the phrase {edit.value}"
        case "allow":
            return f"exclude the phrase {edit.value} no more"
        case "ignore_sense":
            return "do not let the context decide what the name means"
