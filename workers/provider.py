"""A provider as delivery sees it: a name, how to ask, how to read the answer, and where to look up what nobody heard."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from orchestrator.contracts.message import OutboundMessage
from workers.outcome import NotProcessed, Outcome, Unknown
from workers.records import Records
from workers.transport import Answer, Request


class OwnTransport(Protocol):
    """Of a provider that is not asked over HTTP; opened before its first message."""

    async def ask(self, request: Request) -> Answer | NotProcessed | Unknown: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Provider:
    """`rate` in messages a second. `request` holds credentials and is not shown; `read` takes the answer and the instant it came, in milliseconds."""

    name: str
    request: Callable[[OutboundMessage], Request] = field(repr=False)
    read: Callable[[Answer, int], Outcome]
    rate: float
    evidence: float = 4.0
    """Seconds within which its webhooks report what it took: how long to wait for proof about an outcome nobody heard."""
    records: Records | None = field(default=None, repr=False)
    """How to look a message up in the provider's own records, once the webhooks have had their time; None where it keeps none."""
    transport: OwnTransport | None = None
    """None: our HTTP."""
