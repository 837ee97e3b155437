"""Large sections of a profile are compressed, each by itself, and stay so until somebody reads them: an event that does not concern a
customer's hundred waiting runs neither unpacks nor packs them."""

import threading

import msgspec
import zstandard

LARGE = 8 * 1024
"""Bytes above which a section is compressed: a rule about its content alone, so that equal content gives equal bytes."""
LARGEST = 256 * 1024
EXTENSION = 1
"""The MessagePack extension: four bytes with the length of the content, big-endian, then a Zstandard frame."""
_MARKS = (b"\xc7", b"\xc8", b"\xc9")
"""First byte of an extension of any length that stands here."""


class _Contexts(threading.local):
    """One of each a thread: making them costs more than using them, and two threads may not use one."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=1).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_contexts = _Contexts()


class PackedSections(dict[str, msgspec.Raw]):
    """Some of them may be compressed. Of a plain mapping none is, and nobody has to look."""


def is_packed(section: msgspec.Raw) -> bool:
    """No section is an extension by itself."""
    return bytes(memoryview(section)[:1]) in _MARKS


def pack(section: msgspec.Raw) -> msgspec.Raw:
    """Compressed where it is large, and is not yet."""
    if len(section) <= LARGE or is_packed(section):
        return section
    body = bytes(section)
    return msgspec.Raw(msgspec.msgpack.encode(msgspec.msgpack.Ext(EXTENSION, len(body).to_bytes(4, "big") + _contexts.compress(body))))


def unpack(section: msgspec.Raw) -> msgspec.Raw:
    """As it was before `pack`. Raises msgspec.DecodeError for damaged bytes."""
    if not is_packed(section):
        return section
    found = msgspec.msgpack.decode(section, type=msgspec.msgpack.Ext)
    try:
        return msgspec.Raw(_contexts.decompress(bytes(found.data)[4:], max_output_size=LARGEST))
    except zstandard.ZstdError as error:
        raise msgspec.DecodeError(f"compressed bytes: {error}") from error


def length(section: msgspec.Raw) -> int:
    """Of its content, in bytes."""
    if not is_packed(section):
        return len(section)
    begin = bytes(memoryview(section)[:10])
    head = {0xC7: 3, 0xC8: 4, 0xC9: 6}[begin[0]]
    return int.from_bytes(begin[head : head + 4], "big")
