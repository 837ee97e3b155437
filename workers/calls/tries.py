"""What a try means: the end of the call, or another try and when. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from orchestrator.contracts.call import MOST_RETRIES, OutboundCall, Why
from workers.calls.exchange import Answered, Barred, Exchanged, TimedOut, Unreachable
from workers.retry_after import retry_after

FIRST, LONGEST, GROWTH = 1_000, 300_000, 2.25
"""Milliseconds, milliseconds, and what a gap is to the one before: eight of them go from 1 s to 5 min."""


@dataclass(frozen=True, slots=True)
class End:
    """The call is over. `why` is empty when it went well."""

    why: Why
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: msgspec.Raw | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """Another try in `wait` milliseconds."""

    wait: int


def verdict(call: OutboundCall, exchanged: Exchanged, attempt: int, now: int, random: Callable[[], float]) -> End | Again:
    """`attempt` counts from 1, `now` is in milliseconds, `random` gives a number in [0, 1)."""
    match exchanged:
        case Barred():
            return End("address_refused")
        case TimedOut() | Unreachable():
            end = End("timeout" if isinstance(exchanged, TimedOut) else "unreachable")
            after = None
        case Answered(status, headers):
            end = _end(exchanged)
            if status != 429 and status < 500:
                return end
            after = retry_after(headers, now)
    if attempt > min(call.retries, MOST_RETRIES):
        return end
    return Again(gap(attempt, after, random))


def gap(attempt: int, after: int | None, random: Callable[[], float]) -> int:
    """Milliseconds after try `attempt`: growing, up to half more by chance so that many do not come back at once, never before the receiver
    asks for it, and never more than five minutes."""
    growing = FIRST * GROWTH ** (min(attempt, MOST_RETRIES + 1) - 1) * (1 + random() / 2)
    return min(max(int(growing), after or 0), LONGEST)


def _end(answered: Answered) -> End:
    status, headers = answered.status, answered.headers
    body = _json(answered.body)
    if not 200 <= status < 300:
        return End("redirect" if 300 <= status < 400 else "status", status, headers, body)
    if answered.too_large:
        return End("too_large", status, headers)
    if answered.body == b"":
        return End("", status, headers)
    return End("not_json", status, headers) if body is None else End("", status, headers, body)


def _json(body: bytes | None) -> msgspec.Raw | None:
    """As it came, or None where it is no JSON."""
    if not body:
        return None
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return msgspec.Raw(body)
