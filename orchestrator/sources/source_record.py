"""A record of a backend's own topic, as expressions see it."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from orchestrator.contracts.record import Headers

LATEST = 32_503_680_000_000
"""The year 3000: a producer that gives microseconds for milliseconds is beyond it."""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """As it was read. `timestamp` in milliseconds since 1970, None where the record has none; `value` None is a tombstone."""

    topic: str
    partition: int
    offset: int
    timestamp: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def at(self) -> int | None:
        """The timestamp, where it can be one."""
        return self.timestamp if self.timestamp is not None and 0 <= self.timestamp < LATEST else None

    @property
    def place(self) -> str:
        """The same for the same record for ever: topic-partition-offset."""
        return f"{self.topic}-{self.partition}-{self.offset}"


def names_of(data: object, record: SourceRecord) -> dict[str, object]:
    """`record headers key`, once the value is read as `data`."""
    return {"record": data, "headers": _headers(record.headers) if record.headers else {}, "key": _key(record.key)}


def _key(key: bytes | None) -> object:
    """Text; a JSON object, list or quoted text is read as that. Missing when it is not UTF-8."""
    if key is None:
        return None
    if key[:1] in (b"{", b"[", b'"'):
        try:
            return msgspec.json.decode(key)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
    return _text(key)


def _headers(headers: Headers) -> Mapping[str, object]:
    """Text by name; an empty one is missing, as a null is."""
    return {name: _text(value) for name, value in headers if value}


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
