"""The functions of the language. History is what was applied up to now, the event at hand included."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from orchestrator.expressions.durations import read_duration
from orchestrator.expressions.local_time import local, milliseconds, read_instant
from orchestrator.expressions.scope import PastEvent, Scope, View

DAY = 86_400_000
_UTC = ZoneInfo("UTC")
Where = Callable[[Scope], object]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class PastView(View):
    """A past event in `where`: the property, else the envelope's field, of which a past event has these. `envelope` is always the
    envelope's."""

    __slots__ = ("_event", "_scope")

    def __init__(self, event: PastEvent, scope: Scope) -> None:
        self._event, self._scope = event, scope

    def get(self, key: str) -> object:
        found = self._event.data.get(key)
        if found is None:
            return self.envelope(key)
        return read_instant(found, self._scope.zone) if key in self._event.instants else found

    def envelope(self, key: str) -> object:
        match key:
            case "event":
                return self._event.name
            case "type":
                kind = self._event.name.partition(":")[0]
                return kind if kind in ("page", "screen", "identify", "group") else "track"
            case "timestamp":
                return read_instant(self._event.timestamp, _UTC)
            case "received_at":
                return read_instant(self._event.arrival, _UTC)
            case "properties" | "traits":
                return dict(self._event.data)
            case "envelope":
                return _Envelope(self)
            case _:
                return None


class _Envelope(View):
    """Of a past event, also where a property has the same name."""

    __slots__ = ("_view",)

    def __init__(self, view: PastView) -> None:
        self._view = view

    def get(self, key: str) -> object:
        return None if key == "envelope" else self._view.envelope(key)


def _true_for(where: Where | None, event: PastEvent, scope: Scope) -> bool:
    if where is None:
        return True
    inner = scope.with_names({**scope.names, "event": PastView(event, scope)})
    return bool(where(inner))


def _in_window(events: Iterable[PastEvent], within: int, scope: Scope) -> list[PastEvent]:
    """Those after now - within by `timestamp`; notes when the first of them leaves. What was applied counts, the event at hand too,
    though the clock of whoever sent it may be a little ahead of ours."""
    oldest = scope.now_ms - within
    found = [event for event in events if event.timestamp > oldest]
    if found:
        scope.changes.append(min(event.timestamp for event in found) + within)
    return found


def _since(events: Iterable[PastEvent], since: object, scope: Scope) -> list[PastEvent]:
    """Applied after the run's entry, after the present step was reached, or arrived after an instant."""
    if since in ("entry", "step"):
        mark = scope.names.get(f"_{since}_mark")
        return [event for event in events if event.sequence > mark] if isinstance(mark, int) else []
    at = read_instant(since, scope.zone)
    return [] if at is None else [event for event in events if event.arrival > milliseconds(at)]


def _note_end(events: Sequence[PastEvent], scope: Scope) -> None:
    """What the answer rests on is not kept for ever: notes when the first of it is gone."""
    kept = scope.facts.kept_for(events[0].name) if events else None
    if kept is not None:
        scope.changes.append(min(event.timestamp for event in events) + kept)


def count_of(scope: Scope, event: str, within: int | None, since: object, where: Where | None) -> int:
    """How many; all time is a running count."""
    if within is None and since is None and where is None:
        return scope.facts.total(event)
    events: Iterable[PastEvent] = (one for one in scope.facts.past(event) if _true_for(where, one, scope))
    if within is not None:
        return len(_in_window(events, within, scope))
    found = list(events) if since is None else _since(events, since, scope)
    _note_end(found, scope)
    return len(found)


def count_where(scope: Scope, event: str, text: str, where: Where) -> int:
    """How many there ever were for which `where` was true: a running count. Where nothing has come since somebody first asked for it, those
    that are kept."""
    found = scope.facts.counted(event, text)
    return sum(_true_for(where, one, scope) for one in scope.facts.past(event)) if found is None else found


def last_of(scope: Scope, event: str, where: Where | None) -> object:
    """The greatest `timestamp`; ties: the last applied."""
    found = [one for one in scope.facts.past(event) if _true_for(where, one, scope)]
    return _chosen(max(found, key=lambda one: (one.timestamp, one.sequence), default=None), scope)


def first_of(scope: Scope, event: str, where: Where | None) -> object:
    """The least `timestamp`; ties: the first applied."""
    found = [one for one in scope.facts.past(event) if _true_for(where, one, scope)]
    return _chosen(min(found, key=lambda one: (one.timestamp, one.sequence), default=None), scope)


def _chosen(event: PastEvent | None, scope: Scope) -> object:
    if event is None:
        return None
    _note_end((event,), scope)
    return PastView(event, scope)


def in_audience(scope: Scope, name: str) -> bool:
    """True if the audience's condition is true now."""
    found, change = scope.facts.in_audience(name)
    if change is not None:
        scope.changes.append(change)
    return found


def engaged(scope: Scope, channel: str | None, within: int | None, message: str | None) -> bool:
    """True if a person opened, read, clicked or replied within it (30 days unless told)."""
    found, change = scope.facts.engaged(channel, within or 30 * DAY, message)
    if change is not None:
        scope.changes.append(change)
    return found


def messages_sent(scope: Scope, within: int | None, selectors: dict[str, str]) -> int:
    """How many were committed and not given back."""
    found, change = scope.facts.messages_sent(within, selectors)
    if change is not None:
        scope.changes.append(change)
    return found


def own_topic(scope: Scope) -> str | None:
    """Of the message at hand."""
    message = scope.names.get("message")
    found = message.get("topic") if isinstance(message, View | Mapping) else scope.names.get("_topic")
    return found if isinstance(found, str) else None


def days_since(scope: Scope, value: object) -> int | None:
    """Whole periods of 24 h that have passed, rounded down."""
    at = read_instant(value, scope.zone)
    if at is None:
        scope.warnings += 1
        return None
    start, now = milliseconds(at), scope.now_ms
    days = (now - start) // DAY
    scope.changes.append(start + (days + 1) * DAY)
    return days


def days_until(scope: Scope, value: object) -> int | None:
    """Whole periods of 24 h that are left, rounded down."""
    at = read_instant(value, scope.zone)
    if at is None:
        scope.warnings += 1
        return None
    end, now = milliseconds(at), scope.now_ms
    days = (end - now) // DAY
    scope.changes.append(end - days * DAY + 1)
    return days


def duration(_scope: Scope, text: object) -> timedelta | None:
    found = read_duration(str(text), signed=True)
    return None if found is None else timedelta(milliseconds=found)


def instant(scope: Scope, value: object) -> datetime | None:
    return read_instant(value, scope.zone)


def today(scope: Scope) -> date:
    return scope.now.astimezone(scope.zone).date()


def weekday(scope: Scope, value: object) -> str | None:
    at = _local(scope, value)
    return None if at is None else WEEKDAYS[at.weekday()]


def hour(scope: Scope, value: object) -> int | None:
    at = _local(scope, value)
    return None if at is None else at.hour


def _local(scope: Scope, value: object) -> datetime | None:
    at = read_instant(value, scope.zone)
    return None if at is None else local(at, scope.zone)
