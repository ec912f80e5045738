"""The web app on a real socket of this machine, and browsers that talk to it."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from marsad.config import Settings
from marsad.types import ChannelTarget, Receipt
from spiders.catalogue import CatalogueSource
from storage import accounts, sessions
from storage.database import Database, now, open_database
from storage.schema import upgrade
from tests.web.browser import SESSION_COOKIE, Browser
from web.app import create_app
from web.passwords import hash_password
from web.server import WebServer, bind, local_url
from web.services import WebServices

EMAIL, PASSWORD = "mona@example.com", "حصان بطارية دبوس صحيح"

CATALOGUE = (
    CatalogueSource(
        "noon-tech", "نون التقنية", "Noon Tech", "AE", "technology", "feed", "https://noon.example/feed"
    ),
    CatalogueSource(
        "wadi",
        "أخبار الوادي",
        "Wadi News",
        "EG",
        "general",
        "listing",
        "https://wadi.example/",
        "يرفض",
        "Refuses",
    ),
)

BOTH_DATABASES = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
"""For tests of what is stored; all others run on SQLite alone."""


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema, to copy: migrating it once is enough."""
    file = tmp_path_factory.mktemp("schema") / "marsad.sqlite3"
    _migrate(f"sqlite:///{file}", file.parent)
    return file


@pytest.fixture(scope="session")
def empty_postgres(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with the newest schema, to copy."""
    name = "web_template"
    _on_server(postgres_server, f"CREATE DATABASE {name} TEMPLATE template0")
    _migrate(_named(postgres_server, name), tmp_path_factory.mktemp("schema"))
    return name


def _migrate(url: str, folder: Path) -> None:
    opened = open_database(url)
    upgrade(opened, data_dir=folder, report=lambda _: None)
    opened.dispose()


def _on_server(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of this test's own, with the newest schema."""
    if getattr(request, "param", "sqlite") == "sqlite":
        copy = tmp_path / "marsad.sqlite3"
        shutil.copyfile(request.getfixturevalue("empty_sqlite"), copy)
        yield f"sqlite:///{copy}"
        return
    template, server = request.getfixturevalue("empty_postgres"), request.getfixturevalue("postgres_server")
    name = f"web_{secrets.token_hex(6)}"
    _on_server(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _named(server, name)
    _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with the newest schema."""
    opened = open_database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def services(database: Database, tmp_path: Path) -> WebServices:
    """The parts behind the app: a real database, the database's clock, channels that accept everything."""
    return WebServices(
        settings=Settings(data_dir=tmp_path, database_url=str(database.engine.url)),
        database=database,
        clock=now,
        catalogue=CATALOGUE,
        send_test=_accept,
    )


async def _accept(target: ChannelTarget) -> Receipt:
    return Receipt(f"accepted for {target.name}")


@pytest.fixture
def app(services: WebServices) -> FastAPI:
    """The web app as the service runs it."""
    return create_app(services)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an app on a free port of 127.0.0.1, as the service does; gives its address."""
    with bind("127.0.0.1", 0, chosen=True) as listening:
        server = WebServer(app, listening)
        thread = threading.Thread(target=lambda: asyncio.run(server.run()), daemon=True)
        thread.start()
        try:
            yield local_url(listening)
        finally:
            server.stop()
            thread.join(10)
            assert not thread.is_alive()


@pytest.fixture
def open_site() -> Iterator[Callable[..., Browser]]:
    """Serve an app and return a browser on it; called with an app, or with services and settings to change."""
    with ExitStack() as stack:

        def opened(of: FastAPI | WebServices, **settings: object) -> Browser:
            if isinstance(of, WebServices):
                of = create_app(replace(of, settings=replace(of.settings, **settings)))  # type: ignore[arg-type]
            return stack.enter_context(Browser(stack.enter_context(serving(of))))

        yield opened


@pytest.fixture
def client(app: FastAPI, open_site: Callable[..., Browser]) -> Browser:
    """A browser that nobody has signed in with, on an installation that is not set up."""
    return open_site(app)


@pytest.fixture
def user_id(services: WebServices) -> int:
    """The owner, set up: EMAIL and PASSWORD sign in."""
    return set_up(services)


@pytest.fixture
def signed_in(client: Browser, services: WebServices, user_id: int) -> Browser:
    """A browser in which the owner is signed in; forms are sent with `send_form`."""
    sign_in(client, services, user_id)
    return client


def set_up(services: WebServices, *, language: str = "en") -> int:
    """Set the installation up as by the one-time link; returns the owner's id."""
    with services.database.write() as session:
        at = services.clock(session)
        token = accounts.new_set_up_link(session, now=at)
        return accounts.complete_set_up(
            session,
            token,
            name="Mona",
            email=EMAIL,
            password_hash=_hash(),
            language=language,
            now=at,
        )


def sign_in(browser: Browser, services: WebServices, user_id: int) -> None:
    """Give a browser a session of its own."""
    with services.database.write() as session:
        token = sessions.start_session(session, user_id, now=services.clock(session))
    browser.cookies.set(SESSION_COOKIE, token, domain=browser.base_url.host)


_HASHED: list[str] = []


def _hash() -> str:
    if not _HASHED:
        _HASHED.append(hash_password(PASSWORD))
    return _HASHED[0]


def later(**by: float) -> Callable[[object], datetime]:
    """A clock that stands at some moment after now, such as `later(days=15)`."""
    moment = datetime.now(UTC) + timedelta(**by)
    return lambda session: moment
