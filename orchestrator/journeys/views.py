"""The names `event`, `entry`, `run`, `steps`, `waited`, `journey` as expressions read them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from orchestrator.expressions.scope import View
from orchestrator.model.event import CustomerEvent
from orchestrator.model.run import EventSnapshot, Gathered, Run, StepRecord, Waited
from orchestrator.workspace.journey import Journey

SCHEDULED = "schedule"
"""The type of an entry by the clock: of a run whose journey has a schedule."""


def instant(milliseconds: int) -> datetime:
    """A UTC datetime of an instant in milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def snapshot(event: CustomerEvent, sequence: int, *, with_context: bool) -> EventSnapshot:
    """What a run keeps of an event."""
    return EventSnapshot(
        name=event.name,
        type=event.kind,
        timestamp=event.timestamp,
        arrival=event.arrival,
        sequence=sequence,
        message_id=event.message_id,
        properties=event.properties,
        depth=event.depth,
        source=event.source,
        context=event.context if with_context else {},
    )


Read = Callable[[str, str, object], object]
"""A property of an event as it is declared: the event's name, the property's, its value."""


class EventView(View):
    """A property by its name; if there is none, the envelope's. `envelope` is always the envelope."""

    __slots__ = ("_event", "_read")

    def __init__(self, event: EventSnapshot, read: Read) -> None:
        self._event, self._read = event, read

    def get(self, key: str) -> object:
        found = self._event.properties.get(key)
        return self.envelope(key) if found is None else self._read(self._event.name, key, found)

    def envelope(self, key: str) -> object:
        event = self._event
        match key:
            case "event":
                return event.name
            case "type":
                return event.type
            case "messageId":
                return event.message_id
            case "timestamp":
                return instant(event.timestamp)
            case "received_at":
                return instant(event.arrival)
            case "scheduled_at":
                return instant(event.timestamp) if event.type == SCHEDULED else None
            case "properties" | "traits":
                return event.properties
            case "context":
                return event.context or None
            case "source":
                return event.source or None
            case "envelope":
                return EnvelopeView(self)
            case _:
                return None


class EnvelopeView(View):
    """`event.envelope.x`: the envelope's field even where a property has the same name."""

    __slots__ = ("_view",)

    def __init__(self, view: EventView) -> None:
        self._view = view

    def get(self, key: str) -> object:
        return None if key == "envelope" else self._view.envelope(key)


class RunView(View):
    """`run.id key number started_at version`."""

    __slots__ = ("_run",)

    def __init__(self, run: Run) -> None:
        self._run = run

    def get(self, key: str) -> object:
        run = self._run
        match key:
            case "id":
                return run.id
            case "key":
                return run.key
            case "number":
                return run.number
            case "started_at":
                return instant(run.started_at)
            case "version":
                return run.version
            case _:
                return None


class StepView(View):
    """`steps.<id>`: its latest visit. Fields that do not apply to a step are missing."""

    __slots__ = ("_record",)

    def __init__(self, record: StepRecord) -> None:
        self._record = record

    def get(self, key: str) -> object:
        record = self._record
        match key:
            case "visited":
                return record.count > 0
            case (
                "count"
                | "sent"
                | "reason"
                | "status"
                | "channel"
                | "delivered"
                | "clicked"
                | "replied"
                | "seen"
                | "path"
                | "variant"
                | "ok"
                | "response"
            ):
                return getattr(record, key)
            case "at":
                return instant(record.at)
            case _:
                return None


_NEVER = StepRecord()


class StepsView(View):
    """`steps`: a step that was not visited reads as visited false, count 0."""

    __slots__ = ("_journey", "_records")

    def __init__(self, records: Mapping[str, StepRecord], journey: Journey | None) -> None:
        self._records = records
        self._journey = journey

    def get(self, key: str) -> object:
        record = self._records.get(key)
        if record is None:
            return StepView(_NEVER) if self._journey is None or key in self._journey.steps else None
        return StepView(record)


class WaitedView(View):
    """`waited.by as event timed_out`."""

    __slots__ = ("_read", "_waited")

    def __init__(self, waited: Waited, read: Read) -> None:
        self._waited, self._read = waited, read

    def get(self, key: str) -> object:
        waited = self._waited
        match key:
            case "by":
                return waited.by
            case "as":
                return waited.name
            case "event":
                return EventView(waited.event, self._read) if waited.event else None
            case "timed_out":
                return waited.by == "timeout"
            case _:
                return None


class DigestView(View):
    """`digest.items count first last` of the latest digest; empty outside one."""

    __slots__ = ("_events", "_read")

    def __init__(self, gathered: Gathered, read: Read) -> None:
        self._events, self._read = gathered.items, read

    def get(self, key: str) -> object:
        events = self._events
        match key:
            case "items":
                return [EventView(event, self._read) for event in events]
            case "count":
                return len(events)
            case "first" | "last":
                return EventView(events[0 if key == "first" else -1], self._read) if events else None
            case _:
                return None


NOTHING_GATHERED = DigestView(Gathered("", "", []), lambda _event, _name, value: value)


class JourneyView(View):
    """`journey.name title priority class`."""

    __slots__ = ("_journey",)

    def __init__(self, journey: Journey) -> None:
        self._journey = journey

    def get(self, key: str) -> object:
        match key:
            case "name" | "title" | "priority":
                return getattr(self._journey, key)
            case "class":
                return self._journey.message_class
            case _:
                return None
