"""Settings: one frozen object, read once from the environment by the program's edge.

Each secret may also be given as a file, in a variable of the same name with `_FILE` (Docker secrets).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from marsad.addresses import Allowance, parse_allowance
from marsad.errors import SettingInvalid

SETTINGS = {
    "MARSAD_DATABASE_URL": "where everything is stored; default: SQLite in the data folder",
    "MARSAD_DATA_DIR": "the data folder; default: the platform's user data folder",
    "MARSAD_LISTEN": "address of the web app; default 127.0.0.1:8080",
    "MARSAD_PUBLIC_URL": "the address at which users reach the web app",
    "MARSAD_SMTP_URL": "mail server: smtp://user:password@host:587 or smtps://host:465",
    "MARSAD_MAIL_FROM": "sender of the mails, such as marsad@example.com",
    "MARSAD_FETCH_ALLOW": "networks (CIDR) that feeds may reach although they are not public",
    "MARSAD_DELIVER_ALLOW": "networks (CIDR) that webhooks and mail may reach although they are not public",
    "MARSAD_METRICS_ALLOW": "networks (CIDR) that may read /metrics and why /readyz fails; default: this machine",
    "MARSAD_TRUSTED_PROXIES": "networks (CIDR) of reverse proxies whose X-Forwarded-* headers count",
    "MARSAD_INSECURE_HTTP": "1 lets people sign in over plain HTTP from other machines; default 0",
    "MARSAD_POLL_INTERVAL": "seconds between two polls of a source; default 900",
    "MARSAD_HOST_DELAY": "seconds between two requests to one host; default 1",
}
"""Every setting with its one-line explanation; docs/settings.md and `--help` are held to this table."""

SECRETS = ("MARSAD_DATABASE_URL", "MARSAD_SMTP_URL")
_PLACEHOLDERS = ("changeme", "change-me", "CHANGE_ME", "<password>")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server; `tls` is "implicit" (smtps), "starttls" (required), or "opportunistic"."""

    host: str
    port: int
    tls: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    data_dir: Path
    database_url: str = field(repr=False)
    listen: tuple[str, int] = ("127.0.0.1", 8080)
    public_url: str | None = None
    smtp: SmtpServer | None = None
    mail_from: str | None = None
    fetch_allow: Allowance = Allowance()
    deliver_allow: Allowance = Allowance()
    metrics_allow: Allowance = Allowance()
    trusted_proxies: Allowance = Allowance()
    insecure_http: bool = False
    poll_interval: float = 900.0
    host_delay: float = 1.0
    listen_chosen: bool = False
    """MARSAD_LISTEN was given: then another port is no substitute."""
    unknown: tuple[str, ...] = ()
    """Variables that begin with MARSAD_ and mean nothing: reported, because a typing error hides there."""


def read_settings(environ: Mapping[str, str], *, default_data_dir: Path) -> Settings:
    """Read the settings; raises SettingInvalid with the variable's name and a value that would do."""
    values = {name: value for name in SETTINGS if (value := _value(environ, name))}
    data_dir = _folder(values.get("MARSAD_DATA_DIR")) or default_data_dir.absolute()
    known = set(SETTINGS) | {f"{name}_FILE" for name in SECRETS}
    return Settings(
        data_dir=data_dir,
        database_url=values.get(
            "MARSAD_DATABASE_URL", f"sqlite:///{quote(str(data_dir / 'marsad.sqlite3'))}"
        ),
        listen=parse_listen(values.get("MARSAD_LISTEN", "127.0.0.1:8080")),
        listen_chosen="MARSAD_LISTEN" in values,
        public_url=_public_url(values.get("MARSAD_PUBLIC_URL")),
        smtp=_smtp(values["MARSAD_SMTP_URL"]) if "MARSAD_SMTP_URL" in values else None,
        mail_from=_mail_from(values.get("MARSAD_MAIL_FROM")),
        fetch_allow=parse_allowance(values.get("MARSAD_FETCH_ALLOW", ""), setting="MARSAD_FETCH_ALLOW"),
        deliver_allow=parse_allowance(values.get("MARSAD_DELIVER_ALLOW", ""), setting="MARSAD_DELIVER_ALLOW"),
        metrics_allow=parse_allowance(values.get("MARSAD_METRICS_ALLOW", ""), setting="MARSAD_METRICS_ALLOW"),
        trusted_proxies=parse_allowance(
            values.get("MARSAD_TRUSTED_PROXIES", ""), setting="MARSAD_TRUSTED_PROXIES"
        ),
        insecure_http=_switch(values, "MARSAD_INSECURE_HTTP"),
        poll_interval=_seconds(values.get("MARSAD_POLL_INTERVAL", "900"), "MARSAD_POLL_INTERVAL", 1, 86400),
        host_delay=_seconds(values.get("MARSAD_HOST_DELAY", "1"), "MARSAD_HOST_DELAY", 0, 30),
        unknown=tuple(sorted(n for n in environ if n.startswith("MARSAD_") and n not in known)),
    )


