"""FAULTS 56: figures and proxy headers are for trusted peers only. Whether the service lives and can work."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from marsad.addresses import Allowance, parse_allowance
from storage.database import Database
from storage.models import WorkerRow
from storage.workers import working
from tests.conftest import ROOT
from tests.web.browser import Browser
from tests.web.conftest import BOTH_DATABASES
from tests.web.dump import dump
from web.services import WebServices
from web.transport import read_transport


def networks(blocks: str) -> Allowance:
    return parse_allowance(blocks, setting="x")


THIS_MACHINE = networks("127.0.0.1")


class TestMetrics:
    @BOTH_DATABASES
    def test_this_machine_reads_them_in_the_text_format(self, client: Browser, user_id: int) -> None:
        client.get("/login")
        answer = client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        found = {family.name: family for family in text_string_to_metric_families(answer.text)}
        assert {
            "marsad_info",
            "marsad_database_up",
            "marsad_workers",
            "marsad_hosts",
            "marsad_sources",
            "marsad_deliveries",
            "marsad_oldest_due_seconds",
            "marsad_oldest_undelivered_seconds",
            "marsad_http_requests",
            "marsad_http_request_seconds",
        } <= set(found)
        counted = {
            (sample.labels["method"], sample.labels["status"]): sample.value
            for sample in found["marsad_http_requests"].samples
            if sample.name.endswith("_total")
        }
        assert counted == {("GET", "2xx"): 1}
        assert found["marsad_database_up"].samples[0].value == 1

    def test_what_comes_through_an_unknown_proxy_is_refused(self, client: Browser) -> None:
        for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "X-Forwarded-Proto"):
            answer = client.get("/metrics", headers={header: "127.0.0.1"})
            assert answer.status_code == 403
            assert "marsad_" not in answer.text
            assert "MARSAD_METRICS_ALLOW" in answer.text

    def test_behind_a_trusted_proxy_the_client_counts(
        self, services: WebServices, open_site: Callable[..., Browser]
    ) -> None:
        allowed = networks("203.0.113.0/24")
        browser = open_site(services, trusted_proxies=THIS_MACHINE, metrics_allow=allowed)
        for chain, status in (
            ("203.0.113.5", 200),
            ("198.51.100.1", 403),
            ("203.0.113.5, 198.51.100.1", 403),
            ("127.0.0.1, 198.51.100.1", 403),
            ("198.51.100.1, 203.0.113.5", 200),
            ("198.51.100.1, 203.0.113.5, 127.0.0.1", 200),
        ):
            assert browser.get("/metrics", headers={"X-Forwarded-For": chain}).status_code == status, chain


class TestTransport:
    def read(
        self,
        peer: str,
        headers: dict[str, str],
        *,
        trusted: Allowance = THIS_MACHINE,
        scheme: str = "http",
    ) -> tuple[str, str, bool]:
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        scope = {"type": "http", "scheme": scheme, "client": (peer, 1), "headers": raw}
        found = read_transport(scope, trusted, None)
        return str(found.peer), found.scheme, found.vouched

    def test_proxy_headers_count_only_from_trusted_peers(self) -> None:
        said = {"X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https"}
        assert self.read("127.0.0.1", said) == ("203.0.113.5", "https", True)
        assert self.read("::ffff:127.0.0.1", said) == ("203.0.113.5", "https", True)
        assert self.read("198.51.100.1", said) == ("198.51.100.1", "http", False)
        assert self.read("127.0.0.1", said, trusted=Allowance()) == ("127.0.0.1", "http", False)

    @pytest.mark.parametrize(
        ("chain", "peer"),
        [
            ("203.0.113.5:1234", "203.0.113.5"),
            ("[2001:db8::5]:1234", "2001:db8::5"),
            ("2001:db8::5", "2001:db8::5"),
            ("::ffff:203.0.113.5", "203.0.113.5"),
            ("evil, 203.0.113.5", "203.0.113.5"),
            ("203.0.113.5, evil", "127.0.0.1"),
            ("", "127.0.0.1"),
            (",,,", "127.0.0.1"),
            ("unknown", "127.0.0.1"),
        ],
    )
    def test_the_nearest_stranger_is_the_client(self, chain: str, peer: str) -> None:
        assert self.read("127.0.0.1", {"X-Forwarded-For": chain})[0] == peer

    @given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=60))
    def test_wild_headers_break_nothing(self, chain: str, scheme: str, host: str) -> None:
        wild = {"X-Forwarded-For": chain, "X-Forwarded-Proto": scheme, "Host": host}
        sent = {name: value.encode("latin-1", "ignore").decode("latin-1") for name, value in wild.items()}
        assert self.read("127.0.0.1", sent)[1] in ("http", "https")


class TestReadiness:
    @BOTH_DATABASES
    def test_ready_with_a_worker_and_not_without_one(
        self, client: Browser, services: WebServices, user_id: int
    ) -> None:
        alone = client.get("/readyz")
        assert alone.status_code == 503
        assert alone.json()["status"] == "not ready"
        assert "marsad worker" in alone.json()["reasons"][0]
        with working(services.database, kind="serve"):
            time.sleep(1.1)  # the answer is kept for a second
            before = dump(services.database)
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()) == (200, {"status": "ready", "reasons": []})
            assert dump(services.database) == before

    def test_a_worker_that_is_not_heard_of_is_no_worker(
        self, client: Browser, services: WebServices, user_id: int
    ) -> None:
        with working(services.database, kind="worker"):
            with services.database.write() as session:
                for row in session.query(WorkerRow):
                    row.seen_at -= timedelta(hours=1)
            assert client.get("/readyz").status_code == 503

    def test_many_questions_while_the_database_is_held_leave_the_other_pages_threads(
        self, client: Browser, services: WebServices, user_id: int
    ) -> None:
        with ThreadPoolExecutor(60) as pool:
            with services.database.write():
                asked = [pool.submit(client.get, "/readyz") for _ in range(50)]
                began = time.perf_counter()
                assert client.get("/healthz").status_code == 200
                assert client.get("/login").status_code == 200
                assert time.perf_counter() - began < 5
            answers = [each.result() for each in asked]
        assert {answer.status_code for answer in answers} == {503}
        assert any("takes long to answer" in answer.text for answer in answers)

    def test_strangers_read_the_status_without_its_reasons(
        self, services: WebServices, user_id: int, open_site: Callable[..., Browser]
    ) -> None:
        allowed = networks("203.0.113.0/24")
        browser = open_site(services, trusted_proxies=THIS_MACHINE, metrics_allow=allowed)

        def ask_as(peer: str) -> tuple[int, dict[str, object]]:
            answer = browser.get("/readyz", headers={"X-Forwarded-For": peer})
            return answer.status_code, answer.json()

        status, told = ask_as("203.0.113.5")
        assert status == 503
        assert told["reasons"]
        assert ask_as("198.51.100.1") == (503, {"status": "not ready"})
        unknown_proxy = open_site(services).get("/readyz", headers={"X-Forwarded-For": "127.0.0.1"})
        assert unknown_proxy.json() == {"status": "not ready"}
        with working(services.database, kind="serve"):
            time.sleep(1.1)  # the answer is kept for a second
            assert ask_as("198.51.100.1") == (200, {"status": "ready"})

    def test_an_old_schema_is_said(self, client: Browser, services: WebServices) -> None:
        with services.database.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "schema is at 0001" in answer.json()["reasons"][0]

    def test_a_disk_without_room_is_noticed(self, database: Database) -> None:
        # A limit on the size of files stands for the full disk: the write fails in the same place.
        program = f"""
import resource
from marsad.errors import DatabaseUnreachable
from storage.database import open_database
from storage.health import check_writable
database = open_database("sqlite:///{database.file}")
check_writable(database)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
database.dispose()
try:
    check_writable(database)
except DatabaseUnreachable as exc:
    print("noticed:", exc)
"""
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        )
        assert done.stdout.startswith("noticed: The database sqlite:///")

    def test_alive_says_nothing_of_the_database(self, client: Browser) -> None:
        assert client.get("/healthz").json() == {"status": "alive"}
