"""Only what is public is called, in whatever form it is written."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.calls.addresses import is_public

PRIVATE_4 = (
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.2.3", "240.0.0.1",
    "255.255.255.255",
)  # fmt: skip
PUBLIC_4 = ("8.8.8.8", "1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "223.255.255.255")


@pytest.mark.parametrize("address", PRIVATE_4)
def test_what_is_not_public_is_refused_also_inside_another_form(address: str) -> None:
    assert not is_public(address)
    number = int(IPv4Address(address))
    high, low = divmod(number, 65536)
    for form in (
        f"::ffff:{address}", f"64:ff9b::{address}", f"::{address}", f"2002:{high:x}:{low:x}::1", f"2001:0:{high:x}:{low:x}::1", f"64:ff9b:1::{address}",
    ):  # fmt: skip
        assert not is_public(form), form


@pytest.mark.parametrize("address", PUBLIC_4)
def test_what_is_public_is_called_also_by_mapping_and_translation(address: str) -> None:
    assert is_public(address)
    assert is_public(f"::ffff:{address}")
    assert is_public(f"64:ff9b::{address}")


@pytest.mark.parametrize("address", ["2606:4700::1111", "2a00:1450:4001:82a::200e", "2001:4860:4860::8888"])
def test_public_ipv6(address: str) -> None:
    assert is_public(address)
    assert not is_public(f"{address}%eth0"), "a zone is of this machine"


@pytest.mark.parametrize(
    "address",
    ["::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "2001:10::1", "1::1"],
)  # fmt: skip
def test_ipv6_that_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "form",
    ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.1", "0x7f.0.0.1", "008.8.8.8", "8.8.8.8 ", " 8.8.8.8", "8.8.8", "8.8.8.8.", "８.8.8.8", "[::1]", "", "localhost"],
)  # fmt: skip
def test_forms_that_only_some_read_as_an_address_are_none(form: str) -> None:
    assert not is_public(form)


@given(st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address))
def test_python_calls_nothing_private_that_passes(address: IPv4Address | IPv6Address) -> None:
    if is_public(str(address)):
        inner = ip_address(int(address) & 0xFFFF_FFFF) if str(address).startswith(("64:ff9b::", "::ffff:")) else address
        assert not any(
            (inner.is_private, inner.is_loopback, inner.is_link_local, inner.is_multicast, inner.is_reserved, inner.is_unspecified)
        )


@given(st.text(max_size=40))
def test_any_text_is_judged(text: str) -> None:
    assert is_public(text) in (True, False)
