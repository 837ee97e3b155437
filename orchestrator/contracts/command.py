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
    """To the user's partition: the sections of the anonymous profile (a MessagePack map, zstd), to be merged."""

    user: str
    anonymous: str
    id: str
    at: int
    profile: bytes


class Unlink(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="concierge.unlink"):
    """To the user's partition: `anonymous` is not, or no longer, a device of this user; what was merged stays."""

    user: str
    anonymous: str
    id: str
    at: int


class Erase(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="concierge.erase"):
    """Forget this customer; the id stays erased until `Readmit`. `of`: the user this absorbed id belonged to, whose erasure it is."""

    customer: str
    id: str
    at: int
    of: str | None = None


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


Command = Handover | Absorb | Unlink | Erase | Readmit | Forwarded

_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


class _Typed(msgspec.Struct):
    type: str = ""


_typed = msgspec.json.Decoder(_Typed)
_MARK = b'"' + PREFIX.encode()


def is_command(value: bytes) -> bool:
    """Whether these bytes are ours rather than an event that happens to speak of us. Raises msgspec.DecodeError."""
    return _MARK in value[:400] and _typed.decode(value).type.startswith(PREFIX)


def decode_command(value: bytes) -> Command:
    """Raises msgspec.DecodeError."""
    return _decoder.decode(value)


def encode_command(command: Command) -> bytes:
    return msgspec.json.encode(command)
