"""The inbound event as it stands on the topic `customer-events` and in the HTTP API: the Segment Spec's common fields.

Source of the shape: the Segment Spec (common fields; identify, track, page, screen, group, alias). Readers ignore
top-level fields they do not know and keep everything inside `properties`, `traits` and `context`.
"""

from typing import Literal, get_args

import msgspec

EventType = Literal["track", "identify", "page", "screen", "group", "alias"]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)

MAX_EVENT_BYTES = 256 * 1024
"""An event on the topic larger than this is a dead letter, `too_large`."""


class Event(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True, kw_only=True):
    """One inbound event. Ids may be numbers on the wire and are text after `ingest`; times are RFC 3339 text."""

    type: EventType
    event: str | None = None
    name: str | None = None
    user_id: str | int | None = None
    anonymous_id: str | int | None = None
    previous_id: str | int | None = None
    group_id: str | int | None = None
    message_id: str | None = None
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: str | None = None
    received_at: str | None = None
    properties: dict[str, object] | None = None
    traits: dict[str, object] | None = None
    context: dict[str, object] | None = None
    source: str | None = None


_decoder = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


def decode_event(value: bytes) -> Event:
    """Raises msgspec.DecodeError (not JSON) or its subclass msgspec.ValidationError (wrong shape, with the path)."""
    return _decoder.decode(value)


def encode_event(event: Event) -> bytes:
    return _encoder.encode(event)
