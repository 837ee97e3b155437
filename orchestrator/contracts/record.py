"""A record on its way into a topic."""

import msgspec

Headers = tuple[tuple[str, bytes], ...]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a producer is given. The partition follows from the key unless `partition` says otherwise."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers = ()
    partition: int | None = None
