"""The shape of config/sources/<name>.test.yaml, and a test of a mapping once it is read."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.contracts.dead_letter import DeadLetterReason
from orchestrator.contracts.event import EVENT_TYPES
from orchestrator.contracts.record import Headers
from orchestrator.workspace.reading import BAD, Reading
from orchestrator.workspace.shape import NAME_TEXT, VALUE, Bool, Key, ListOf, MapOf, Mapped, Shaped, Text
from orchestrator.workspace.yaml_node import Node

REASONS = tuple(reason.value for reason in DeadLetterReason)


def _reason(node: Node, reading: Reading) -> object:
    """The short form: a reason alone."""
    reason = Text().read(node, reading)
    return BAD if reason is BAD else Shaped(node, {"reason": reason})


_EVENT = Mapped({
    "type": Key(Text(EVENT_TYPES), text="`track` unless it says otherwise"), "event": Key(Text(), text="the name; of a page or screen its name"),
    "user_id": Key(VALUE), "anonymous_id": Key(VALUE), "message_id": Key(VALUE, text="compared where it is named"),
    "timestamp": Key(Text(), text="compared where it is named"), "properties": Key(MapOf(VALUE)), "traits": Key(MapOf(VALUE)), "context": Key(MapOf(VALUE)),
}, what="an expected event")  # fmt: skip
_DEAD = Mapped({"reason": Key(Text(), required=True), "error": Key(Text(), text="part of the sentence")}, short=_reason, what="dead_letter")
_TEST = Mapped({
    "test": Key(Text(), required=True), "record": Key(VALUE, text="the value, as YAML"), "bytes": Key(Text(), text="the value as it is, where it is no JSON"),
    "tombstone": Key(Bool(), text="`true`: the record has no value"), "key": Key(VALUE), "headers": Key(MapOf(Text())),
    "timestamp": Key(Text(), text="the record's own; 2026-01-14T10:00:00Z unless it says otherwise"),
    "events": Key(ListOf(_EVENT, least=1), text="all of them, in order; what is not written must not be there"),
    "dead_letter": Key(_DEAD, text="a reason, or {reason, error}"), "ignored": Key(Bool(), text="`true`: nothing becomes of it"),
}, what="a test of a mapping")  # fmt: skip
FILE = Mapped({
    "source": Key(NAME_TEXT, required=True, text="equals the file name"), "tests": Key(ListOf(_TEST), required=True),
}, what="a mapping's test file")  # fmt: skip
EventExpected = Mapping[str, object]
"""Keys as in the file; values are plain."""


@dataclass(frozen=True, slots=True)
class DeadLetterExpected:
    """`error` is part of the sentence."""

    reason: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class SourceTest:
    """`expected` has no events where the record is to be ignored. `value` None is a tombstone; `timestamp` in milliseconds."""

    source: str
    name: str
    value: bytes | None
    key: bytes | None
    headers: Headers
    timestamp: int
    expected: tuple[EventExpected, ...] | DeadLetterExpected
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class SourceTestFile:
    """All of one file."""

    source: str
    file: str
    line: int
    tests: tuple[SourceTest, ...]
