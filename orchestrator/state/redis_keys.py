"""Names of the Redis keys. Everything of a partition has one hash tag, so that a commit is one call on one node of a cluster."""

import binascii
from functools import lru_cache
from itertools import count

SLOTS = 16_384
STORE = b"concierge:store"
"""Holds the id of this store: a store without it, or with another, is not the one it was."""
VERSION = b"concierge:version"
"""The applied version of the workspace."""
PAUSES = b"concierge:pauses"
"""Journeys paused by command: name to the instant it was given."""
GUARD = b"concierge:guard"
"""Journeys that the reputation guard has paused (`p:` and the name) or that went on after that (`s:`), to the instant."""
REPUTATION = b"concierge:reputation"
"""Sends, complaints and hard bounces by journey and five minutes."""
ADDRESS_SHARDS = 16
"""Addresses belong to no partition: they are spread over so many slots, few enough to be asked for together."""


def slot_of(key: bytes) -> int:
    """As Redis Cluster computes it: CRC16 (XMODEM) of what stands in the first braces, or of all of it."""
    return _slot(_tag(key))


def _slot(name: bytes) -> int:
    return binascii.crc_hqx(name, 0) % SLOTS


def _tag(key: bytes) -> bytes:
    start = key.find(b"{")
    end = key.find(b"}", start + 1)
    return key[start + 1 : end] if 0 <= start < end - 1 else key


def beside(key: bytes) -> bytes:
    """A key on the same slot, of no meaning."""
    return b"{" + _tag(key) + b"}:w"


@lru_cache(maxsize=4)
def tags(partitions: int) -> tuple[str, ...]:
    """For each partition a short text whose slot is in the middle of its share, so that shards with contiguous slots carry alike."""
    wanted = {p * SLOTS // partitions + SLOTS // (2 * partitions): p for p in range(partitions)}
    found: dict[int, str] = {}
    for number in count():
        tag = f"{number:x}"
        p = wanted.get(_slot(tag.encode()))
        if p is not None and p not in found:
            found[p] = tag
            if len(found) == partitions:
                break
    return tuple(found[p] for p in range(partitions))


class PartitionKeys:
    """Keys of one partition."""

    __slots__ = ("_claim", "_guard", "_history", "_profile", "base", "meta", "outbox", "timers")

    def __init__(self, partition: int, partitions: int) -> None:
        self.base = b"{" + tags(partitions)[partition].encode() + b"}:"
        self.meta = self.base + b"m"
        self.timers = self.base + b"t"
        self.outbox = self.base + b"o"
        self._profile = self.base + b"c:"
        self._history = self.base + b"h:"
        self._guard = self.base + b"g:"
        self._claim = self.base + b"k:"

    def profile(self, customer: str) -> bytes:
        return self._profile + customer.encode("utf-8", "surrogateescape")

    def history(self, customer: str) -> bytes:
        return self._history + customer.encode("utf-8", "surrogateescape")

    def guard(self, customer: str) -> bytes:
        return self._guard + customer.encode("utf-8", "surrogateescape")

    def claim(self, intent: str) -> bytes:
        return self._claim + intent.encode()


@lru_cache(maxsize=1024)
def partition_keys(partition: int, partitions: int) -> PartitionKeys:
    """Keys of a partition, made once."""
    return PartitionKeys(partition, partitions)


@lru_cache(maxsize=1)
def _shards() -> tuple[bytes, ...]:
    return tuple(b"{" + tag.encode() + b"}:" for tag in tags(ADDRESS_SHARDS))


def _shard(address_hash: bytes) -> bytes:
    return _shards()[binascii.crc_hqx(address_hash, 0) % ADDRESS_SHARDS]


def suppressed(address_hash: str) -> bytes:
    """What is known of an address, whoever has it."""
    name = address_hash.encode()
    return _shard(name) + b"s:" + name


def written_to(address_hash: str) -> bytes:
    """Whom we have written to at an address."""
    name = address_hash.encode()
    return _shard(name) + b"a:" + name


def texts(address_hash: str) -> bytes:
    """The intents of texts to a number: what a look-up in the provider's records is held against. Beside `written_to`."""
    name = address_hash.encode()
    return _shard(name) + b"x:" + name


def rate(bucket: str) -> bytes:
    """The token bucket of a provider and sender."""
    return b"rl:{" + bucket.encode() + b"}"


def limit(name: str) -> bytes:
    """How much of a limit each partition may use."""
    return b"lg:{" + name.encode() + b"}"


def slots(name: str) -> bytes:
    """The places taken in a throttle's queue."""
    return b"sl:{" + name.encode() + b"}"


def queue(name: str) -> bytes:
    """What else is known of that queue. Beside `slots`."""
    return b"sq:{" + name.encode() + b"}"


def places_anew(name: str) -> bytes:
    """The first places that another text has given to those who waited. Beside `slots`."""
    return b"sb:{" + name.encode() + b"}"
