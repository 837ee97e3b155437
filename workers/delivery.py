"""Delivering messages of one partition: claim with the last check → provider call at once → outcome.

A message has left when its claim is taken; nothing is awaited between the claim and the call but the call itself.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.contracts.claim import Claim, ClaimRequest, ClaimResult, Claims, Granted, RefusedByGuard, Settlement
from orchestrator.contracts.guard import GuardQuestion, GuardRefusal
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.receipt import Receipt
from orchestrator.runtime.clock import Clock
from workers.broker import Parcel
from workers.outcome import Accepted, ChannelDown, NotProcessed, Outcome, Rejected, Unknown
from workers.provider import Provider
from workers.provider_pool import ProviderPool
from workers.receipts import receipt_of, refused_receipt, unconfirmed_receipt
from workers.transport import Answer, Transport

MARGIN = 5_000
"""Milliseconds after a call's timeout when nobody can be waiting for it any more."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A parcel that is done with: what to settle, what to report."""

    parcel: Parcel
    receipt: Receipt | None = None
    settlement: Settlement | None = None


class Watch(Protocol):
    """Told of every provider call and every message's end; feeds metrics."""

    def called(self, channel: str, provider: str, outcome: str, seconds: float) -> None: ...

    def ended(self, message: OutboundMessage, provider: str, status: str, now: int) -> None: ...


