"""Settings that cannot be used are refused by name, with a value that would do, and show no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from marsad.config import SmtpServer, read_settings
from marsad.errors import SettingInvalid

CANARY = "kanarya-7361"


@pytest.mark.parametrize(
    ("name", "value", "way_out"),
    [
        ("MARSAD_DATA_DIR", "~no-such-user/marsad", "whole path"),
        ("MARSAD_DATABASE_URL", "postgresql://marsad:changeme@localhost/marsad", "the real one"),
        ("MARSAD_SMTP_URL", f"{CANARY}@mail.example", "smtp://user:password@host:587"),
        ("MARSAD_SMTP_URL", "http://mail.example", "smtps://host:465"),
        ("MARSAD_SMTP_URL", f"smtp://me:{CANARY}@mail.example:port", "smtp://host:587"),
        ("MARSAD_SMTP_URL", f"smtp://me:1#{CANARY}@mail.example", "%23"),
        ("MARSAD_SMTP_URL", f"smtp://me:1/{CANARY}@mail.example", "%2F"),
        ("MARSAD_SMTP_URL", f"smtp://me:1?{CANARY}@mail.example", "%3F"),
        ("MARSAD_SMTP_URL", "smtp://me:<password>@mail.example", "the real one"),
        ("MARSAD_MAIL_FROM", "marsad", "marsad@example.com"),
        ("MARSAD_MAIL_FROM", "marsad@desk.example\nBcc: all@desk.example", "marsad@example.com"),
        ("MARSAD_FETCH_ALLOW", "localhost", "127.0.0.1/32"),
        ("MARSAD_DELIVER_ALLOW", "10.0.0.1/8", "127.0.0.1/32"),
        ("MARSAD_HOST_DELAY", "nan", "a number of seconds"),
        ("MARSAD_HOST_DELAY", "-1", "a number of seconds"),
    ],
)
def test_a_value_that_cannot_be_used_names_the_setting_and_one_that_can(
    name: str, value: str, way_out: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingInvalid) as caught:
        read_settings({name: value}, default_data_dir=tmp_path)
    said = str(caught.value)
    assert name in said
    assert way_out in said
    assert "\n" not in said
    assert CANARY not in said


def test_a_secret_comes_from_a_file_and_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"smtps://me:{CANARY}%40%2F@mail.example\n", encoding="utf-8")
    settings = read_settings({"MARSAD_SMTP_URL_FILE": str(file)}, default_data_dir=tmp_path)
    assert settings.smtp == SmtpServer("mail.example", 465, "implicit", "me", f"{CANARY}@/")
    assert CANARY not in repr(settings)


@pytest.mark.parametrize("content", [None, b"\xff\xfe" + CANARY.encode()])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingInvalid, match=r"MARSAD_SMTP_URL_FILE.*secret") as caught:
        read_settings({"MARSAD_SMTP_URL_FILE": str(file)}, default_data_dir=tmp_path)
    assert CANARY not in str(caught.value)


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    both = {"MARSAD_SMTP_URL": "smtp://a.example", "MARSAD_SMTP_URL_FILE": str(tmp_path / "x")}
    with pytest.raises(SettingInvalid, match="keep one"):
        read_settings(both, default_data_dir=tmp_path)


def test_unknown_names_are_kept_for_a_report(tmp_path: Path) -> None:
    given = {"MARSAD_SMPT_URL": "x", "MARSAD_SMTP_URL_FILE": "", "MARSAD_LISTEN_FILE": "x", "PATH": "/bin"}
    settings = read_settings(given, default_data_dir=tmp_path)
    assert settings.unknown == ("MARSAD_LISTEN_FILE", "MARSAD_SMPT_URL")
