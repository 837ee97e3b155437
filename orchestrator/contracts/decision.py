"""The decision: why a message was sent, held or not sent, or an entry refused. The audit trail on the topic `decisions`.

No body, no address; personal values read `•••`. Absent fields are left out.
"""

from typing import Literal

import msgspec

from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel, MessageClass

Effect = Literal["S", "E", "D", "H", "R", "F", "i"]
CheckedAt = Literal["plan", "release", "sender"]


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`at` and `until` are milliseconds since 1970. `channels` lists each channel's own verdict where they differ."""

    reason: Reason
    effect: Effect
    at: int
    customer: str
    journey: str | None = None
    version: str | None = None
    run: str | None = None
    step: str | None = None
    message: str | None = None
    channel: Channel | None = None
    message_class: MessageClass | None = msgspec.field(name="class", default=None)
    rule: str | None = None
    rule_version: str | None = None
    values: dict[str, object] = {}
    part: str | None = None
    winner: str | None = None
    until: int | None = None
    checked_at: CheckedAt | None = None
    case: str | None = None
    intent: str | None = None
    channels: dict[str, str] = {}
    place: str | None = None


def encode_decision(decision: Decision) -> bytes:
    return msgspec.json.encode(decision)


_decoder = msgspec.json.Decoder(Decision)


def decode_decision(value: bytes) -> Decision:
    """Raises msgspec.DecodeError."""
    return _decoder.decode(value)