def _value(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name)
    if name in SECRETS and (file := environ.get(f"{name}_FILE")):
        if value:
            raise SettingInvalid(f"{name} and {name}_FILE are both set; keep one of them.")
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except OSError as exc:
            raise SettingInvalid(
                f"{name}_FILE: cannot read {file} ({exc.strerror}); check its name and rights."
            ) from exc
        except UnicodeDecodeError:
            # The cause is dropped on purpose: it quotes what the file holds.
            raise SettingInvalid(
                f"{name}_FILE: {file} is no text in UTF-8; write the value into it."
            ) from None
    if name in SECRETS and value and any(p in value for p in _PLACEHOLDERS):
        raise SettingInvalid(f"{name} still holds a placeholder password; set the real one.")
    return value.strip() if value else None


def _folder(value: str | None) -> Path | None:
    if value is None:
        return None
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError as exc:
        raise SettingInvalid(
            f"MARSAD_DATA_DIR is '{value}', a home folder that does not exist; write the whole path."
        ) from exc


def _smtp(url: str) -> SmtpServer:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise SettingInvalid("MARSAD_SMTP_URL has no usable port; write smtp://host:587.") from exc
    if parts.scheme not in ("smtp", "smtps", "smtp+starttls") or not parts.hostname:
        raise SettingInvalid(
            "MARSAD_SMTP_URL is not a mail server address; write smtp://user:password@host:587 or smtps://host:465."
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        # The rest of a password with / ? or # in it: what stands before would be taken for the host.
        raise SettingInvalid(
            "MARSAD_SMTP_URL goes on after the host; write / ? # and @ inside the password as %2F %3F %23 %40."
        )
    tls = {"smtp": "opportunistic", "smtps": "implicit", "smtp+starttls": "starttls"}[parts.scheme]
    return SmtpServer(
        host=parts.hostname,
        port=port or (465 if tls == "implicit" else 587 if tls == "starttls" else 25),
        tls=tls,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _mail_from(value: str | None) -> str | None:
    if value is not None and ("@" not in value or any(c.isspace() and c != " " for c in value)):
        raise SettingInvalid("MARSAD_MAIL_FROM is not a mail address; write marsad@example.com.")
    return value


def _seconds(value: str, setting: str, least: int, most: int) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not least <= seconds <= most:
        raise SettingInvalid(f"{setting} is '{value}'; write a number of seconds from {least} to {most}.")
    return seconds


def _switch(values: Mapping[str, str], setting: str) -> bool:
    value = values.get(setting, "0")
    if value not in ("0", "1"):
        raise SettingInvalid(f"{setting} is '{value}'; write 1 or 0.")
    return value == "1"


def parse_listen(value: str, *, setting: str = "MARSAD_LISTEN") -> tuple[str, int]:
    """Read `127.0.0.1:8080`, `[::1]:8080` or `:8080`, which means every address. Raises SettingInvalid."""
    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "0.0.0.0"  # noqa: S104  # asked for, and said in docs
    try:
        ip_address(host)
    except ValueError:
        colon = ""
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise SettingInvalid(
            f"{setting} is '{value}'; write an IP address and a port, such as 127.0.0.1:8080 or 0.0.0.0:8080."
        )
    return host, int(port)


def _public_url(value: str | None) -> str | None:
    """An address without a path: the web app stands at the root of its host name."""
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or port == 0:
        raise SettingInvalid(
            f"MARSAD_PUBLIC_URL is '{value}'; write the address that users open, such as https://marsad.example.com."
        )
    return value.rstrip("/")
