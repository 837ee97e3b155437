"""A provider as delivery sees it: a name, how to ask, how to read the answer."""

from collections.abc import Callable
from dataclasses import dataclass, field

from orchestrator.contracts.message import OutboundMessage
from workers.outcome import Outcome
from workers.transport import Answer, Request


@dataclass(frozen=True, slots=True)
class Provider:
    """`rate` in messages a second. `request` holds credentials and is not shown; `read` takes the answer and the instant it came, in milliseconds."""

    name: str
    request: Callable[[OutboundMessage], Request] = field(repr=False)
    read: Callable[[Answer, int], Outcome]
    rate: float
    evidence: float = 4.0
    """Seconds within which its webhooks report what it took: how long to wait for proof about an outcome nobody heard."""
