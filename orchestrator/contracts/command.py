"""Inputs to the engine that are not customer facts: hand-overs between partitions, erasure, edits by hand.

They travel on `customer-events` like everything else, because the owner of a partition is the only writer of its
state. Their `type` starts with `concierge.`, a prefix the HTTP API refuses from outside.
"""

import msgspec

PREFIX = "concierge."


class Handover(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="concierge.handover"):
    """To the anonymous id's partition: give your profile to `user` and leave a signpost."""

    anonymous: str
    user: str
    id: str
    at: int


class Absorb(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="concierge.absorb"):
    """To the user's partition: the sections of the anonymous profile, to be merged."""

    user: str
    anonymous: str
    id: str
    at: int
    profile: bytes


class Erase(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="concierge.erase"):
    """Forget this customer; the id stays erased until `Readmit`."""

    customer: str
    id: str
    at: int


class Readmit(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="concierge.readmit"):
    """The only way back for an erased id."""

    customer: str
    id: str
    at: int


class Forwarded(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="concierge.forwarded"):
    """An event of an absorbed id, sent on to the partition of the user it now belongs to. `at` is its first arrival, ms."""

    customer: str
    event: bytes
    at: int


Command = Handover | Absorb | Erase | Readmit | Forwarded

_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


def decode_command(value: bytes) -> Command:
    """Raises msgspec.DecodeError."""
    return _decoder.decode(value)


def encode_command(command: Command) -> bytes:
    return msgspec.json.encode(command)
