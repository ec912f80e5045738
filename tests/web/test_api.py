"""FAULTS 40, 43: the API keeps to its description, refuses what is not in it, and never answers 5xx to input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.models import User
from tests.storage.stored import Desk, article
from tests.web.browser import Browser
from tests.web.conftest import BOTH_DATABASES, sign_in
from web.services import WebServices

API = ("/api/v1/me", "/api/v1/status", "/api/v1/matches")


@pytest.fixture
def desk(services: WebServices, user_id: int) -> Desk:
    """Two terms that the owner watches."""
    return Desk.at(services.database, "Nvidia", "Huawei")


def check_problem(answer: Any, status: int) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]


@BOTH_DATABASES
def test_matches_come_newest_first_a_page_at_a_time(signed_in: Browser, desk: Desk) -> None:
    source = desk.add_source()
    for number in range(5):
        desk.store(source, article(f"{number}", desk.matched("Nvidia" if number % 2 else "Huawei")))
    seen, before = [], None
    for _ in range(5):
        query = {"limit": 2, **({"before": before} if before else {})}
        page = signed_in.get("/api/v1/matches", params=query).json()
        seen += [match["id"] for match in page["matches"]]
        before = page["next"]
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)
    (first, *_) = signed_in.get("/api/v1/matches", params={"term": "Nvidia"}).json()["matches"]
    assert first["term"] == "Nvidia"
    for hit in first["hits"]:
        assert first["article"][hit["field"]][hit["start"] : hit["end"]] == hit["spelling"]


def test_nobody_reads_anothers_matches(signed_in: Browser, services: WebServices, desk: Desk) -> None:
    source = desk.add_source()
    desk.store(source, article("1", desk.matched("Nvidia")))
    assert len(signed_in.get("/api/v1/matches").json()["matches"]) == 1
    with services.database.write() as session:
        other = User(name="other", created_at=services.clock(session))
        session.add(other)
        session.flush()
        other_id = other.id
    sign_in(signed_in, services, other_id)
    assert signed_in.get("/api/v1/matches").json() == {"matches": [], "next": None}
    assert signed_in.get("/api/v1/matches", params={"before": 2}).json()["matches"] == []


def test_the_status_tells_what_waits(signed_in: Browser, desk: Desk) -> None:
    desk.add_source()
    said = signed_in.get("/api/v1/status").json()
    assert said["sources"] == {"total": 1, "active": 1, "failing": 0}
    assert said["polling"] is False
    assert said["oldest_due_seconds"] >= 0


def test_unknown_fields_are_refused(signed_in: Browser) -> None:
    for path in API:
        answer = signed_in.get(path, params={"user_id": "2"})
        check_problem(answer, 422)
        assert answer.json()["errors"][0]["field"] == "query.user_id"


def test_values_that_cannot_be_are_refused(signed_in: Browser) -> None:
    wrong = ("limit=0", "limit=201", "limit=x", "before=0", "before=-1", "before=9999999999999999999")
    for query in (*wrong, "before=", "term=", "term=%00"):
        check_problem(signed_in.get(f"/api/v1/matches?{query}"), 422)


def test_what_does_not_exist_is_a_problem_too(signed_in: Browser) -> None:
    check_problem(signed_in.get("/api/v1/nothing"), 404)
    check_problem(signed_in.get("/api/v1/me/"), 404)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(API),
    names=st.lists(st.sampled_from(["limit", "before", "term", "x"]) | st.text(max_size=5), max_size=3),
    values=st.lists(st.text(max_size=30) | st.integers().map(str), min_size=3, max_size=3),
)
def test_wild_queries_get_an_answer_of_the_description(
    signed_in: Browser, path: str, names: list[str], values: list[str]
) -> None:
    query = "&".join(
        f"{quote(n, errors='surrogatepass')}={quote(v, errors='surrogatepass')}"
        for n, v in zip(names, values, strict=False)
    )
    answer = signed_in.get(f"{path}?{query}")
    assert answer.status_code in (200, 422), (query, answer.text)


class TestDescription:
    @pytest.fixture
    def described(self, client: Browser) -> dict[str, Any]:
        answer = client.get("/api/v1/openapi.json")
        assert answer.status_code == 200
        return dict(answer.json())

    def test_it_describes_the_api_and_nothing_else(self, described: dict[str, Any]) -> None:
        assert described["openapi"].startswith("3.1")
        assert set(described["paths"]) == set(API)
        assert described["info"]["title"] == "marsad"

    def test_every_operation_has_an_id_a_sentence_and_its_errors(self, described: dict[str, Any]) -> None:
        operations = [op for path in described["paths"].values() for op in path.values()]
        ids = [op["operationId"] for op in operations]
        assert len(ids) == len(set(ids))
        for operation in operations:
            assert operation["summary"]
            assert operation["description"]
            for status in ("400", "401", "422", "503"):
                assert set(operation["responses"][status]["content"]) == {"application/problem+json"}

    def test_every_reference_leads_somewhere(self, described: dict[str, Any]) -> None:
        def references(node: Any) -> Iterator[str]:
            if isinstance(node, dict):
                for key, value in node.items():
                    if key == "$ref":
                        yield value
                    else:
                        yield from references(value)
            elif isinstance(node, list):
                for item in node:
                    yield from references(item)

        found = list(references(described))
        assert found
        for reference in found:
            target: Any = described
            for part in reference.removeprefix("#/").split("/"):
                target = target[part]

    def test_no_page_of_it_loads_anything_from_elsewhere(self, signed_in: Browser) -> None:
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert signed_in.get(path).status_code == 404
