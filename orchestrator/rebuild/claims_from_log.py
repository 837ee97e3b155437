"""What the log says of messages that were sent: claims a store has lost, worked out from outbound messages and receipts. Pure.

A receipt tells how a try ended. A message without one may have been asked of a provider if it stands no further on than a sender
can have been; behind that point nobody has taken it, and it is delivered as if nothing had happened.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.contracts.claim import Claim, ClaimState
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.receipt import Receipt

SENDER = "rebuild"
"""Who a rebuilt claim belongs to: nobody who could still be sending."""
REACH = 2_500
"""Messages of one partition that can be claimed and not reported beyond the last reported one: a sender's slots, and its messages in doubt."""
_NOT_SENT = frozenset(("rejected", "deferred", "failed"))
"""Statuses that end a try without a message, unless the provider had taken it before."""


@dataclass(frozen=True, slots=True)
class LostClaim:
    """A claim as it should stand. `channel` and `to` only where the message itself was found."""

    intent: str
    customer: str
    claim: Claim
    channel: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class _Published:
    """What is kept of a message: never its text."""

    offset: int
    intent: str
    attempt: int
    customer: str
    channel: str
    to: str


@dataclass(frozen=True, slots=True)
class _Try:
    """How the latest try that was reported ended."""

    customer: str
    state: ClaimState
    attempt: int
    at: int
    provider_id: str | None


class ClaimsFromLog:
    """Of one partition. Give it everything since the snapshot, each topic in its order; then ask for the claims."""

    def __init__(self) -> None:
        self._tries: dict[str, _Try] = {}
        self._published: dict[str, list[_Published]] = defaultdict(list)

    def message(self, topic: str, offset: int, message: OutboundMessage) -> None:
        """A message on one of the outbound topics."""
        kept = _Published(offset, message.intent, message.attempt, message.customer, message.channel, message.to)
        self._published[topic].append(kept)

    def receipt(self, receipt: Receipt) -> None:
        """A receipt, in the order of the log."""
        intent = receipt.intent
        if intent is None:
            return
        held = self._tries.get(intent)
        provider_id = receipt.provider_id or (held.provider_id if held is not None else None)
        if held is not None and (receipt.attempt < held.attempt or (receipt.attempt == held.attempt and held.state == "done")):
            return  # a late word about a try that was followed by another; or what became of it after the provider had taken it
        self._tries[intent] = _Try(receipt.customer, _state_of(receipt), receipt.attempt, receipt.at, provider_id)

    def claims(self, finished: Mapping[str, int], now: int) -> list[LostClaim]:
        """`finished`: the senders' positions by outbound topic, 0 where there is none. `now` in milliseconds."""
        found: dict[str, LostClaim] = {
            intent: LostClaim(intent, one.customer, Claim(one.state, SENDER, one.at, one.attempt, one.provider_id))
            for intent, one in self._tries.items()
        }
        for topic, messages in self._published.items():
            reach = self._reach(messages, finished.get(topic, 0))
            for one in messages:
                claim = found[one.intent].claim if one.intent in found else None
                if claim is None or claim.attempt < one.attempt:
                    if one.offset >= reach:
                        continue
                    claim = Claim("unknown", SENDER, now, one.attempt, claim.provider_id if claim is not None else None)
                found[one.intent] = LostClaim(one.intent, one.customer, claim, one.channel, one.to)
        return list(found.values())

    def _reach(self, messages: list[_Published], finished: int) -> int:
        """The first offset that no sender can have got to."""
        return max(max((one.offset + 1 for one in messages if self._is_reported(one)), default=0), finished) + REACH

    def _is_reported(self, message: _Published) -> bool:
        held = self._tries.get(message.intent)
        return held is not None and held.attempt >= message.attempt


def _state_of(receipt: Receipt) -> ClaimState:
    if receipt.status in _NOT_SENT:
        return "ended"
    return "unknown" if receipt.status == "unconfirmed" and not receipt.provider_id else "done"
