"""A call to somebody else's HTTP service (webhook, look-up) on the topic `outbound-calls`, and its answer on `delivery-receipts`.

An answer shares its topic with receipts: both are inputs of the same customer, in one order. It is told from a receipt by its field `type`,
which no receipt has: unlike a header, that survives whatever copies a record (a dead letter sent again, a signpost, another tool).
"""

from typing import TYPE_CHECKING, Literal, get_args

import msgspec

VERSION = 1
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Why = Literal[
    "", "bad_request", "host_not_listed", "address_refused", "secret_missing", "unreachable", "timeout", "redirect", "status", "too_large",
    "not_json",
]  # fmt: skip
"""Why there is no good answer; empty when there is. The closed list:

- `bad_request`: what the step wrote is no request (url, header). Not called.
- `host_not_listed`: not https, or the host is not in `webhooks.hosts`. Not called.
- `address_refused`: the name leads to an address that is not public. Not called.
- `secret_missing`: CONCIERGE_SECRET_<NAME> is not set. Not called.
- `unreachable`: no connection, no trusted certificate, or no whole answer. `timeout`: none in time.
- `redirect`: 3xx, not followed. `status`: another than 2xx. `too_large`, `not_json`: 2xx with a body that cannot be taken.
"""
WHYS: tuple[Why, ...] = get_args(Why)
LONGEST_TIMEOUT, MOST_RETRIES = 30_000, 8
"""Milliseconds of one try; tries after the first. More is cut to these."""
MOST_BODY = 64 * 1024
"""Bytes of an answer's body."""


if TYPE_CHECKING:
    Body = msgspec.Raw | None
else:
    Body = msgspec.Raw  # in a union msgspec takes Raw for no type at all, and then refuses every body


class OutboundCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One call, as the engine wants it. `id` is the intent id and the Idempotency-Key: the same however often it is made. `secret` is the
    name of one. `timeout` is of each try, `at` when it was decided, both in milliseconds; `retries`: tries after the first."""

    v: int = VERSION
    id: str
    customer: str
    journey: str
    key: str = ""
    number: int = 1
    step: str
    visit: int = 1
    method: Method = "POST"
    url: str
    headers: dict[str, str] = {}
    body: Body = None
    secret: str | None = None
    timeout: int = 5_000
    retries: int = 3
    at: int


class CallAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="call_answer"):
    """How a call ended. `status`, `headers` (names in lower case, bounded) and `body` (JSON, at most 64 KB) are of the last try that was
    answered; `attempts` counts tries (0: nobody was called), `at` is its end in milliseconds. It may come twice for one `id`: the first one counts."""

    v: int = VERSION
    id: str
    customer: str
    journey: str
    key: str = ""
    number: int = 1
    step: str
    visit: int = 1
    ok: bool
    status: int | None = None
    headers: dict[str, str] = {}
    body: Body = None
    why: Why = ""
    attempts: int
    at: int


class _Typed(msgspec.Struct):
    type: str | None = None


_calls = msgspec.json.Decoder(OutboundCall)
_answers = msgspec.json.Decoder(CallAnswer)
_typed = msgspec.json.Decoder(_Typed)
_MARK = b'"call_answer"'


def decode_call(value: bytes) -> OutboundCall:
    """Raises msgspec.DecodeError, and ValueError for a version this code cannot read."""
    call = _calls.decode(value)
    if call.v > VERSION:
        raise ValueError(f"call of version {call.v}; this program reads up to {VERSION}: upgrade the workers first")
    return call


def encode_call(call: OutboundCall) -> bytes:
    return msgspec.json.encode(call)


def is_answer(value: bytes) -> bool:
    """Is this record of `delivery-receipts` the answer of a call? Raises msgspec.DecodeError."""
    return _MARK in value and _typed.decode(value).type == "call_answer"


def decode_answer(value: bytes) -> CallAnswer:
    """Raises msgspec.DecodeError, and ValueError for a version this code cannot read."""
    answer = _answers.decode(value)
    if answer.v > VERSION:
        raise ValueError(f"answer of version {answer.v}; this program reads up to {VERSION}: upgrade the orchestrator first")
    return answer


def encode_answer(answer: CallAnswer) -> bytes:
    return msgspec.json.encode(answer)
