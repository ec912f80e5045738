"""Row 18 of the faults: whatever a server says of its encoding, Arabic arrives exactly."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.decode import decode
from tests.spiders.documents import TITLES, rss

LONG = rss(*TITLES * 4)


def _as(encoding: str, declared: str | None) -> bytes:
    return rss(*TITLES[:1] * 12, declared=declared).replace("ُ", "").replace("ٍ", "").encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("utf-8", "utf-8", None),
        ("utf-8", "windows-1256", None),
        ("utf-8", "utf-16", None),
        ("utf-8", "nonsense-9", "text/xml; charset=other-nonsense"),
        ("utf-8", None, "text/xml; charset=iso-8859-1"),
        ("utf-8", None, "text/xml; charset=windows-1256"),
        ("utf-8-sig", "windows-1256", None),
        ("utf-16", "utf-16", None),
        ("utf-16-le", "utf-16", None),
        ("utf-16-be", "utf-16", None),
        ("cp1256", "windows-1256", None),
        ("cp1256", "utf-8", "text/xml; charset=windows-1256"),
        ("cp1256", "windows-1256", "text/xml; charset=utf-8"),
        ("cp1256", "iso-8859-1", None),
        ("cp1256", None, None),
        ("iso8859-6", "iso-8859-6", None),
        ("iso8859-6", "iso-8859-6", "text/xml; charset=windows-1256"),
        ("iso8859-6", None, None),
    ],
)
def test_arabic_arrives_exactly(encoding: str, declared: str | None, header: str | None) -> None:
    content = _as(encoding, declared)

    assert "إنفيديا تكشف عن معالج جديد" in decode(content, header).text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Société générale d’été à Genève"),
        ("cp1251", "Новости технологий сегодня"),
        ("gb18030", "人工智能新闻"),
        ("euc-kr", "인공 지능 뉴스"),
        ("shift_jis", "人工知能のニュース"),
    ],
)
def test_other_languages_keep_what_they_declare(encoding: str, text: str) -> None:
    document = (
        f'<?xml version="1.0" encoding="{encoding}"?><rss><channel><title>{text}</title></channel></rss>'
    )

    assert text in decode(document.encode(encoding)).text


def test_one_broken_byte_costs_one_letter() -> None:
    content = LONG.encode().replace("هـواوي".encode(), "هـوا".encode() + b"\xd9" + "ي".encode(), 1)

    text = decode(content, "text/xml; charset=utf-8").text

    assert text.count("هـواوي") == 3
    assert "هـوا\ufffdي" in text


def test_a_cut_inside_a_letter_leaves_the_rest() -> None:
    content = LONG.encode()
    cut = content.rindex("الاصطناعي".encode()) + 1

    assert decode(content[:cut]).text == content[: cut - 1].decode()


def test_an_entry_in_another_encoding_is_read_as_what_it_is() -> None:
    content = LONG.encode().replace(
        "أخبار الذكاء الاصطناعي".encode(), "أخبار الذكاء الاصطناعي".encode("cp1256")
    )

    text = decode(content).text

    assert text.count("الذكاء الاصطناعي") == 4
    assert text.count("إنفيديا") == 4


@given(
    st.binary(max_size=200),
    st.sampled_from([None, "text/xml", "text/html; charset=cp1256", "x; charset=utf-16"]),
)
def test_any_bytes_decode(content: bytes, header: str | None) -> None:
    assert isinstance(decode(codecs.BOM_UTF16_LE + content, header).text, str)
    assert isinstance(decode(content, header).text, str)
