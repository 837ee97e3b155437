"""A record that cannot be read, kept whole: the value is the original bytes, the headers say why and from where."""

from enum import StrEnum

import msgspec

from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import dead_letters

MOST_KEPT = 900_000
"""Bytes of a value that are kept: with the headers, what a broker takes by default. Of a longer one the beginning is."""


class DeadLetterReason(StrEnum):
    """The closed list."""

    NOT_JSON = "not_json"
    TOO_LARGE = "too_large"
    BAD_SHAPE = "bad_shape"
    NO_CUSTOMER = "no_customer"
    BAD_MAPPING = "bad_mapping"
    BAD_PROPERTY = "bad_property"
    UNMAPPED = "unmapped"
    BAD_TIMESTAMP = "bad_timestamp"
    ENGINE_ERROR = "engine_error"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, with its place in the topic it came from."""

    reason: DeadLetterReason
    error: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()

    def record(self) -> Record:
        """As it is published. Original headers stay; ours start with `dlq-`, and `dlq-truncated` is the length of a value that was
        too long to be kept whole: the original stands at its place."""
        ours: tuple[tuple[str, bytes], ...] = (
            ("dlq-reason", self.reason.value.encode()),
            ("dlq-error", self.error[:1000].encode("utf-8", "replace")),
            ("dlq-topic", self.topic.encode()),
            ("dlq-partition", b"%d" % self.partition),
            ("dlq-offset", b"%d" % self.offset),
        )
        if len(self.value) > MOST_KEPT:
            ours = (*ours, ("dlq-truncated", b"%d" % len(self.value)))
        return Record(topic=dead_letters(self.topic), key=self.key, value=self.value[:MOST_KEPT], headers=(*self.headers, *ours))
