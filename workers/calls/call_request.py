"""A call becomes a request, or is refused before anybody is called. Pure: hosts, secrets and the instant come in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.contracts.call import OutboundCall, Why
from orchestrator.runtime.version import VERSION
from workers.calls.hosts import Target, target_of
from workers.calls.signing import signature

OURS = frozenset((
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect", "proxy-authorization",
    "proxy-connection", "accept-encoding", "idempotency-key", "x-concierge-signature",
))  # fmt: skip
"""Headers a step cannot set: they frame the request, or are the receiver's proof of what it is. `authorization` too where there is a secret."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


class SecretSource(Protocol):
    def get(self, name: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class CallRequest:
    """Ready to go. Headers hold secrets: never shown."""

    target: Target
    method: str
    headers: dict[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"{self.method}({self.target.host!r}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody is called, now or later. `detail` is for the log: no part of the call stands in it."""

    why: Why
    detail: str


def request_of(
    call: OutboundCall, hosts: Sequence[str], private: frozenset[tuple[str, int]], secrets: SecretSource, now: int
) -> CallRequest | Refused:
    """`hosts`: `webhooks.hosts` in force; `now` in milliseconds."""
    try:
        target = target_of(call.url, hosts, private)
    except ValueError as error:
        return Refused("bad_request", f"the URL: {type(error).__name__}")
    if target is None:
        return Refused("host_not_listed", "not https, or not in webhooks.hosts")
    if any(not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) for name, value in call.headers.items()):
        return Refused("bad_request", "a header has a character that may not stand there")
    if not call.id.isascii() or not call.id.isprintable():
        return Refused("bad_request", "its id is no text for a header")
    body = b"" if call.body is None else bytes(call.body)
    secret = None
    if call.secret is not None:
        secret = secrets.get(call.secret)
        if secret is None:
            return Refused("secret_missing", f"secret {call.secret!r}")
    return CallRequest(target, call.method, _headers(call, body, secret, now), body)


def _headers(call: OutboundCall, body: bytes, secret: str | None, now: int) -> dict[str, str]:
    ours = {"Idempotency-Key": call.id, "Accept-Encoding": "gzip"}
    if secret is not None:
        ours |= {"Authorization": f"Bearer {secret}", "X-Concierge-Signature": signature(secret, now, body)}
    taken = OURS | {name.lower() for name in ours}
    theirs = {name: value for name, value in call.headers.items() if name.lower() not in taken}
    written = {name.lower() for name in theirs}
    usual = {"Accept": "application/json", "User-Agent": f"Concierge/{VERSION}", **({"Content-Type": "application/json"} if body else {})}
    return {**{name: value for name, value in usual.items() if name.lower() not in written}, **theirs, **ours}
