"""A record that cannot be read, kept whole: the value is the original bytes, the headers say why and from where."""

from enum import StrEnum

import msgspec

from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import dead_letters


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
        """As it is published. Original headers stay; ours start with `dlq-`."""
        ours = (
            ("dlq-reason", self.reason.value.encode()),
            ("dlq-error", self.error[:1000].encode("utf-8", "replace")),
            ("dlq-topic", self.topic.encode()),
            ("dlq-partition", b"%d" % self.partition),
            ("dlq-offset", b"%d" % self.offset),
        )
        return Record(topic=dead_letters(self.topic), key=self.key, value=self.value, headers=(*self.headers, *ours))