class Delivery:
    """One sender of one channel. `sender` is its token; `is_dead` says of another's claim that its owner can't be calling."""

    def __init__(
        self, claims: Claims, transport: Transport, pool: ProviderPool, clock: Clock, sender: str, watch: Watch,
        address_hash: Callable[[OutboundMessage], str], is_dead: Callable[[Claim], bool], random: Callable[[], float],
    ) -> None:  # fmt: skip
        self._claims = claims
        self._transport = transport
        self._pool = pool
        self._clock = clock
        self._sender = sender
        self._watch = watch
        self._address_hash = address_hash
        self._is_dead = is_dead
        self._random = random

    def room(self) -> tuple[int, int]:
        """How many messages the providers take now; when it is 0, the milliseconds until it is worth asking again."""
        return self._pool.room(self._clock.now())

    def reserve(self, number: int) -> None:
        """So many are about to be delivered."""
        self._pool.reserve(number, self._clock.now())

    async def deliver(self, parcels: Sequence[Parcel], finish: Callable[[Finished], None]) -> None:
        """Deliver messages of one partition; `finish` is called once for each, as it is done."""
        for parcel in parcels:
            if parcel.message is None:
                finish(Finished(parcel))
        live = [parcel for parcel in parcels if parcel.message is not None]
        if not live:
            return
        requests = [self._request(parcel.message) for parcel in live if parcel.message is not None]
        results = await self._claims.claim(live[0].partition, requests)
        await asyncio.gather(*(self._one(parcel, result, finish) for parcel, result in zip(live, results, strict=True)))

    def _request(self, message: OutboundMessage, over: Claim | None = None) -> ClaimRequest:
        question = GuardQuestion(
            channel=message.channel, message_class=message.message_class, topic=message.topic, rules=message.rules,
            not_after=message.not_after, quiet_from=message.quiet_from, address_kind=None, now=self._clock.now(),
        )  # fmt: skip
        return ClaimRequest(message.intent, message.customer, self._sender, message.attempt, question, self._address_hash(message), over)

    async def _one(self, parcel: Parcel, result: ClaimResult, finish: Callable[[Finished], None]) -> None:
        message = parcel.message
        assert message is not None
        match result:
            case Granted():
                await self._send(parcel, message, finish)
            case RefusedByGuard(refusal):
                self._refused(parcel, message, refusal, finish)
            case _:
                await self._taken(parcel, message, result.claim, finish)

    def _refused(self, parcel: Parcel, message: OutboundMessage, refusal: GuardRefusal, finish: Callable[[Finished], None]) -> None:
        now = self._clock.now()
        receipt = refused_receipt(message, refusal, now)
        self._watch.ended(message, "", receipt.status, now)
        finish(Finished(parcel, receipt))

    async def _send(self, parcel: Parcel, message: OutboundMessage, finish: Callable[[Finished], None]) -> None:
        now = self._clock.now()
        provider = self._pool.choose(now)
        if provider is None:
            name, pause = "", self._pool.pause(now)
            outcome: Outcome = NotProcessed("circuit_open", "no provider of this channel answers", pause, asked=False)
        else:
            name, outcome = provider.name, await self._call(message, provider)
        now = self._clock.now()
        receipt = receipt_of(message, outcome, name, now, self._random, int(self._pool.evidence * 1000))
        finish(Finished(parcel, receipt, self._settlement(message, outcome, now)))
        self._watch.ended(message, name, receipt.status, now)

    async def _call(self, message: OutboundMessage, provider: Provider) -> Outcome:
        try:
            request = provider.request(message)
        except Exception as error:  # noqa: BLE001  (a message that cannot be written ends alone; its text stays out of the receipt)
            return Rejected("unsendable", f"the request could not be made: {type(error).__name__}")
        self._pool.asked(provider.name)
        started = self._clock.monotonic()
        answer = await self._transport.post(request)
        outcome = provider.read(answer, self._clock.now()) if isinstance(answer, Answer) else answer
        self._watch.called(message.channel, provider.name, type(outcome).__name__, self._clock.monotonic() - started)
        self._pool.told(provider.name, outcome, self._clock.now())
        return outcome

    def _settlement(self, message: OutboundMessage, outcome: Outcome, now: int) -> Settlement:
        match outcome:
            case Accepted(provider_id):
                return Settlement(message.intent, self._sender, "done", now, provider_id)
            case Rejected() | NotProcessed() | ChannelDown():
                # should we die before the receipt of a rejection is out, it is asked for again: nothing else remembers why
                return Settlement(message.intent, self._sender, "released", now)
            case Unknown():
                # a transactional message is tried again, since not getting it is worse than getting it twice
                state = "released" if message.message_class == "transactional" else "unknown"
                return Settlement(message.intent, self._sender, state, now)  # type: ignore[arg-type]  # one of the two states

    async def _taken(self, parcel: Parcel, message: OutboundMessage, claim: Claim, finish: Callable[[Finished], None]) -> None:
        """Somebody claimed it before: report again what is settled; find out about what is not."""
        now = self._clock.now()
        if claim.state == "done":
            outcome = Accepted(claim.provider_id) if claim.provider_id else None
            receipt = receipt_of(message, outcome, "", claim.at, self._random, 0) if outcome is not None else None
            finish(Finished(parcel, receipt))
            return
        if claim.state == "unknown":
            finish(Finished(parcel, unconfirmed_receipt(message, claim.at)))
            return
        if claim.sender == self._sender or not (self._is_dead(claim) or now - claim.at > self._transport.longest + MARGIN):
            await asyncio.sleep(1.0)
            again = await self._claims.claim(parcel.partition, [self._request(message)])
            await self._one(parcel, again[0], finish)
            return
        # its owner died between the claim and the answer: the provider's webhooks may prove what became of it
        await asyncio.sleep(self._pool.evidence)
        over = await self._claims.claim(parcel.partition, [self._request(message, claim)])
        if isinstance(over[0], RefusedByGuard):
            self._watch.ended(message, "", "unconfirmed", now)
            finish(Finished(parcel, unconfirmed_receipt(message, now)))
        elif not isinstance(over[0], Granted):
            await self._one(parcel, over[0], finish)
        elif message.message_class == "transactional":
            await self._send(parcel, message, finish)
        else:
            self._watch.ended(message, "", "unconfirmed", now)
            finish(Finished(parcel, unconfirmed_receipt(message, now), Settlement(message.intent, self._sender, "unknown", now)))
