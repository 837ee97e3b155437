"""How a profile is stored: one tag byte, then a MessagePack map of named sections. Unknown sections survive."""

from collections.abc import Mapping

import msgspec
import zstandard

PLAIN, ZSTD = 0, 1
COMPRESS_ABOVE = 8 * 1024
MAX_VALUE = 256 * 1024
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])


class ProfileTooLarge(ValueError):  # noqa: N818  (says what is wrong)
    """A profile above 256 KB: the input that made it so is set aside as a dead letter."""


class UnknownFormat(ValueError):  # noqa: N818  (says what is wrong)
    """Written by a later version of this program."""


def encode_sections(sections: Mapping[str, msgspec.Raw]) -> bytes:
    """Raises ProfileTooLarge."""
    body = _encoder.encode(sections)
    if len(body) > MAX_VALUE:
        raise ProfileTooLarge(f"a profile of {len(body)} bytes; at most {MAX_VALUE}")
    if len(body) > COMPRESS_ABOVE:
        return bytes((ZSTD,)) + zstandard.ZstdCompressor(level=1).compress(body)
    return bytes((PLAIN,)) + body


def decode_sections(value: bytes) -> dict[str, msgspec.Raw]:
    """Raises ValueError for damaged bytes, UnknownFormat for a format this program does not know."""
    try:
        match value[:1]:
            case b"\x00":
                return _decoder.decode(value[1:])
            case b"\x01":
                return _decoder.decode(zstandard.ZstdDecompressor().decompress(value[1:], max_output_size=MAX_VALUE))
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise ValueError(f"a stored profile of {len(value)} bytes is damaged: {error}") from error
    tag = value[0] if value else "nothing"
    raise UnknownFormat(f"a profile stored in format {tag}; this program reads 0 and 1: upgrade it")
