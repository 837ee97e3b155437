"""Bytes of the topic `customer-events` become an event, a command, or a refusal with its reason. Never an exception."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from orchestrator.contracts.command import PREFIX, Command, decode_command
from orchestrator.contracts.dead_letter import DeadLetterReason
from orchestrator.contracts.event import MAX_EVENT_BYTES, Event, decode_event
from orchestrator.expressions.local_time import read_instant
from orchestrator.ingest.emitted import depth_of
from orchestrator.ingest.properties import check_properties
from orchestrator.ingest.unfit import unfit_in
from orchestrator.model.event import CustomerEvent
from orchestrator.workspace.workspace import Workspace

_UTC = ZoneInfo("UTC")
_MARK = b'"' + PREFIX.encode()
_ANY = Workspace(name="", version="", locale="en", locales=(), timezone=ZoneInfo("UTC"), country="GB", currency="GBP")
"""A workspace that declares nothing."""
EARLIEST, LATEST = 0, 32_503_680_000_000
"""1970 to the year 3000, in milliseconds: outside it a timestamp is a mistake."""


class _Kind(msgspec.Struct):
    type: str = ""


_kind = msgspec.json.Decoder(_Kind)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the bytes are no event."""

    reason: DeadLetterReason
    error: str


def decode(value: bytes, arrival: int, workspace: Workspace) -> CustomerEvent | Command | Refused:
    """`arrival` in milliseconds since 1970."""
    if len(value) > MAX_EVENT_BYTES:
        return Refused(DeadLetterReason.TOO_LARGE, f"{len(value)} bytes; an event has at most {MAX_EVENT_BYTES}")
    try:
        if _MARK in value[:400] and _kind.decode(value).type.startswith(PREFIX):
            return decode_command(value)
        return normalise(decode_event(value), value, arrival, workspace)
    except msgspec.ValidationError as error:
        return Refused(DeadLetterReason.BAD_SHAPE, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Refused(DeadLetterReason.NOT_JSON, str(error))


def read_any(value: bytes, arrival: int) -> CustomerEvent | Refused:
    """As `decode`, for doors that answer at once and know of no workspace: what it refuses, every workspace refuses."""
    try:
        return normalise(decode_event(value), value, arrival, _ANY)
    except msgspec.ValidationError as error:
        return Refused(DeadLetterReason.BAD_SHAPE, str(error))


def normalise(event: Event, raw: bytes, arrival: int, workspace: Workspace) -> CustomerEvent | Refused:
    """Names, ids, times and properties as the engine wants them. `raw` is what the event was read from."""
    user, anonymous = _id(event.user_id), _id(event.anonymous_id)
    customer = user or anonymous
    if not customer:
        return Refused(DeadLetterReason.NO_CUSTOMER, "neither userId nor anonymousId: give one of them")
    if len(customer) > 256:
        return Refused(DeadLetterReason.BAD_SHAPE, f"an id of {len(customer)} characters; at most 256")
    if event.type == "alias" and _id(event.previous_id) is None:
        return Refused(DeadLetterReason.BAD_SHAPE, "an alias event needs the id it joins to userId, in `previousId`")
    name = _name(event)
    if name is None:
        return Refused(
            DeadLetterReason.BAD_SHAPE, f"a {event.type} event needs its name in `{'event' if event.type == 'track' else 'name'}`"
        )
    happened = arrival if event.timestamp is None else read_timestamp(event.timestamp)
    if happened is None:
        return Refused(
            DeadLetterReason.BAD_TIMESTAMP,
            f"timestamp {event.timestamp!r:.60} is not RFC 3339 (2026-03-02T10:00:00Z), or not of 1970 to 3000",
        )
    ahead = happened > arrival + workspace.rules.clock_skew
    if ahead:
        happened = arrival
    properties = event.traits if event.type in ("identify", "group") else event.properties
    properties = properties or {}
    for part, data in (("properties", properties), ("context", event.context or {})):
        bad = unfit_in(raw, data)
        if bad is not None:
            return Refused(DeadLetterReason.BAD_SHAPE, f"{part}: {bad}")
    declared = workspace.events.get(name)
    if declared:
        checked = check_properties(properties, declared, name)
        if isinstance(checked, str):
            return Refused(DeadLetterReason.BAD_PROPERTY, checked)
        properties = checked
    return CustomerEvent(
        name=name, kind=event.type, customer=customer, timestamp=happened, arrival=arrival, message_id=event.message_id,
        user_id=user, anonymous_id=anonymous, previous_id=_id(event.previous_id), properties=properties,
        context=event.context or {}, source=event.source or "",
        depth=depth_of(event.context) if event.context else 0, ahead=ahead,
    )  # fmt: skip


def _id(value: str | int | None) -> str | None:
    text = None if value is None else str(value).strip()
    return text or None


def _name(event: Event) -> str | None:
    match event.type:
        case "track":
            return event.event.strip() or None if event.event else None
        case "page" | "screen":
            name = event.name or str((event.properties or {}).get("name") or "")
            return f"{event.type}:{name}"
        case kind:
            return kind


@lru_cache(maxsize=4096)
def read_timestamp(text: str) -> int | None:
    """RFC 3339 with an offset, in milliseconds; None when it is not, or outside 1970 to 3000."""
    if not 17 <= len(text) <= 40:
        return None
    read: datetime | None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:  # a small z, a leap second
        read = read_instant(text, _UTC) if text[-1] in "Zz" or text[-6] in "+-" else None
    if read is None or read.tzinfo is None:
        return None
    instant = round((read - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    return instant if EARLIEST <= instant < LATEST else None
