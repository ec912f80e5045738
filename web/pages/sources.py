"""The sources: how each is, adding one by its address, and choosing from the catalogue."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from sqlalchemy.orm import Session

from marsad.addresses import canonical_url
from marsad.errors import MarsadError
from pipeline import sources as use_cases
from pipeline.source_state import SENTENCES, SourceState, StateCode, source_state
from spiders.catalogue import CatalogueSource
from storage import sources
from storage.headlines import newest_headlines
from storage.sources import SourceRow
from web.access import CurrentUser
from web.parameters import number, number_or_404
from web.rendering import language_of, render
from web.sentences import say_error, status_of
from web.services import Services, WebServices
from web.translation import Language, noop
from web.web_address import web_address

router = APIRouter(include_in_schema=False)

_HEADLINES = 3
_GROUPS = {
    "technology": noop("Technology"),
    "business": noop("Business"),
    "science": noop("Science"),
    "general": noop("General news"),
}
_DONE = {
    "added": noop("The source was added and is being fetched."),
    "paused": noop("The source is paused: it is not fetched until you switch it on again."),
    "enabled": noop("The source is on again and is being fetched."),
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """A source as the page shows it."""

    row: SourceRow
    state: SourceState
    tone: str
    sentence: Markup
    address: str | None
    headlines: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A source of the catalogue as a box to tick."""

    source: CatalogueSource
    name: str
    note: str | None
    there: bool


@router.get("/sources")
def show_sources(
    request: Request,
    services: Services,
    user: CurrentUser,
    done: str | None = None,
    added: str | None = None,
    welcome: str | None = None,
) -> HTMLResponse:
    language = language_of(request)
    flash = language.gettext(_DONE[done]) if done in _DONE else Markup()
    if count := number(added):
        flash = language.ngettext(
            "%(n)s source was added and is being fetched.",
            "%(n)s sources were added and are being fetched.",
            count,
        )
    return _page(request, services, flash=flash, welcome=welcome == "1")


@router.post("/sources")
def add_source(
    request: Request,
    services: Services,
    user: CurrentUser,
    url: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    shape: Annotated[str, Form()] = "feed",
) -> Response:
    """Add a source by its address."""
    try:
        with services.database.write() as session:
            use_cases.add_source(
                session,
                url=url,
                name=name.strip() or None,
                shape="listing" if shape == "listing" else "feed",
                allow=services.settings.fetch_allow,
                now=services.clock(session),
            )
    except MarsadError as exc:
        wrong = {"url": url, "name": name, "shape": shape, "error": say_error(language_of(request), exc)}
        return _page(request, services, entered=wrong, status=status_of(exc))
    services.wake()
    return RedirectResponse("/sources?done=added", 303)


@router.post("/sources/{source_id}/pause")
def pause(services: Services, user: CurrentUser, source_id: str) -> RedirectResponse:
    """Poll a source no more."""
    with services.database.write() as session:
        sources.pause_source(session, _address(session, source_id), now=services.clock(session))
    return RedirectResponse("/sources?done=paused", 303)


@router.post("/sources/{source_id}/enable")
def enable(services: Services, user: CurrentUser, source_id: str) -> RedirectResponse:
    """Poll a source again."""
    with services.database.write() as session:
        sources.enable_source(session, _address(session, source_id), now=services.clock(session))
    services.wake()
    return RedirectResponse("/sources?done=enabled", 303)


@router.get("/sources/catalogue")
def show_catalogue(
    request: Request, services: Services, user: CurrentUser, welcome: str | None = None
) -> HTMLResponse:
    language = language_of(request)
    with services.database.read() as session:
        there = {row.url for row in sources.list_sources(session)}
    groups = [
        (group, language.gettext(title), _choices(services, language, group, there))
        for group, title in _GROUPS.items()
    ]
    return render(
        request,
        "catalogue.html",
        welcome=welcome == "1",
        groups=[(group, title, choices) for group, title, choices in groups if choices],
        complete=all(choice.there for _, _, choices in groups for choice in choices),
    )


@router.post("/sources/catalogue")
def add_from_catalogue(
    request: Request,
    services: Services,
    user: CurrentUser,
    source: Annotated[list[str] | None, Form()] = None,
    welcome: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Add the ticked sources; from here on they are polled."""
    ticked = frozenset(source or ())
    chosen = [entry for entry in services.catalogue if entry.id in ticked]
    with services.database.write() as session:
        added = use_cases.add_from_catalogue(
            session,
            chosen,
            language=language_of(request).code,
            allow=services.settings.fetch_allow,
            now=services.clock(session),
        )
    services.wake()
    return RedirectResponse(f"/sources?added={len(added)}" + ("&welcome=1" if welcome == "1" else ""), 303)


def _page(
    request: Request,
    services: WebServices,
    *,
    entered: dict[str, str] | None = None,
    flash: Markup | None = None,
    welcome: bool = False,
    status: int = 200,
) -> HTMLResponse:
    language = language_of(request)
    with services.database.read() as session:
        now = services.clock(session)
        shown = [
            _shown(language, session, row, source_state(row, now=now))
            for row in sources.list_sources(session)
        ]
    # What needs a person stands first.
    shown.sort(key=lambda each: {"bad": 0, "warn": 1}.get(each.tone, 2))
    return render(
        request,
        "sources.html",
        status=status,
        now=now,
        sources=shown,
        counts=Counter(each.tone for each in shown),
        waiting=any(each.state.code is StateCode.NEVER_POLLED for each in shown),
        has_catalogue=bool(services.catalogue),
        entered=entered or {"url": "", "name": "", "shape": "feed", "error": ""},
        welcome=welcome,
        flash=flash,
    )


def _shown(language: Language, session: Session, row: SourceRow, state: SourceState) -> _Shown:
    headlines = newest_headlines(session, row.id, limit=_HEADLINES) if row.articles else []
    return _Shown(
        row=row,
        state=state,
        tone=_tone(state),
        sentence=language.gettext(SENTENCES[state.code], status=state.status or ""),
        address=web_address(row.url),
        headlines=tuple((each.title, web_address(each.url)) for each in headlines if each.title.strip()),
    )


def _tone(state: SourceState) -> str:
    if state.code in (StateCode.FINE, StateCode.UNCHANGED):
        return "good"
    if state.good:
        return "quiet"
    return "warn" if state.code in (StateCode.QUIET, StateCode.EMPTY) else "bad"


def _choices(services: WebServices, language: Language, group: str, there: set[str]) -> list[_Choice]:
    arabic = language.code == "ar"
    return [
        _Choice(
            source=source,
            name=source.name_ar if arabic else source.name_en,
            note=source.note_ar if arabic else source.note_en,
            there=canonical_url(source.url) in there,
        )
        for source in services.catalogue
        if source.group == group
    ]


def _address(session: Session, source_id: str) -> str:
    wanted = number_or_404(source_id)
    row = next((row for row in sources.list_sources(session) if row.id == wanted), None)
    if row is None:
        raise HTTPException(404)
    return row.url
