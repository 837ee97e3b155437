"""Names of the Redis keys. Everything of a partition has one hash tag, so that a commit is one call on one node of a cluster."""

import binascii
from functools import lru_cache
from itertools import count

SLOTS = 16_384
STORE = b"concierge:store"
"""Holds the id of this store: a store without it, or with another, is not the one it was."""
VERSION = b"concierge:version"
"""The applied version of the workspace."""


@lru_cache(maxsize=4)
def tags(partitions: int) -> tuple[str, ...]:
    """For each partition a short text whose slot is in the middle of its share, so that shards with contiguous slots carry alike.

    The slot of a tag is CRC16 of it (XMODEM, as Redis Cluster computes it) modulo 16,384.
    """
    wanted = {p * SLOTS // partitions + SLOTS // (2 * partitions): p for p in range(partitions)}
    found: dict[int, str] = {}
    for number in count():
        tag = f"{number:x}"
        p = wanted.get(binascii.crc_hqx(tag.encode(), 0) % SLOTS)
        if p is not None and p not in found:
            found[p] = tag
            if len(found) == partitions:
                break
    return tuple(found[p] for p in range(partitions))


class PartitionKeys:
    """Keys of one partition."""

    __slots__ = ("_base", "meta", "outbox", "timers")

    def __init__(self, partition: int, partitions: int) -> None:
        self._base = b"{" + tags(partitions)[partition].encode() + b"}:"
        self.meta = self._base + b"m"
        self.timers = self._base + b"t"
        self.outbox = self._base + b"o"

    def profile(self, customer: str) -> bytes:
        return self._base + b"c:" + customer.encode("utf-8", "surrogateescape")

    def history(self, customer: str) -> bytes:
        return self._base + b"h:" + customer.encode("utf-8", "surrogateescape")

    def guard(self, customer: str) -> bytes:
        return self._base + b"g:" + customer.encode("utf-8", "surrogateescape")

    def claim(self, intent: str) -> bytes:
        return self._base + b"k:" + intent.encode()


def suppressed(address_hash: str) -> bytes:
    """What is known of an address, whoever has it."""
    return b"sup:{" + address_hash.encode() + b"}"


def written_to(address_hash: str) -> bytes:
    """Whom we have written to at an address."""
    return b"adr:{" + address_hash.encode() + b"}"


def texts(address_hash: str) -> bytes:
    """The intents of texts to a number: what a look-up in the provider's records is held against."""
    return b"txt:{" + address_hash.encode() + b"}"


def owner(intent: str) -> bytes:
    """Whose an intent is, and its partition: webhooks carry nothing else."""
    return b"int:{" + intent.encode() + b"}"
