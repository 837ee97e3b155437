"""The Segment HTTP API: an unmodified Segment client works. 200 only once the events are durable.

Source: Segment's HTTP Tracking API: Basic auth with the write key as user name, 32 KB an event, 500 KB a batch, gzip.
"""

import zlib
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any

import msgspec
from aiohttp import web

from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.contracts.event import EVENT_TYPES
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.errors import ServiceUnavailable
from orchestrator.gateway.problem import json_response, problem
from orchestrator.gateway.publisher import Overloaded, Publisher
from orchestrator.ingest.unfit import unfit_in
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.ids import Ids

MAX_EVENT, MAX_BATCH = 32 * 1024, 500 * 1024
MAX_ID = 256


class SegmentApi:
    """`write_keys` maps a key to the name of its source; `count` is told accepted (by source) and refused (by reason) events."""

    def __init__(
        self, publisher: Publisher, write_keys: Mapping[str, str], clock: Clock, ids: Ids, count: Callable[[str, str, int], None]
    ) -> None:
        self._publisher = publisher
        self._keys = write_keys
        self._clock = clock
        self._ids = ids
        self._count = count

    async def single(self, request: web.Request) -> web.Response:
        """POST /v1/{type}."""
        read = await self._read(request, MAX_EVENT)
        if isinstance(read, web.Response):
            return read
        body, source = read
        body["type"] = request.match_info["type"]
        return await self._take([body], source, whole=True)

    async def batch(self, request: web.Request) -> web.Response:
        """POST /v1/batch and /v1/import: the good ones are taken, the others named and kept as dead letters."""
        read = await self._read(request, MAX_BATCH)
        if isinstance(read, web.Response):
            return read
        body, source = read
        events = body.get("batch")
        if not isinstance(events, list) or not events:
            return problem(400, "No batch", "the body has a list `batch` with at least one event")
        context = body.get("context")
        return await self._take(events, source, whole=False, context=context if isinstance(context, dict) else None)

    async def _read(self, request: web.Request, limit: int) -> tuple[dict[str, Any], str] | web.Response:
        raw = await read_body(request, limit)
        if isinstance(raw, web.Response):
            return raw
        try:
            body = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return problem(400, "Not JSON", f"the body cannot be read: {error}")
        if not isinstance(body, dict):
            return problem(400, "Not an object", "the body is a JSON object")
        source = self._source(request, body)
        if source is None:
            self._count("refused", "write_key", 1)
            return problem(
                401,
                "Unknown write key",
                "Basic auth with the write key as the user name and an empty password",
                headers={"WWW-Authenticate": 'Basic realm="concierge"'},
            )
        return body, source

    def _source(self, request: web.Request, body: dict[str, Any]) -> str | None:
        kind, _blank, value = request.headers.get("Authorization", "").partition(" ")
        given = str(body.pop("writeKey", "") or "")
        if kind.lower() == "basic":
            try:
                given = b64decode(value, validate=True).decode().partition(":")[0]
            except (BadBase64, UnicodeDecodeError, ValueError):
                return None
        return next((name for key, name in self._keys.items() if compare_digest(key.encode(), given.encode("utf-8", "replace"))), None)

    async def _take(self, events: list[Any], source: str, *, whole: bool, context: dict[str, Any] | None = None) -> web.Response:
        now = datetime.fromtimestamp(self._clock.now() / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        records: list[Record] = []
        rejected: list[dict[str, object]] = []
        for index, event in enumerate(events):
            made = self._record(event, source, now, context)
            if isinstance(made, Record):
                records.append(made)
            else:
                rejected.append({"index": index, "reason": made})
                if not whole:
                    records.append(_dead(event, made))
        if whole and rejected:
            self._count("refused", "not_an_event", 1)
            return problem(400, "Not an event", str(rejected[0]["reason"]))
        try:
            await self._publisher.publish(records)
        except Overloaded as error:
            self._count("refused", "overloaded", len(events))
            return problem(429, "Too much is waiting", str(error), headers={"Retry-After": str(error.retry_after)})
        except ServiceUnavailable as error:
            return problem(503, "The log cannot be reached", str(error), headers={"Retry-After": "5"})
        self._count("accepted", source, len(events) - len(rejected))
        self._count("refused", "not_an_event", len(rejected))
        return json_response({"success": True, **({"rejected": rejected} if rejected else {})})

    def _record(self, event: Any, source: str, now: str, context: dict[str, Any] | None) -> Record | str:
        """The record of one event, or why it is none."""
        if not isinstance(event, dict):
            return "an event is a JSON object"
        kind = event.get("type")
        if kind not in EVENT_TYPES:
            return f"type {str(kind)[:40]!r} is none of {', '.join(EVENT_TYPES)}"
        user, anonymous = event.get("userId"), event.get("anonymousId")
        key = user if user not in (None, "") else anonymous
        if key is None or isinstance(key, dict | list | bool) or not str(key).strip():
            return "neither userId nor anonymousId: give one of them"
        if len(str(key)) > MAX_ID:
            return f"an id of {len(str(key))} characters; at most {MAX_ID}"
        if kind == "track" and not (isinstance(event.get("event"), str) and event["event"].strip()):
            return "a track event needs its name in `event`"
        for part in ("properties", "traits", "context"):
            if event.get(part) is not None and not isinstance(event[part], dict):
                return f"`{part}` is an object"
        if context and "context" not in event:
            event["context"] = context
        if not isinstance(event.get("messageId"), str) or not event["messageId"]:
            event["messageId"] = self._ids.message_id()
        event["receivedAt"] = now
        event["source"] = source
        event.pop("writeKey", None)
        try:
            value = msgspec.json.encode(event)
            bad = unfit_in(value, event)
        except RecursionError:
            bad = "nested too deeply"
        if bad is not None:
            return bad
        if len(value) > MAX_EVENT + 1024:
            return f"{len(value)} bytes; an event has at most {MAX_EVENT}"
        return Record(topic=CUSTOMER_EVENTS, key=str(key).strip().encode(), value=value)


def _dead(event: Any, reason: str) -> Record:
    """A refused event of a batch, kept."""
    try:
        value = msgspec.json.encode(event)[: 64 * 1024]
    except RecursionError:  # read at the very edge of what can be read: it cannot be written again
        value = b""
    letter = DeadLetter(
        reason=DeadLetterReason.BAD_SHAPE, error=reason, topic=CUSTOMER_EVENTS, partition=-1, offset=-1, key=None, value=value,
    )  # fmt: skip
    return letter.record()


async def read_body(request: web.Request, limit: int) -> bytes | web.Response:
    """The body, unpacked when it is gzip, at most `limit` bytes of it."""
    raw = bytearray()
    async for part in request.content.iter_chunked(64 * 1024):
        raw += part
        if len(raw) > limit:
            return problem(413, "Too large", f"at most {limit} bytes; split it")
    if request.headers.get("Content-Encoding", "").lower() != "gzip" and raw[:2] != b"\x1f\x8b":
        return bytes(raw)
    try:
        unpacker = zlib.decompressobj(wbits=31)
        unpacked = unpacker.decompress(bytes(raw), limit + 1)
    except zlib.error as error:
        return problem(400, "Not gzip", f"the body cannot be unpacked: {error}")
    if len(unpacked) > limit:
        return problem(413, "Too large", f"at most {limit} bytes unpacked; split it")
    return unpacked
