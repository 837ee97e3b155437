"""How a profile is stored: one tag byte, then a MessagePack map of named sections, large ones compressed. Unknown sections survive."""

from collections.abc import Mapping

import msgspec
import zstandard

from orchestrator.model.packed import LARGE, PackedSections, is_packed, length, pack

PLAIN, ZSTD, PACKED = 0, 1, 2
"""`ZSTD`: all of it is compressed, as earlier versions of this program stored it."""
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
    if len(body) <= LARGE and not isinstance(sections, PackedSections):
        return bytes((PLAIN,)) + body
    packed = [name for name, section in sections.items() if is_packed(section)]
    size = len(body) + sum(length(sections[name]) - len(sections[name]) for name in packed)
    if size > MAX_VALUE:
        raise ProfileTooLarge(f"a profile of {size} bytes; at most {MAX_VALUE}")
    large = [name for name, section in sections.items() if len(section) > LARGE and name not in packed]
    if large:
        body = _encoder.encode({name: pack(section) if name in large else section for name, section in sections.items()})
    return bytes((PACKED if packed or large else PLAIN,)) + body


def decode_sections(value: bytes) -> dict[str, msgspec.Raw]:
    """Large ones stay compressed: `model.packed` reads them. Raises ValueError for damaged bytes, UnknownFormat for a format this program
    does not know."""
    try:
        match value[:1]:
            case b"\x00":
                return _decoder.decode(value[1:])
            case b"\x02":
                return PackedSections(_decoder.decode(value[1:]))
            case b"\x01":
                return _decoder.decode(zstandard.ZstdDecompressor().decompress(value[1:], max_output_size=MAX_VALUE))
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise ValueError(f"a stored profile of {len(value)} bytes is damaged: {error}") from error
    tag = value[0] if value else "nothing"
    raise UnknownFormat(f"a profile stored in format {tag}; this program reads 0 to 2: upgrade it")
