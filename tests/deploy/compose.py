"""docker-compose.yml as Docker Compose reads it: interpolated, with .env, services chosen by profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.conftest import ROOT

COMPOSE = ROOT / "docker-compose.yml"
ENV_FILE = ROOT / ".env"
_INNERMOST = re.compile(r"\$\{(\w+)(?::-([^${}]*))?\}")


def read_compose(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file's content with `${NAME:-default}` filled in from the environment (none by default)."""
    content = _fill_in(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")), environment or {})
    assert isinstance(content, dict)
    return content


def read_env_file() -> dict[str, str]:
    """The variables that .env gives Compose where the environment has none of them."""
    lines = ENV_FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line.strip() and not line.startswith("#"))


def services_of(profile: str, content: Mapping[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """The services that start when this is the only active profile."""
    services = (content or read_compose())["services"]
    return {name: s for name, s in services.items() if profile in s.get("profiles", [profile])}


def is_ours(service: Mapping[str, Any]) -> bool:
    """Tell our own services from those of other people's images."""
    return str(service["image"]).startswith("marsad:")


def _fill_in(value: Any, given: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _fill_in(each, given) for key, each in value.items()}
    if isinstance(value, list):
        return [_fill_in(each, given) for each in value]
    if not isinstance(value, str):
        return value
    # From the inside out: a default may hold another variable.
    while (filled := _INNERMOST.sub(lambda m: given.get(m[1]) or m[2] or "", value)) != value:
        value = filled
    return value
