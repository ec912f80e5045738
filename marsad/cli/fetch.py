"""`marsad fetch`, `parse` and `extract`: what a spider sees, without storing anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from marsad.cli.context import Json, print_json, print_table, read_context_settings, tell
from marsad.errors import UsageError
from marsad.types import (
    ExtractedPage,
    FailureKind,
    FeedEntry,
    FetchedFeed,
    FetchedPage,
    FetchFailure,
    FetchRequest,
    FetchResult,
    NotModified,
    Shape,
)

if TYPE_CHECKING:
    from marsad.config import Settings

LOCAL_SERVER = "http://127.0.0.1:8099"
"""Where a case lives whose address is only a path."""

Header = Annotated[
    list[str] | None,
    typer.Option("--header", help="Response header as 'Name: value'; may be given several times."),
]
Cases = Annotated[
    Path | None,
    typer.Option(
        "--cases", help="JSON Lines of {file, serve_url or url, headers}: read many files.", dir_okay=False
    ),
]
Root = Annotated[Path | None, typer.Option("--root", help="Folder that the files of --cases lie in.")]


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """Bytes on disk, and the address and headers with which they were served; header names in lower case."""

    file: Path
    name: str | None
    url: str
    headers: Mapping[str, str]

    @property
    def status(self) -> int:
        status = self.headers.get("x-serve-status", "")
        return int(status) if status.isdecimal() and status.isascii() else 200


def fetch(
    urls: Annotated[list[str], typer.Argument(help="Feed addresses, such as https://example.com/feed")],
    listing: Annotated[
        bool, typer.Option("--listing", help="They are web pages: read their links to articles.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch feeds and show their entries as a spider sees them; stores nothing.

    Exit status 1 when any address failed.

    Example: marsad fetch https://example.com/feed
    """
    from marsad.addresses import parse_target

    for url in urls:
        parse_target(url)
    shape: Shape = "listing" if listing else "feed"
    requests = [FetchRequest(url, shape) for url in urls]
    show_feeds(requests, read_context_settings(), follow_indexes=False, as_json=as_json)


def show_feeds(
    requests: Sequence[FetchRequest], settings: Settings, *, follow_indexes: bool, as_json: bool
) -> None:
    """Fetch and show feeds; raises Exit with status 1 when any failed."""
    if asyncio.run(_fetch_all(requests, settings, follow_indexes=follow_indexes, as_json=as_json)):
        raise typer.Exit(1)


async def _fetch_all(
    requests: Sequence[FetchRequest], settings: Settings, *, follow_indexes: bool, as_json: bool
) -> int:
    from spiders.reactor import stop_reactor
    from spiders.runner import Fetcher

    failed = 0
    try:
        async with Fetcher(allow=settings.fetch_allow, follow_indexes=follow_indexes) as fetcher:
            waiting = [asyncio.ensure_future(fetcher.fetch(request)) for request in requests]
            for task in waiting:
                result = await task
                failed += isinstance(result, FetchFailure)
                _show(_feed_facts(result), as_json=as_json)
    finally:
        await stop_reactor()
    return failed


