"""`marsad setup-link` prints the way in, as long as nobody can sign in."""

from __future__ import annotations

from pathlib import Path

from storage import accounts
from storage.database import now, open_database
from tests.command import Marsad


def test_it_prints_a_link_that_works_and_leaves_the_one_before(tmp_path: Path) -> None:
    marsad = Marsad.at(tmp_path, MARSAD_LISTEN="0.0.0.0:8099")
    links = [marsad.run("setup-link").stdout for _ in range(2)]
    tokens = [link.strip().removeprefix("http://127.0.0.1:8099/setup?token=") for link in links]
    database = open_database(f"sqlite:///{tmp_path / 'marsad.sqlite3'}")
    with database.write() as session:
        at = now(session)
        assert [accounts.set_up_link_works(session, token, now=at) for token in tokens] == [True, True]
        accounts.complete_set_up(
            session, tokens[1], name="m", email="m@example.com", password_hash="h", language="ar", now=at
        )
    database.dispose()
    done = marsad.run("setup-link", check=False)
    assert done.returncode == 2
    assert done.stderr.endswith("is set up already; sign in at http://127.0.0.1:8099/login.\n")
