"""Which addresses are public: the only ones a call may go to. What is not known to be public is refused."""

from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

_NOT_PUBLIC_4 = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
"""IANA IPv4 special-purpose registry, multicast and class E. Written out: what `ipaddress` says differs between versions of Python."""
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
"""Of these: protocol assignments (Teredo among them), documentation, 6to4 (which may lead to any IPv4 address)."""
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(text: str) -> bool:
    """Of an address as a resolver writes it. Every other form (a zone, octal, a plain number) is refused, not interpreted."""
    try:
        return _is_public_4(IPv4Address(text))
    except AddressValueError:
        pass
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return False
    if address.scope_id is not None:
        return False
    inner = _embedded(address)
    if inner is not None:
        return _is_public_4(inner)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def _is_public_4(address: IPv4Address) -> bool:
    return not any(address in network for network in _NOT_PUBLIC_4)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that is reached through it: mapped (RFC 4291), or translated with the well-known prefix (RFC 6052)."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped
