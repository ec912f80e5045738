"""Web addresses that two parsers could read differently are refused before anything is looked up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.addresses import parse_target
from marsad.errors import AddressInvalid

TRICKS = [
    "http://public.example\\@127.0.0.1/",
    "http://127.0.0.1\\@public.example/",
    "http://public.example\\.evil.example/",
    "http:\\\\127.0.0.1/",
    "http:/\\127.0.0.1/",
    "http://public.example@127.0.0.1/",
    "http://user:CANARY@127.0.0.1/",
    "http://user:CANARY@public.example:80@127.0.0.1/",
    "http://public.example%40127.0.0.1/",
    "http://public.example%2f@127.0.0.1/",
    "http://public.example#@127.0.0.1/",
    "http://public.example?@127.0.0.1/",
    "http://public.example;@127.0.0.1/",
    "http://[::1]public.example/",
    "http://[::1%25lo]/",
    "http://[127.0.0.1]/",
    "http://[::1",
    "http://::1/",
    "http://127.0.0.1:80:443/",
    "http://public.example:٨٠/",
    "http://public.example:0/",
    "http://public.example:65536/",
    "http://public.example:-80/",
    "http:///127.0.0.1/",
    "http:127.0.0.1",
    "//127.0.0.1/",
    "http://",
    "http://.../",
    "http://a..b/",
    "http://exa%6dple.com/",
    "http://127.0.0.1%00.public.example/",
    "http://127.0.0.1\x00.public.example/",
    "http://127.0.0.1\n.public.example/",
    "http://public.example\t/",
    "ht\ntp://public.example/",
    " http://public.example/",
    "http://public.example/ HTTP/1.1\r\nHost: 127.0.0.1",
    "http://public.example／@127.0.0.1/",
    "http://public.example＠127.0.0.1/",
    "http://public.example＃.evil.example/",
    "http://public.example\u2028/",
    "http://public.example/\ud800",
    "http://{127.0.0.1}/",
    "http://127.0.0.1,public.example/",
    f"http://{'a' * 64}.example/",
    f"http://{'a.' * 130}example/",
]

_SCHEMES = """
file:///etc/passwd FILE:///etc/passwd ftp://h.example/ ftps://h.example/ gopher://h.example/ dict://h.example/
data:text/html,x javascript:alert(1) JaVaScRiPt:alert(1) jar:http://h.example!/ ldap://h.example/ s3://bucket/
ssh://h.example/ telnet://h.example/ tftp://h.example/ ws://h.example/ wss://h.example/ view-source:http://h.example/
feed://h.example/ mailto:a@h.example about:blank blob:http://h.example/ httpx://h.example/ http+unix://h.example/
"""


@pytest.mark.parametrize("url", TRICKS)
def test_parser_tricks_are_refused(url: str) -> None:
    with pytest.raises(AddressInvalid) as caught:
        parse_target(url)
    assert "CANARY" not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("url", _SCHEMES.split())
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(AddressInvalid):
        parse_target(url)


@pytest.mark.parametrize(
    "url",
    ["ftp://user:CANARY@h.example/", "http://user:CANARY@h.example\\/", "http://user:CANARY@h.example:x/"],
)
def test_a_password_in_an_address_is_not_repeated(url: str) -> None:
    with pytest.raises(AddressInvalid) as caught:
        parse_target(url)
    assert "CANARY" not in f"{caught.value!r}"


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port"),
    [
        ("https://news.example/feed", "https", "news.example", 443),
        ("HTTP://News.EXAMPLE./feed?a=b@c#d", "http", "news.example", 80),
        ("http://news.example:8080", "http", "news.example", 8080),
        ("http://news.example:/", "http", "news.example", 80),
        ("https://مثال.إختبار/خلاصة", "https", "xn--mgbh0fb.xn--kgbechtv", 443),
        ("https://[2606:4700::1111]:8443/", "https", "2606:4700::1111", 8443),
        ("https://a_b.example/", "https", "a_b.example", 443),
        ("https://news.example/@author", "https", "news.example", 443),
    ],
)
def test_plain_addresses_are_taken_apart(url: str, scheme: str, host: str, port: int) -> None:
    target = parse_target(url)
    assert (target.scheme, target.host, target.port) == (scheme, host, port)


@given(
    st.text(st.characters(codec=None), max_size=60),
    st.sampled_from(["", "http://", "https://", "//", "http:/"]),
)
def test_any_text_is_taken_apart_or_refused_in_one_printable_sentence(text: str, prefix: str) -> None:
    try:
        target = parse_target(prefix + text)
    except AddressInvalid as exc:
        sentence = str(exc)
    else:
        sentence = f"{target.host}:{target.port}"
        assert sentence.isascii()
        assert sentence == sentence.lower()
        assert 0 < target.port < 65536
    assert sentence.isprintable()
