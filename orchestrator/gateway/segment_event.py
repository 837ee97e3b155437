"""One event of the Segment Spec, as it comes in: a record for the log, or what is wrong with it."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec

from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.contracts.event import EVENT_TYPES
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.ingest.decode import Refused, read_any
from orchestrator.ingest.unfit import unfit, unfit_in
from orchestrator.runtime.ids import Ids

ROOM = 1024
"""Bytes for what we add to an event: when it came, from which source, an id."""
MOST_KEPT = 64 * 1024


def read_event(event: Any, source: str, now: int, ids: Ids, context: dict[str, Any] | None, limit: int) -> Record | str:
    """The record of one decoded event, or why it is none. What is taken here is an event for every reader after us.

    `now` in milliseconds; `context` is the batch's, for events without their own; `limit` in bytes.
    """
    if not isinstance(event, dict):
        return "an event is a JSON object"
    if event.get("type") not in EVENT_TYPES:
        return f"type {str(event.get('type'))[:40]!r} is none of {', '.join(EVENT_TYPES)}"
    shared = bool(context) and "context" not in event
    if shared:
        event["context"] = context
    message_id = event.get("messageId")
    if message_id in (None, ""):
        event["messageId"] = ids.message_id()
    elif isinstance(message_id, int) and not isinstance(message_id, bool):
        event["messageId"] = str(message_id)
    event["receivedAt"] = datetime.fromtimestamp(now / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event["source"] = source
    event.pop("writeKey", None)
    try:
        value = msgspec.json.encode(event)
        bad = unfit(event) if b"null" in value else unfit_in(value, event)  # what is not finite is written as null
    except (UnicodeEncodeError, OverflowError, RecursionError, ValueError) as error:
        bad = unfit(event) or str(error)
    if bad is not None:
        return f"context of the batch: {bad}" if shared and bad.startswith("`context") else bad
    if len(value) > limit + ROOM:
        return f"{len(value)} bytes; an event has at most {limit}"
    found = read_any(value, now)
    if isinstance(found, Refused):
        return found.error
    return Record(topic=CUSTOMER_EVENTS, key=found.customer.encode(), value=value)


def dead_letter(event: Any, reason: str) -> Record:
    """A refused event of a batch, kept."""
    try:
        value = msgspec.json.encode(event)
    except (UnicodeEncodeError, OverflowError, RecursionError, TypeError, ValueError):
        value = _patiently(event)
    return DeadLetter(
        reason=DeadLetterReason.BAD_SHAPE, error=reason, topic=CUSTOMER_EVENTS, partition=-1, offset=-1, key=None, value=value[:MOST_KEPT]
    ).record()  # fmt: skip


def _patiently(event: Any) -> bytes:
    """Half characters as their escapes, numbers of any size; what is too deep for that is kept as far as it can be shown."""
    try:
        return json.dumps(event).encode()
    except RecursionError:
        return b"nested too deep to be kept"
