"""The claim: a sender's exclusive right to send one intent. Taken in the same step as the last check; a message has left then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from orchestrator.contracts.guard import GuardQuestion, GuardRefusal

ClaimState = Literal["sending", "done", "released", "unknown", "ended"]
"""`sending`: a provider call may be under way; `done`: settled for good; `released`: not sent, may be claimed again;
`unknown`: the provider may have it and nobody knows; `ended`: this try and those before it were not sent and the log says so (only a
rebuilt store knows that): a later one may be claimed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of an intent. `at` in milliseconds; `sequence` orders claims and commits of a store.

    `provider_id`: the provider's id of it; until a repeated try is `done`, that of the try before, which failed.
    """

    state: ClaimState
    sender: str
    at: int
    attempt: int
    provider_id: str | None = None
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """`over`: take it over from this earlier claim (which was found dead) if it still stands so.

    `replaces`: the provider's id of an earlier try that it accepted and then said had failed: that one is no reason not to send.
    """

    intent: str
    customer: str
    sender: str
    attempt: int
    question: GuardQuestion
    address_hash: str
    over: Claim | None = None
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """Send it, at once; without the offer it carries where `no_offer` says why not."""

    claim: Claim
    no_offer: GuardRefusal | None = None


@dataclass(frozen=True, slots=True)
class RefusedByGuard:
    """The last check says no."""

    refusal: GuardRefusal


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody has it, or had it."""

    claim: Claim


ClaimResult = Granted | RefusedByGuard | Taken


class Claims(Protocol):
    """The senders' side of a store."""

    async def claim(self, partition: int, requests: list[ClaimRequest]) -> list[ClaimResult]:
        """Guards and claims of all requests in one atomic step, in order."""
        ...

    async def settle(self, partition: int, settlements: list["Settlement"]) -> list[bool]:
        """Record outcomes; False where the claim is no longer the sender's."""
        ...

    async def claims(self, partition: int, intents: Sequence[str]) -> dict[str, Claim]:
        """Those of the intents that were claimed."""
        ...

    async def confirm(self, found: Mapping[str, str | None]) -> None:
        """The provider's own word that it has these intents (and its id for them): proof, whatever their sender heard."""
        ...

    async def known(self, partition: int, address_hash: str) -> dict[str, str]:
        """Ids that a provider gave texts to this number, each with its intent: at least the latest fifty."""
        ...


@dataclass(frozen=True, slots=True)
class Settlement:
    """The outcome of a claimed intent."""

    intent: str
    sender: str
    state: ClaimState
    at: int
    provider_id: str | None = None
