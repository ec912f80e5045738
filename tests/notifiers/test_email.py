"""What a reader gets: text and HTML that say the same, exact, right to left, whatever a publisher wrote."""

from __future__ import annotations

import email
import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.addresses import Allowance
from marsad.config import SmtpServer
from marsad.errors import AddressInvalid
from marsad.types import Alert, ChannelTarget, MatchNotice
from notifiers.email import EmailNotifier
from notifiers.message import compose, mail_address, open_templates, subject
from tests.servers import Mail, MailBox

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TEMPLATES = open_templates()


def _notifier(
    box: MailBox, allow: Allowance, mail_from: str | None = "marsad@alerts.example"
) -> EmailNotifier:
    server = SmtpServer("127.0.0.1", box.port, "opportunistic")
    return EmailNotifier(server, mail_from=mail_from, allow=allow, now=lambda: NOW)


def _composed(alert: Alert) -> Mail:
    content = compose(
        alert,
        recipient="reader@example.com",
        sender="marsad@alerts.example",
        sender_name="",
        channel="بريد",
        now=NOW,
        templates=TEMPLATES,
    )
    return Mail("", (), content)


async def test_a_mail_arrives_with_its_envelope_and_headers(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    receipt = await _notifier(mailbox, loopback).notify(alert, email_target)
    (mail,) = mailbox.mails
    assert receipt.detail == "kept"
    assert (mail.sender, mail.recipients) == ("marsad@alerts.example", ("reader@example.com",))
    headers = mail.message
    assert str(make_header(decode_header(headers["From"]))) == "مرصد <marsad@alerts.example>"
    assert headers["To"] == "reader@example.com"
    assert headers["Message-ID"] == "<msg_2f9c41@alerts.example>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(headers["Date"]) == NOW
    assert headers["List-Unsubscribe"] is None
    assert headers.get_content_type() == "multipart/alternative"
    assert mail.subject == subject(alert)


async def test_text_and_html_tell_the_same(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    await _notifier(mailbox, loopback).notify(alert, email_target)
    (mail,) = mailbox.mails
    plain, html = mail.part("plain"), unescape(re.sub(r"</?(bdi|mark)\b[^>]*>", "", mail.part("html")))
    assert alert.summary
    assert alert.url
    for told in (alert.title, alert.summary, alert.source, alert.url, "22 نوفمبر 2026", "بريد المكتب"):
        assert told in plain
        assert told in html
    for match in alert.matches:
        for told in (match.term, match.watchlist, match.before + match.spelling + match.after):
            assert told in plain
            assert told in html


async def test_a_repeat_has_the_same_message_id(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    notifier = _notifier(mailbox, loopback)
    await notifier.notify(alert, email_target)
    await notifier.notify(alert, email_target)
    assert len({mail.message["Message-ID"] for mail in mailbox.mails}) == 1


async def test_a_sender_with_a_name_keeps_it(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    await _notifier(mailbox, loopback, "رصد الأخبار <alerts@مثال.إختبار>").notify(alert, email_target)
    (mail,) = mailbox.mails
    assert mail.sender == "alerts@xn--mgbh0fb.xn--kgbechtv"
    assert str(make_header(decode_header(mail.message["From"]))).startswith("رصد الأخبار <")


async def test_without_a_sender_mail_comes_from_marsad_at_localhost(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    await _notifier(mailbox, loopback, None).notify(alert, email_target)
    assert mailbox.mails[0].sender == "marsad@localhost"


# ---------------------------------------------------------------- subjects

_PIECES = """
إنفيديا هـواوي وللذّكاء الاصطناعيّ «شريحة» H20 DeepSeek-R1 Nvidia ٢٠٢٥ ٪٣٠ آبل، ؟ – … الحَوْسَبة أُعلن
مؤتمر iPhone\u00a017 5G ي ڤودافون\u200f \u200eGPT-5 مِن\u200cها 🚀 é ß 中 (ترجمة) "اقتباس"
=?utf-8?q?x?= , ; <b> & %20
"""
_WORDS = re.split(r"[ \n]", _PIECES)


def _random_title(pick: random.Random) -> str:
    return " ".join(
        "".join(pick.choices(_WORDS, k=pick.choice((1, 1, 1, 2)))) for _ in range(pick.randint(1, 25))
    )


def _decoded_subject(content: bytes) -> str:
    return str(make_header(decode_header(email.message_from_bytes(content)["Subject"])))


def test_3000_arabic_and_mixed_subjects_are_exact(alert: Alert) -> None:
    pick = random.Random(70)
    for _ in range(3000):
        changed = replace(alert, title=_random_title(pick))
        title = " ".join(changed.title.split())
        content = _composed(changed).content
        decoded = _decoded_subject(content)
        assert decoded == subject(changed)
        assert title[:190] in decoded
        assert max(map(len, content.split(b"\r\n"))) <= 998


async def test_100_subjects_are_exact_after_a_real_server(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance
) -> None:
    pick = random.Random(71)
    notifier = _notifier(mailbox, loopback)
    alerts = [replace(alert, delivery_id=f"msg_{n}", title=_random_title(pick)) for n in range(100)]
    for each in alerts:
        await notifier.notify(each, email_target)
    assert [mail.subject for mail in mailbox.mails] == [subject(each) for each in alerts]


def test_the_subject_names_terms_and_headline_each_isolated(alert: Alert) -> None:
    assert subject(alert) == (
        "مرصد · \u2068Nvidia\u2069، \u2068Huawei\u2069 · "
        "\u2067Nvidia تُعلن عن شريحة H20 الجديدة وهـواوي تردّ\u2069"
    )


def test_many_terms_are_counted_and_repeats_named_once(alert: Alert) -> None:
    notices = tuple(replace(alert.matches[0], term=f"T{n % 7}") for n in range(20))
    assert "+3" in subject(replace(alert, matches=notices))
    assert subject(replace(alert, matches=notices)).count("T0") == 1


def test_a_test_mail_says_so(alert: Alert) -> None:
    mail = _composed(replace(alert, test=True, matches=(), url=None, summary=None, published=None))
    assert "رسالة تجريبية" in mail.subject
    assert "رسالة تجريبية" in mail.part("plain")
    assert "رسالة تجريبية" in mail.part("html")


# ---------------------------------------------------------------- what publishers write


@pytest.mark.parametrize(
    "poison",
    [
        "line\r\nBcc: victim@example.com",
        "nul\x00byte",
        "lone \ud83d surrogate",
        "\x1b[31mred\x7f",
        "\u202eoverride",
        "\u2069\u2069close\u2066open",
        "\ufffe\uffff",
        "=?utf-8?b?QmNj?=",
        "",
        "م" * 5000,
    ],
)
async def test_poison_in_any_field_is_cleaned_and_sent(
    mailbox: MailBox, alert: Alert, email_target: ChannelTarget, loopback: Allowance, poison: str
) -> None:
    poisoned = replace(
        alert,
        title=poison,
        url=f"https://news.example/{poison}",
        source=poison,
        summary=poison,
        matches=(MatchNotice(poison, poison, "text", poison, poison, poison, poison, poison),),
    )
    target = replace(email_target, name=poison)
    await _notifier(mailbox, loopback).notify(poisoned, target)
    (mail,) = mailbox.mails
    assert mail.recipients == ("reader@example.com",)
    assert mail.message["Bcc"] is None
    assert mail.subject == subject(poisoned)
    assert max(map(len, mail.content.split(b"\r\n"))) <= 998
    for part in (mail.part("plain"), mail.part("html")):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", part)


_WILD = st.text(st.characters(codec=None), max_size=400)


@given(title=_WILD, other=_WILD, url=st.none() | _WILD)
def test_any_text_makes_a_mail_whose_subject_is_exact(title: str, other: str, url: str | None) -> None:
    notice = MatchNotice(other, title, "summary", title, other, title, other, title)
    alert = Alert("msg_1", NOW, 1, title, url, other, NOW, other, (notice,))
    content = _composed(alert).content
    assert _decoded_subject(content) == subject(alert)
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert len(re.findall(rb"(?<!\r)\n|\r(?!\n)", content)) == 0


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "<svg/onload=alert(1)>",
        "{{ 7*7 }}{% raw %}",
        "</mark></bdi></body>",
        "' style='background:url(//evil.example)",
    ],
)
def test_publishers_markup_stays_text(alert: Alert, payload: str) -> None:
    notice = MatchNotice(payload, payload, "text", payload, payload, payload, payload, payload)
    html = _composed(replace(alert, title=payload, summary=payload, source=payload, matches=(notice,))).part(
        "html"
    )
    tags = set(re.findall(r"<(/?\w+)", html))
    assert not tags & {"script", "img", "svg"}
    assert "49" not in re.sub(r"#\w+", "", html)
    assert html.count("</body>") == 1


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc/passwd", "http://[", "x"],
)
def test_only_web_addresses_become_links(alert: Alert, url: str) -> None:
    html = _composed(replace(alert, url=url)).part("html")
    assert "<a " not in html


def test_the_html_is_arabic_right_to_left_and_loads_nothing(alert: Alert) -> None:
    html = _composed(alert).part("html")
    assert '<html lang="ar" dir="rtl">' in html
    assert not re.search(r"<(img|link|script|iframe|style)\b|url\(|@import", html)
    assert re.findall(r'<a [^>]*rel="([^"]*)"', html) == ["noopener noreferrer"]
    assert not re.search(r"(margin|padding|border)-(left|right|top|bottom)|text-align:\s*(left|right)", html)
    assert "letter-spacing" not in html
    assert "italic" not in html
    assert html.count("<mark") == len(alert.matches)


def test_an_arabic_headline_that_begins_in_latin_is_still_laid_out_right_to_left(alert: Alert) -> None:
    html = _composed(alert).part("html")
    assert f'<bdi dir="rtl">{alert.title}</bdi>' in html
    assert '<bdi dir="auto">Nvidia</bdi>' in html


def test_matches_that_do_not_fit_are_counted(alert: Alert) -> None:
    mail = _composed(replace(alert, matches=alert.matches[:1] * 100))
    assert "لا تتسع لها الرسالة: 60" in mail.part("plain")
    assert "لا تتسع لها الرسالة: 60" in mail.part("html")


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("a@example.com", "a@example.com"),
        (" A.b+c@Example.COM\r\n", "A.b+c@example.com"),
        ("اسم <a@مثال.إختبار>", "a@xn--mgbh0fb.xn--kgbechtv"),
    ],
)
def test_mail_addresses_are_made_ascii(text: str, address: str) -> None:
    assert mail_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@example.com",
        "a@",
        "a@b@c.example",
        "a@example.com, b@example.com",
        "a@example.com\r\nRCPT TO:<b@example.com>",
        "a b@example.com",
        "<a@example.com> SIZE=1",
        "a@exa mple.com",
        "قارئ@example.com",
        "a@[127.0.0.1]",
        '"a\\"@example.com',
    ],
)
def test_what_is_not_one_mail_address_is_refused(text: str) -> None:
    with pytest.raises(AddressInvalid):
        mail_address(text)
