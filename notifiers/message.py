"""An alert as a mail: RFC 5322 headers, plain text and HTML from one context, Arabic right to left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from urllib.parse import urlsplit

import jinja2

from marsad.addresses import ascii_host
from marsad.errors import AddressInvalid
from marsad.types import Alert, FieldName, MatchNotice
from notifiers.text import clip, direction, inline, isolate, one_line

_PRODUCT = "مرصد"
_FIELDS: dict[FieldName, str] = {"title": "العنوان", "summary": "الملخص", "text": "نص الخبر"}
_MONTHS = (
    "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو",
    "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
)  # fmt: skip
_SHOWN_MATCHES = 40
_POLICY = compat32.clone(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A match as both templates print it."""

    term: str
    watchlist: str
    field: str
    before: str
    spelling: str
    after: str


def mail_address(text: str) -> str:
    """Return the bare address of `Name <user@host>`, its domain as A-labels.

    Raises AddressInvalid for what is not one address, and for letters before the @ that are not
    ASCII, which few servers accept (RFC 6531).
    """
    line = one_line(text)
    address = parseaddr(line)[1]
    local, _, domain = address.rpartition("@")
    single = line == address or line.endswith(f"<{address}>")
    if not (single and local and local.isascii()) or any(c in ' ()<>[]:;@\\,"' for c in local):
        raise AddressInvalid("The mail address is not usable; write one like name@example.com.")
    return f"{local}@{ascii_host(domain)}"


def subject(alert: Alert) -> str:
    """Return the subject: the product, the terms found, the headline; each term and headline isolated."""
    terms = list(dict.fromkeys(one_line(m.term, 40) for m in alert.matches))
    named = "، ".join(isolate(term) for term in terms[:4]) + (f" +{len(terms) - 4}" if len(terms) > 4 else "")
    kind = "رسالة تجريبية" if alert.test else named
    return " · ".join(part for part in (_PRODUCT, kind, isolate(_headline(alert))) if part)


def compose(
    alert: Alert, *, recipient: str, sender: str, sender_name: str, channel: str, now: datetime,
    templates: jinja2.Environment,
) -> bytes:  # fmt: skip
    """Write the mail with CRLF line ends and no line over 998 octets (RFC 5322 §2.1.1).

    `sender` and `recipient` are bare ASCII addresses. The Message-ID follows from the delivery alone,
    so a repeat after a lost answer is recognised. Whatever a publisher wrote is cleaned, never refused.
    """
    context = _context(alert, channel)
    # Fixed: base64 never holds "=_", and searching the parts for a free one costs a tenth of the work.
    mail = MIMEMultipart("alternative", boundary="=_marsad_alternatives")
    # The old header class: the new one loses spaces where it folds Arabic and refuses stray line ends.
    mail["Subject"] = Header(subject(alert), "utf-8", header_name="Subject")  # type: ignore[assignment]
    mail["From"] = formataddr((sender_name or _PRODUCT, sender))
    mail["To"] = recipient
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Message-ID"] = f"<{_id_part(alert.delivery_id)}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = "ar"
    for subtype, name in (("plain", "alert.txt"), ("html", "alert.html")):
        mail.attach(MIMEText(templates.get_template(name).render(context), subtype, "utf-8"))
    return mail.as_bytes(policy=_POLICY)


def open_templates() -> jinja2.Environment:
    """Open the folder of templates: HTML escapes, plain text does not, a missing value is an error."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("notifiers"),
        autoescape=jinja2.select_autoescape(("html",), default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["isolate"] = isolate
    templates.tests["arabic"] = lambda text: direction(text) == "rtl"
    return templates


def _context(alert: Alert, channel: str) -> dict[str, object]:
    shown = [_show(notice) for notice in alert.matches[:_SHOWN_MATCHES]]
    return {
        "product": _PRODUCT,
        "test": alert.test,
        "title": _headline(alert),
        "url": _link(alert.url),
        "source": one_line(alert.source, 100),
        "published": _date(alert.published) if alert.published else None,
        "summary": one_line(alert.summary, 600) if alert.summary else None,
        "matches": shown,
        "left_out": len(alert.matches) - len(shown),
        "channel": one_line(channel, 100),
    }


def _show(notice: MatchNotice) -> _Shown:
    return _Shown(
        term=one_line(notice.term, 100),
        watchlist=one_line(notice.watchlist, 100),
        field=_FIELDS[notice.field],
        before=inline(notice.before)[-300:],
        spelling=one_line(notice.spelling, 100),
        after=clip(inline(notice.after), 300),
    )


def _headline(alert: Alert) -> str:
    return one_line(alert.title, 200) or "خبر بلا عنوان"


def _link(url: str | None) -> str | None:
    """Return the address if a reader may be sent there: http or https, nothing that runs."""
    cleaned = "".join(inline(url or "").split())
    try:
        usable = urlsplit(cleaned).scheme in ("http", "https") and len(cleaned) <= 2_000
    except ValueError:
        usable = False
    return cleaned if usable else None


def _date(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}، {utc:%H:%M} بتوقيت غرينتش"


def _id_part(delivery_id: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in delivery_id)
