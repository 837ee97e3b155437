"""What a provider call came to: a closed union. The provider's file owns the table from its codes to these."""

from dataclasses import dataclass

from orchestrator.contracts.reason import Reason


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """It will never be sent as it is. `address_dead`: nor will anything else to this address on this channel."""

    code: str
    detail: str
    reason: Reason = Reason.PROVIDER_REJECTED
    address_dead: bool = False
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class NotProcessed:
    """The provider surely does not have it: safe to try again, not before `retry_after` (milliseconds) if given.

    `asked` False: nobody was asked, so it counts as no try.
    """

    code: str
    detail: str
    retry_after: int | None = None
    reason: Reason = Reason.PROVIDER_DOWN
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Unknown:
    """The provider may have it: an answer was lost after the request was written."""

    detail: str


@dataclass(frozen=True, slots=True)
class ChannelDown:
    """Nothing of this channel can be sent until somebody acts (credentials, suspended account). Surely not processed."""

    code: str
    detail: str


Outcome = Accepted | Rejected | NotProcessed | Unknown | ChannelDown
