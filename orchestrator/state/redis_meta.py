"""The hash that a partition is described by: fields as they stand, positions among them under `c:` and their topic."""

from collections.abc import Mapping, Sequence


def fields_of(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    """As HGETALL answers: name, value, name, value …"""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def cursors_of(fields: Mapping[bytes, bytes]) -> dict[str, int]:
    """The next offset of each topic."""
    return {name[2:].decode(): int(value) for name, value in fields.items() if name.startswith(b"c:")}


def cursor_fields(cursors: Mapping[str, int]) -> list[str | int]:
    """As HSET takes them."""
    return [part for topic, at in cursors.items() for part in (f"c:{topic}", at)]
