"""The Dockerfile: nothing forgotten, nothing too much, nobody root."""

from __future__ import annotations

import re
import tomllib

from tests.conftest import ROOT
from tests.deploy.compose import read_compose

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"][
    "targets"
]["wheel"]["packages"]
LINES = [line for line in DOCKERFILE.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]


def copied() -> set[str]:
    """What comes from the repository."""
    copies = [line.split()[1:-1] for line in LINES if line.startswith("COPY ") and "--from" not in line]
    return {name.rstrip("/") for names in copies for name in names}


def test_every_package_goes_into_the_image_and_only_what_is_needed() -> None:
    assert copied() == {*PACKAGES, "pyproject.toml", "README.md", "LICENSE", "requirements.txt"}
    for package in PACKAGES:
        assert f"COPY {package}/ {package}/" in LINES


def test_the_builder_is_given_only_what_is_copied() -> None:
    assert IGNORED[1] == "*"
    assert {line[1:] for line in IGNORED if line.startswith("!")} == copied()


def test_nothing_is_downloaded_without_a_hash() -> None:
    installs = re.findall(r"pip install ([^&\n]+)", "\n".join(LINES))
    assert [" ".join(each.split()) for each in installs] == [
        "--no-deps --require-hashes -r /tmp/requirements.txt",
        "--no-deps --no-build-isolation -e .",
    ]
    assert not re.search(r"\b(curl|wget|ADD|apt-get)\b", "\n".join(LINES))


def test_both_stages_stand_on_the_same_pinned_python() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert len(images) == 2
    assert len(set(images)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-[a-z]+", images[0])


def test_the_container_is_nobody_special_and_finds_our_packages_first() -> None:
    users = {s["user"] for s in read_compose()["services"].values() if s["image"].startswith("marsad:")}
    assert users == {re.findall(r"^USER (\S+)", DOCKERFILE, re.M)[-1]}
    assert "--uid 10001 --user-group" in DOCKERFILE
    (workdir,) = set(re.findall(r"^WORKDIR (\S+)", DOCKERFILE, re.M))
    assert f"PYTHONPATH={workdir}" in DOCKERFILE
    # An exec form: the program itself gets the signals.
    assert LINES[-1] == 'CMD ["marsad", "serve"]'
