"""The Segment HTTP API: an unmodified Segment client works. 200 only once the events are durable.

Source: Segment's HTTP Tracking API: Basic auth with the write key as user name, 32 KB an event, 500 KB a batch, gzip.
"""

from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Callable, Mapping
from hmac import compare_digest
from typing import Any

from aiohttp import web

from orchestrator.contracts.record import Record
from orchestrator.errors import ServiceUnavailable
from orchestrator.gateway.problem import json_response, problem
from orchestrator.gateway.publisher import Overloaded, Publisher
from orchestrator.gateway.request_body import read_body, read_json
from orchestrator.gateway.segment_event import dead_letter, read_event
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.ids import Ids

MAX_EVENT, MAX_BATCH = 32 * 1024, 500 * 1024
MOST_EVENTS = 10_000
"""Events of one batch: a body of 500 KB full of nothing would keep everybody else waiting."""
HOW_TO_SIGN_IN = (
    "send the write key as the user name of Basic auth, with an empty password (curl -u KEY:); keys are set with CONCIERGE_WRITE_KEYS"
)


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
            return self._refused(400, "not_an_event", "No batch", 'send {"batch": [ … ]} with at least one event')
        if len(events) > MOST_EVENTS:
            return self._refused(413, "too_large", "Too large", f"{len(events)} events; at most {MOST_EVENTS} in a batch: split it")
        context = body.get("context")
        return await self._take(events, source, whole=False, context=context if isinstance(context, dict) else None)

    def _refused(self, status: int, reason: str, what: str, detail: str) -> web.Response:
        self._count("refused", reason, 1)
        return problem(status, what, detail)

    async def _read(self, request: web.Request, limit: int) -> tuple[dict[str, Any], str] | web.Response:
        """The body as an object, and the source whose key it carries; or the answer to give instead."""
        given = _user_name(request)
        if given is not None and self._source(given) is None:
            return self._unknown_key()
        raw = await read_body(request, limit)
        if isinstance(raw, web.Response):
            self._count("refused", "too_large" if raw.status == 413 else "unreadable", 1)
            return raw
        try:
            body = read_json(raw)
        except ValueError as error:
            return self._refused(400, "not_json", "Not JSON", f"the body cannot be read: {error}")
        if not isinstance(body, dict):
            return self._refused(400, "not_json", "Not an object", 'send a JSON object: {"userId": "…", "event": "…", "properties": {…}}')
        written = body.pop("writeKey", None)
        source = self._source(given if given is not None else written if isinstance(written, str) else "")
        return self._unknown_key() if source is None else (body, source)

    def _source(self, key: str) -> str | None:
        given = key.encode("utf-8", "replace")
        return next((name for known, name in self._keys.items() if compare_digest(known.encode(), given)), None)

    def _unknown_key(self) -> web.Response:
        self._count("refused", "write_key", 1)
        return problem(401, "Unknown write key", HOW_TO_SIGN_IN, headers={"WWW-Authenticate": 'Basic realm="concierge"'})

    async def _take(self, events: list[Any], source: str, *, whole: bool, context: dict[str, Any] | None = None) -> web.Response:
        now = self._clock.now()
        records: list[Record] = []
        rejected: list[dict[str, object]] = []
        for index, event in enumerate(events):
            made = read_event(event, source, now, self._ids, context, MAX_EVENT)
            if isinstance(made, Record):
                records.append(made)
            else:
                rejected.append({"index": index, "reason": made})
                if not whole:
                    records.append(dead_letter(event, made))
        if whole and rejected:
            return self._refused(400, "not_an_event", "Not an event", str(rejected[0]["reason"]))
        try:
            await self._publisher.publish(records)
        except Overloaded as error:
            self._count("refused", "overloaded", len(events))
            return problem(429, "Too much is waiting", str(error), headers={"Retry-After": str(error.retry_after)})
        except ServiceUnavailable as error:
            self._count("refused", "unavailable", len(events))
            return problem(503, "The log cannot be reached", str(error), headers={"Retry-After": "5"})
        self._count("accepted", source, len(events) - len(rejected))
        self._count("refused", "not_an_event", len(rejected))
        if len(rejected) == len(events):
            return problem(400, "Not one event in this batch", str(rejected[0]["reason"]), rejected=rejected)
        return json_response({"success": True, **({"rejected": rejected} if rejected else {})})


def _user_name(request: web.Request) -> str | None:
    """Of Basic auth; None without the header, empty where it cannot be read."""
    header = request.headers.get("Authorization", "")
    if not header.strip():
        return None
    kind, _blank, value = header.partition(" ")
    try:
        return b64decode(value.strip(), validate=True).decode().partition(":")[0] if kind.lower() == "basic" else ""
    except (BadBase64, UnicodeDecodeError, ValueError):
        return ""
