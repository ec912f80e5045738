"""Which addresses the guard refuses, however they are written and whatever resolves to them."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from marsad.addresses import (
    Allowance,
    check_addresses,
    checked_addresses,
    find_refusal,
    parse_allowance,
    parse_target,
    system_resolver,
)
from marsad.errors import AddressRefused, SettingInvalid

_SPECIAL = """
0.0.0.0 0.255.255.255 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254
169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.31.196.1
192.52.193.1 192.88.99.1 192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1
100::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2620:4f:8000::1 3fff::1
5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1
"""
SPECIAL = _SPECIAL.split()

_PUBLIC = """
1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1 223.255.255.1
2606:4700::1111 2a00:1450::1 2001:4860::8888 2001:200::1
"""

NOTHING = Allowance()


@pytest.mark.parametrize("address", SPECIAL)
@pytest.mark.parametrize("port", [80, 443])
def test_special_addresses_are_refused(address: str, port: int) -> None:
    with pytest.raises(AddressRefused):
        check_addresses("host.example", port, [address], allow=NOTHING)
    with pytest.raises(AddressRefused):
        check_addresses("host.example", port, [address], allow=NOTHING, ports=None)


@pytest.mark.parametrize("address", _PUBLIC.split())
def test_public_addresses_pass(address: str) -> None:
    assert check_addresses("host.example", 443, [address], allow=NOTHING) == (ip_address(address),)


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "0",
        "127.0.0.1.",
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
        "１２７.0.0.1",
        "127．0．0．1",
        "[::1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "LOCALHOST",
    ],
)
async def test_every_spelling_of_loopback_is_refused(host: str) -> None:
    target = parse_target(f"http://{host}/")
    with pytest.raises(AddressRefused):
        await checked_addresses(target.host, target.port, allow=NOTHING, resolve=system_resolver)


@pytest.mark.parametrize(
    "resolved",
    [
        ["1.1.1.1", "127.0.0.1"],
        ["127.0.0.1", "1.1.1.1"],
        ["1.1.1.1", "::1"],
        ["2606:4700::1111", "169.254.169.254"],
        ["1.1.1.1", "8.8.8.8", "10.0.0.1"],
        ["1.1.1.1", "::ffff:192.168.0.1"],
        ["1.1.1.1", "not an address"],
        [],
    ],
)
def test_one_refused_answer_refuses_all(resolved: list[str]) -> None:
    with pytest.raises(AddressRefused):
        check_addresses("host.example", 443, resolved, allow=NOTHING)


@pytest.mark.parametrize("port", [1, 21, 22, 23, 25, 110, 143, 3306, 5432, 6379, 9200, 11211, 27017, 65535])
def test_unusual_ports_are_refused_unless_the_network_is_allowed(port: int) -> None:
    with pytest.raises(AddressRefused):
        check_addresses("host.example", port, ["1.1.1.1"], allow=NOTHING)
    own = parse_allowance("1.1.1.0/24", setting="MARSAD_FETCH_ALLOW")
    assert check_addresses("host.example", port, ["1.1.1.1"], allow=own)


def test_mapped_addresses_are_judged_and_used_as_ipv4() -> None:
    own = parse_allowance("127.0.0.1", setting="MARSAD_FETCH_ALLOW")
    assert check_addresses("h", 9, ["::ffff:127.0.0.1"], allow=own) == (ip_address("127.0.0.1"),)
    assert check_addresses("h", 80, ["::ffff:1.1.1.1"], allow=NOTHING) == (ip_address("1.1.1.1"),)


def test_an_allowance_opens_its_own_network_only() -> None:
    own = parse_allowance("10.1.0.0/16, fd00::/64", setting="MARSAD_DELIVER_ALLOW")
    assert not find_refusal(ip_address("10.1.2.3"), 8000, allow=own, ports=None)
    assert not find_refusal(ip_address("fd00::5"), 8000, allow=own, ports=None)
    assert find_refusal(ip_address("10.2.0.1"), 80, allow=own, ports=None)
    assert find_refusal(ip_address("127.0.0.1"), 80, allow=own, ports=None)


@pytest.mark.parametrize("text", ["10.0.0.5/8", "localhost", "10.0.0.0/33", "1.2.3"])
def test_an_allowance_that_is_no_network_is_named(text: str) -> None:
    with pytest.raises(SettingInvalid, match="MARSAD_DELIVER_ALLOW"):
        parse_allowance(text, setting="MARSAD_DELIVER_ALLOW")


def test_the_refusal_does_not_tell_what_stands_behind_the_address() -> None:
    texts = set()
    for resolved in (["127.0.0.1"], ["10.0.0.1"], ["1.1.1.1", "::1"], ["169.254.169.254"], ["nonsense"]):
        with pytest.raises(AddressRefused) as caught:
            check_addresses("h.example", 80, resolved, allow=NOTHING)
        texts.add(str(caught.value))
    assert len(texts) == 1
    assert "MARSAD_FETCH_ALLOW" in texts.pop()


@pytest.mark.parametrize("host", ["a" * 64 + ".test", "a..b", "x" * 300])
async def test_the_system_resolver_answers_an_unusable_name_with_oserror(host: str) -> None:
    with pytest.raises(OSError, match=r"."):
        await system_resolver(host, 80)
