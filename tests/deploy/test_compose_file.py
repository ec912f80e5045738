"""docker-compose.yml: valid, one service by default, five kinds in scale, all of them confined."""

from __future__ import annotations

import ipaddress
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from marsad import __version__
from marsad.config import SECRETS, SETTINGS, read_settings
from scheduler.ticker import DRAIN_SECONDS
from tests.conftest import ROOT
from tests.deploy.compose import COMPOSE, is_ours, read_compose, read_env_file, services_of

CONTENT = read_compose()
SERVICES: dict[str, dict[str, Any]] = CONTENT["services"]
OURS = {name: service for name, service in SERVICES.items() if is_ours(service)}


def test_the_file_follows_the_compose_specification() -> None:
    program = Path(sys.executable).with_name("check-jsonschema")
    call = [str(program), "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_a_profile_named_one_service_on_sqlite_starts() -> None:
    (service,) = services_of(read_env_file()["COMPOSE_PROFILES"]).values()
    assert service["command"] == ["marsad", "serve"]
    assert not any(name.startswith("MARSAD_DATABASE_URL") for name in service["environment"])
    assert service["volumes"] == [f"data:{service['environment']['MARSAD_DATA_DIR']}"]


def test_scale_is_postgres_two_web_three_workers_and_what_shares_out_their_port() -> None:
    services = services_of("scale")
    replicas = {name: s.get("deploy", {}).get("replicas", 1) for name, s in services.items()}
    assert replicas == {"postgres": 1, "web": 2, "worker": 3, "proxy": 1}
    assert services["web"]["command"] == ["marsad", "web"]
    assert services["worker"]["command"] == ["marsad", "worker"]


def test_every_service_is_in_exactly_one_profile() -> None:
    assert {len(service["profiles"]) for service in SERVICES.values()} == {1}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    user, _, group = service["user"].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    assert not service.get("privileged")


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned(name: str) -> None:
    image = SERVICES[name]["image"]
    assert image == f"marsad:{__version__}" if name in OURS else re.search(r":\d+\.\d+", image)


def test_ports_are_published_on_this_machine_only() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8080:8080"] * 2


@pytest.mark.parametrize("name", OURS)
def test_every_setting_exists_and_can_be_read(name: str, tmp_path: Path) -> None:
    environment = OURS[name]["environment"]
    assert set(environment) <= set(SETTINGS) | {f"{secret}_FILE" for secret in SECRETS}
    plain = {key: str(value) for key, value in environment.items() if not key.endswith("_FILE")}
    settings = read_settings(plain, default_data_dir=tmp_path)
    assert settings.unknown == ()
    assert settings.public_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_as_files_and_each_is_mounted_where_it_is_read(name: str) -> None:
    service = SERVICES[name]
    files = {v for k, v in service.get("environment", {}).items() if k.endswith("_FILE")}
    assert files == {f"/run/secrets/{secret}" for secret in service.get("secrets", [])}
    assert set(service.get("secrets", [])) <= set(CONTENT["secrets"])
    assert not any(secret in service.get("environment", {}) for secret in (*SECRETS, "POSTGRES_PASSWORD"))


def test_secret_files_are_no_part_of_the_project() -> None:
    for secret in CONTENT["secrets"].values():
        path = secret["file"]
        assert (
            (ROOT / path).stat().st_size == 0 if path == "./docker/empty" else path.startswith("./secrets/")
        )
    assert "secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", OURS)
def test_docker_waits_longer_than_a_drain_lasts(name: str) -> None:
    assert int(OURS[name]["stop_grace_period"].removesuffix("s")) >= 10 > DRAIN_SECONDS


def test_web_believes_its_proxy_and_nobody_else() -> None:
    (front,) = CONTENT["networks"]["front"]["ipam"]["config"]
    assert OURS["web"]["environment"]["MARSAD_TRUSTED_PROXIES"] == front["subnet"]
    assert ipaddress.ip_network(front["subnet"]).is_private
    assert {n for n, s in SERVICES.items() if "front" in s.get("networks", [])} == {"web", "proxy"}
    assert "ports" not in OURS["web"]
    assert "name web\n" in (ROOT / "docker" / "Caddyfile").read_text(encoding="utf-8")


def test_the_database_is_reached_by_those_who_need_it_only() -> None:
    assert CONTENT["networks"]["database"] == {"internal": True}
    members = {n for n, s in SERVICES.items() if "database" in s.get("networks", [])}
    assert members == {"web", "worker", "postgres"}
    assert SERVICES["postgres"]["networks"] == ["database"]


def test_another_port_and_address_are_one_variable_each() -> None:
    moved = services_of("default", read_compose({"PUBLISHED_PORT": "9000"}))["marsad"]
    assert moved["ports"] == ["127.0.0.1:9000:8080"]
    assert moved["environment"]["MARSAD_PUBLIC_URL"] == "http://127.0.0.1:9000"
    public = services_of("scale", read_compose({"MARSAD_PUBLIC_URL": "https://marsad.example"}))
    assert public["web"]["environment"]["MARSAD_PUBLIC_URL"] == "https://marsad.example"
