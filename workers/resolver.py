"""What became of a message whose outcome nobody heard: the provider's webhooks first, then its own records, else nobody can tell."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from orchestrator.contracts.claim import Claim, Claims
from orchestrator.contracts.message import OutboundMessage
from workers.broker import Parcel
from workers.lookup import LookUps
from workers.provider_pool import ProviderPool
from workers.records import CannotTell, Found

LOOKS, BETWEEN = 3, 10.0
"""How often records that fail are asked, and seconds between."""


@dataclass(frozen=True, slots=True)
class InDoubt:
    """A message that a provider may have. `claim` is its claim; `provider` was asked, empty where its sender died and nobody knows;
    `detail` is what was heard instead of an answer."""

    parcel: Parcel
    message: OutboundMessage
    claim: Claim
    provider: str = ""
    detail: str = "its sender died"


@dataclass(frozen=True, slots=True)
class Proved:
    """The provider has it; `by` says how that is known."""

    provider_id: str
    by: Literal["webhook", "records"]


@dataclass(frozen=True, slots=True)
class Silent:
    """Nobody can say. `reason` is a label of claims_unconfirmed_total: it is not in the records, or they could not be asked."""

    reason: Literal["absent", "cannot_tell"]


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody else has settled it, or taken it over, meanwhile."""


class Resolver:
    """Of one channel."""

    def __init__(self, claims: Claims, lookups: LookUps, pool: ProviderPool, address_hash: Callable[[OutboundMessage], str]) -> None:
        self._claims = claims
        self._lookups = lookups
        self._pool = pool
        self._address_hash = address_hash

    async def what_became_of(self, doubt: InDoubt) -> Proved | Silent | Moved:
        """Takes as long as webhooks may take to come, and as long again as records that fail may take to mend."""
        message, partition = doubt.message, doubt.parcel.partition
        await asyncio.sleep(self._pool.evidence(doubt.provider))
        for look in range(LOOKS):
            claim = (await self._claims.claims(partition, [message.intent])).get(message.intent)
            if claim is not None and claim.state == "done":
                return Proved(claim.provider_id or "", "webhook")
            if claim is None or (claim.sender, claim.at, claim.state) != (doubt.claim.sender, doubt.claim.at, doubt.claim.state):
                return Moved()
            providers = self._pool.named(doubt.provider)
            finding = await self._lookups.find(message, providers, partition, self._address_hash(message), doubt.claim.at)
            if isinstance(finding, Found):
                return Proved(finding.provider_id, "records")
            if not isinstance(finding, CannotTell):
                return Silent("absent")
            if finding.lasting:
                break
            if look < LOOKS - 1:
                await asyncio.sleep(BETWEEN)
        return Silent("cannot_tell")
