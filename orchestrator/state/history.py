"""Sealed history: decisions that left the profile's tail, eight to a compressed block."""

import msgspec
import zstandard

from orchestrator.contracts.decision import Decision

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Decision])
BLOCKS = 6
"""Blocks kept per customer; what is older is in the topic `decisions`."""


def seal(decisions: list[msgspec.Raw]) -> bytes:
    """One block, of decisions as they are stored."""
    return zstandard.ZstdCompressor(level=1).compress(_encoder.encode(decisions))


def unseal(block: bytes) -> list[Decision]:
    """Raises zstandard.ZstdError or msgspec.DecodeError for damaged bytes."""
    return _decoder.decode(zstandard.ZstdDecompressor().decompress(block))
