"""The body of a request: read within bounds of size and time, unpacked when it is gzip, and read as JSON."""

import asyncio
import json
import zlib
from typing import Any

import msgspec
from aiohttp import web

from orchestrator.gateway.problem import problem

READ_WITHIN = 30.0
"""Seconds for the whole of a body."""
MOST_MEMBERS = 100
"""Parts of a gzip body (RFC 1952 allows several): each costs time, however small."""


class TooLargeError(Exception):
    """More than the limit, once unpacked."""


async def read_body(request: web.Request, limit: int) -> bytes | web.Response:
    """At most `limit` bytes, packed and unpacked; or the answer to give instead: 400, 408, 413, 415."""
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        return problem(415, f"Content-Encoding {encoding[:40]}", "send the body as gzip, or as it is", headers={"Accept-Encoding": "gzip"})
    if (request.content_length or 0) > limit:
        return _too_large(limit, f"{request.content_length} of at most")
    raw = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN):
            async for part in request.content.iter_chunked(64 * 1024):
                raw += part
                if len(raw) > limit:
                    return _too_large(limit, "more than")
    except TimeoutError:
        return problem(
            408, "Too slow", f"the body did not come within {READ_WITHIN:g} seconds; send it again", headers={"Connection": "close"}
        )
    if not encoding.endswith("gzip") and raw[:2] != b"\x1f\x8b":
        return bytes(raw)
    try:
        return unpack(bytes(raw), limit)
    except TooLargeError:
        return _too_large(limit, "once unpacked more than")
    except zlib.error as error:
        return problem(400, "Not gzip", f"the body cannot be unpacked: {error}")


def _too_large(limit: int, found: str) -> web.Response:
    return problem(413, "Too large", f"{found} {limit} bytes; split it")


def unpack(packed: bytes, limit: int) -> bytes:
    """All members of a gzip body. Raises zlib.error, TooLargeError; never holds more than `limit` bytes and one."""
    found, rest, members = bytearray(), packed, 0
    while rest:
        if members == MOST_MEMBERS:
            raise zlib.error(f"more than {MOST_MEMBERS} members")
        unpacker, members = zlib.decompressobj(wbits=31), members + 1
        found += unpacker.decompress(rest, limit + 1 - len(found))
        if len(found) > limit:
            raise TooLargeError
        if not unpacker.eof:
            raise zlib.error("it ends before its end")
        rest = unpacker.unused_data.lstrip(b"\0")
    return bytes(found)


def read_json(raw: bytes) -> Any:
    """Any JSON value. Raises ValueError with line and column.

    What the strict reader refuses (half a character, NaN, a number beyond 64 bits) the patient one takes: so one bad event of a batch
    is refused by its own name and does not take the others with it.
    """
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return json.loads(raw)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from error
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    except ValueError as error:
        raise ValueError("a number of thousands of digits: send it as text") from error