def parse(
    file: Annotated[
        Path | None, typer.Argument(help="A stored feed, sitemap or listing page.", dir_okay=False)
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="The address it came from.")] = None,
    header: Header = None,
    cases: Cases = None,
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Parse stored bytes as if they had been fetched from an address; no network.

    Of a web page, its links to articles are the entries.
    Exit status 1 when FILE could not be read; of --cases each prints its error, and the run goes on.

    Example: marsad parse feed.xml --url https://example.com/feed --header 'Content-Type: text/xml'
    """
    from spiders.bodies import parse_body

    now = datetime.now(UTC)
    for answer in _answers(file, url, _headers(header or []), cases, root):
        body = _read_answer(answer, as_json=as_json)
        if body is None:
            continue
        read = partial(
            parse_body, url=answer.url, status=answer.status, headers=answer.headers, body=body, now=now
        )
        result = read(FetchRequest(answer.url, "feed"))
        if isinstance(result, FetchFailure) and result.kind is FailureKind.WEB_PAGE:
            listing = read(FetchRequest(answer.url, "listing"))
            result = listing if isinstance(listing, FetchedFeed) else result
        _show(_named(answer, _feed_facts(result)), as_json=as_json)
        if cases is None and isinstance(result, FetchFailure):
            raise typer.Exit(1)


def extract(
    file: Annotated[Path | None, typer.Argument(help="A stored article page.", dir_okay=False)] = None,
    url: Annotated[str | None, typer.Option("--url", help="The address it came from.")] = None,
    content_type: Annotated[
        str | None,
        typer.Option("--content-type", help="Its Content-Type header, such as text/html; charset=utf-8"),
    ] = None,
    cases: Cases = None,
    root: Root = None,
    as_json: Json = False,
) -> None:
    """Extract the article of stored pages: title, text, date, author, language; no network.

    A page without an article of its own has an empty text.

    Example: marsad extract page.html --url https://example.com/news/1
    """
    from spiders.bodies import parse_body

    now = datetime.now(UTC)
    headers = {"content-type": content_type} if content_type else {}
    for answer in _answers(file, url, headers, cases, root):
        body = _read_answer(answer, as_json=as_json)
        if body is None:
            continue
        result = parse_body(
            FetchRequest(answer.url, "page"),
            url=answer.url,
            status=answer.status,
            headers=answer.headers,
            body=body,
            now=now,
        )
        _show(_named(answer, _page_facts(result)), as_json=as_json)


def _answers(
    file: Path | None, url: str | None, headers: Mapping[str, str], cases: Path | None, root: Path | None
) -> Iterator[StoredAnswer]:
    if cases is None and file is not None and url is not None and root is None:
        return iter([StoredAnswer(file, None, url, headers)])
    if cases is not None and file is None and url is None and not headers:
        return _read_cases(cases, root or cases.parent)
    raise UsageError("Give either FILE with --url ADDRESS, or --cases CASES.jsonl with --root FOLDER.")


def _read_cases(cases: Path, root: Path) -> Iterator[StoredAnswer]:
    for number, line in enumerate(_read(cases).decode("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
            if not isinstance(case["file"], str):
                raise TypeError("its file is no name")
            name, url = case["file"], str(case.get("serve_url") or case["url"])
            headers = {str(k).lower(): str(v) for k, v in (case.get("headers") or {}).items()}
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise UsageError(
                f"{cases}, line {number}: not a case of file, serve_url and headers ({exc})."
            ) from exc
        yield StoredAnswer(root / name, name, LOCAL_SERVER + url if url.startswith("/") else url, headers)


def _read_answer(answer: StoredAnswer, *, as_json: bool) -> bytes | None:
    """The stored bytes; a missing file among many is told, and is None."""
    try:
        return _read(answer.file)
    except UsageError as exc:
        if answer.name is None:
            raise
        _show(_named(answer, {"title": None, "entries": [], "error": str(exc)}), as_json=as_json)
        return None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise UsageError(f"Cannot read {file} ({exc.strerror}); check its name.") from exc


def _headers(lines: Sequence[str]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise UsageError(f"--header '{line}' has no colon; write 'Content-Type: text/xml'.")
        headers[name.strip().lower()] = value.strip()
    return headers


def _named(answer: StoredAnswer, facts: dict[str, Any]) -> dict[str, Any]:
    return facts if answer.name is None else {"file": answer.name, **facts}


def _feed_facts(result: FetchResult) -> dict[str, Any]:
    """The JSON line of the contract; a failure has no kind, no title and no entries, but an error."""
    facts: dict[str, Any] = {
        "url": result.url,
        "final_url": result.final_url,
        "status": result.status,
        "kind": None,
        "title": None,
        "entries": [],
    }
    match result:
        case FetchedFeed():
            facts |= {
                "kind": result.kind,
                "title": result.title,
                "entries": [_entry_facts(e) for e in result.entries],
            }
        case FetchFailure():
            facts["error"] = result.reason
        case NotModified() | FetchedPage():
            facts["error"] = f"{result.url} gave no feed."
    return facts


def _entry_facts(entry: FeedEntry) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "title": entry.title,
        "link": entry.link,
        "id": entry.id,
        "published": entry.published,
    }
    optional = {"updated": entry.updated, "summary": entry.summary, "author": entry.author}
    return facts | {name: value for name, value in optional.items() if value is not None}


def _page_facts(result: FetchResult) -> dict[str, Any]:
    page = result.page if isinstance(result, FetchedPage) else ExtractedPage(title=None, text="")
    facts: dict[str, Any] = {
        "title": page.title,
        "text": page.text,
        "published": page.published,
        "author": page.author,
        "language": page.language,
    }
    return facts | {"error": result.reason} if isinstance(result, FetchFailure) else facts


def _show(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(facts)
        return
    heading = facts["title"] or facts.get("file") or facts.get("url") or ""
    if error := facts.get("error"):
        tell(f"marsad: {error}")
    elif "entries" in facts:
        print(f"{heading} · {facts['kind']} · {len(facts['entries'])} entries")
        rows = [(_minute(e["published"]), e["title"], e["link"] or "") for e in facts["entries"]]
        print_table(("published (UTC)", "title", "link"), rows)
    else:
        print_table(("", ""), [(name, str(facts[name] or "")) for name in facts if name != "text"])
        print(facts["text"] or "No article text of its own.")


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
