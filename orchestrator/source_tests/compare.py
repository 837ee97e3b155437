"""What became of a record held against what was expected: all events in order, each with all it carries."""

from collections.abc import Iterator, Mapping

from orchestrator.contracts.dead_letter import DeadLetter
from orchestrator.contracts.event import Event
from orchestrator.expressions.comparison import equal
from orchestrator.workspace.source_test_shapes import DeadLetterExpected, EventExpected

PARTS = ("properties", "traits", "context")
IF_NAMED = ("message_id", "timestamp")
"""Compared only where a test names them: without a mapping they follow from the record's place and time."""
_ABSENT = object()


def differences(got: tuple[Event, ...] | DeadLetter, expected: tuple[EventExpected, ...] | DeadLetterExpected) -> Iterator[str]:
    """Nothing when everything is as expected."""
    if isinstance(got, DeadLetter):
        yield from _dead(got, expected)
    elif isinstance(expected, DeadLetterExpected):
        shown = "; ".join(map(_show, map(_plain, got))) or "nothing: the record is ignored"
        yield f"expected the dead letter {expected.reason}, got {shown}"
    else:
        for index in range(max(len(got), len(expected))):
            if index >= len(got):
                yield f"event {index + 1} is missing: {_show(expected[index])}"
            elif index >= len(expected):
                yield f"unexpected event: {_show(_plain(got[index]))}"
            else:
                yield from (f"event {index + 1}: {line}" for line in _event(_plain(got[index]), expected[index]))


def _dead(got: DeadLetter, expected: tuple[EventExpected, ...] | DeadLetterExpected) -> Iterator[str]:
    if not isinstance(expected, DeadLetterExpected):
        wanted = "; ".join(map(_show, expected)) or "nothing (ignored)"
        yield f"expected {wanted}, got the dead letter {got.reason}: {got.error}"
    elif expected.reason != got.reason:
        yield f"expected the dead letter {expected.reason}, got {got.reason}: {got.error}"
    elif expected.error not in got.error:
        yield f"dead letter {got.reason}: expected {expected.error!r} in its error, got {got.error!r}"


def _plain(event: Event) -> dict[str, object]:
    """The keys of the test file; what an event does not have is left out."""
    found: dict[str, object] = {
        "type": event.type, "event": event.event or event.name, "user_id": event.user_id, "anonymous_id": event.anonymous_id or event.previous_id,
        "message_id": event.message_id, "timestamp": event.timestamp, "properties": event.properties, "traits": event.traits, "context": event.context,
    }  # fmt: skip
    return {key: value for key, value in found.items() if value is not None and value != {}}


def _event(got: Mapping[str, object], expected: EventExpected) -> Iterator[str]:
    wanted = {"type": "track", **expected}
    for key in dict.fromkeys((*wanted, *got)):
        have, want = got.get(key, _ABSENT), wanted.get(key, _ABSENT)
        if key in PARTS:
            parts = [one if isinstance(one, Mapping) else {} for one in (have, want)]
            for name in dict.fromkeys((*parts[1], *parts[0])):
                yield from _difference(f"{key}.{name}", parts[0].get(name, _ABSENT), parts[1].get(name, _ABSENT))
        elif key not in IF_NAMED or want is not _ABSENT:
            yield from _difference(key, have, want)


def _difference(place: str, got: object, wanted: object) -> Iterator[str]:
    if wanted is _ABSENT:
        yield f"{place} is not expected: got {got!r}"
    elif got is _ABSENT:
        yield f"{place} is missing: expected {wanted!r}"
    elif not (got is None and wanted is None) and not equal(got, wanted):
        yield f"{place}: expected {wanted!r}, got {got!r}"


def _show(event: Mapping[str, object]) -> str:
    whose = event.get("user_id") or event.get("anonymous_id")
    name = " ".join(str(event[key]) for key in ("type", "event") if key in event)
    rest = ", ".join(f"{key} {event[key]}" for key in PARTS if event.get(key))
    return f"{name or 'track'} of {whose}" + (f" ({rest})" if rest else "")
