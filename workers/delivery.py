"""Delivering messages of one partition: claim with the last check → provider call at once → outcome.

A message has left when its claim is taken; nothing is awaited between the claim and the call but the call itself. An outcome that
nobody heard is not settled here: it is handed on as a doubt, and settled when it is known what became of it, or that nobody can tell.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.contracts.claim import Claim, ClaimRequest, ClaimResult, Claims, Granted, RefusedByGuard, Settlement, Taken
from orchestrator.contracts.guard import GuardQuestion, GuardRefusal, OfferQuestion
from orchestrator.contracts.message import LeftOut, OutboundMessage, without_offer
from orchestrator.contracts.receipt import Receipt
from orchestrator.runtime.clock import Clock
from workers.broker import Parcel
from workers.outcome import Accepted, ChannelDown, NotProcessed, Outcome, Rejected, Unknown
from workers.provider import Provider
from workers.provider_pool import ProviderPool
from workers.receipts import receipt_of, refused_receipt, unconfirmed_receipt
from workers.resolver import InDoubt, Moved, Proved, Resolver
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

    def resolved(self, message: OutboundMessage, by: str) -> None:
        """An outcome nobody had heard is known after all, by a webhook or the provider's records."""
        ...

    def unconfirmed(self, message: OutboundMessage, reason: str) -> None:
        """Nobody can say whether the provider has it; it is settled by its class."""
        ...


Report = Callable[["Finished | InDoubt"], None]


class Delivery:
    """One sender of one channel. `sender` is its token; `is_dead` says of another's claim that its owner can't be calling."""

    def __init__(
        self, claims: Claims, transport: Transport, pool: ProviderPool, resolver: Resolver, clock: Clock, sender: str, watch: Watch,
        address_hash: Callable[[OutboundMessage], str], is_dead: Callable[[Claim], bool], random: Callable[[], float],
    ) -> None:  # fmt: skip
        self._claims = claims
        self._transport = transport
        self._pool = pool
        self._resolver = resolver
        self._clock = clock
        self._sender = sender
        self._watch = watch
        self._address_hash = address_hash
        self._is_dead = is_dead
        self._random = random
        self._under_way: set[str] = set()
        """Intents this sender is calling for, or is finding out about."""
        self._asking: dict[str, asyncio.Event] = {}
        """Intents whose claims are being asked for, and what is set once they are."""

    async def room(self) -> tuple[int, int]:
        """How many messages the providers take now; when it is 0, the milliseconds until it is worth asking again."""
        await self._pool.refill(self._clock.now())
        return self._pool.room(self._clock.now())

    def reserve(self, number: int) -> None:
        """So many are about to be delivered."""
        self._pool.reserve(number, self._clock.now())

    async def deliver(self, parcels: Sequence[Parcel], report: Report) -> None:
        """Deliver messages of one partition; `report` is called once for each, as it is done or in doubt."""
        for parcel in parcels:
            if parcel.message is None:
                report(Finished(parcel))
        live = [parcel for parcel in parcels if parcel.message is not None]
        if not live:
            return
        intents = [parcel.message.intent for parcel in live if parcel.message is not None]
        asked = asyncio.Event()
        earlier = {self._asking[intent] for intent in intents if intent in self._asking}
        self._asking.update(dict.fromkeys(intents, asked))
        try:
            for other in earlier:
                await other.wait()  # a copy published again must not look as if nothing were known of the first
            forgotten = await self._forgotten(live)
            requests = [self._request(parcel.message) for parcel in live if parcel.message is not None]
            results = await self._claims.claim(live[0].partition, requests)
        finally:
            asked.set()
            for intent in intents:
                if self._asking.get(intent) is asked:
                    del self._asking[intent]
        await asyncio.gather(
            *(
                self._one(parcel, result, report, in_doubt=number in forgotten)
                for number, (parcel, result) in enumerate(zip(live, results, strict=True))
            )
        )

    async def _forgotten(self, parcels: Sequence[Parcel]) -> set[int]:
        """Those a rewound partition published again and no claim is known of: a store that was restored has forgotten whether they
        were sent."""
        again = {number: parcel.message.intent for number, parcel in enumerate(parcels) if parcel.replayed and parcel.message is not None}
        if not again:
            return set()
        standing = await self._claims.claims(parcels[0].partition, list(again.values()))
        return {number for number, intent in again.items() if intent not in standing}

    async def resolve(self, doubt: InDoubt, report: Report) -> None:
        """Find out what became of it, and settle it: proved, or by its class. `report` is called once."""
        parcel, message = doubt.parcel, doubt.message
        found = await self._resolver.what_became_of(doubt)
        self._under_way.discard(message.intent)
        match found:
            case Moved():
                (result,) = await self._claims.claim(parcel.partition, [self._request(message)])
                await self._one(parcel, result, report)
            case Proved(provider_id, by):
                now = self._clock.now()
                self._watch.resolved(message, by)
                self._watch.ended(message, doubt.provider, "accepted", now)
                report(Finished(parcel, receipt_of(message, Accepted(provider_id), doubt.provider, now, self._random)))
            case silent:
                self._watch.unconfirmed(message, silent.reason)
                report(await self._by_class(doubt))

    async def _by_class(self, doubt: InDoubt) -> Finished:
        """A transactional message is tried again, since not getting it is worse than getting it twice; others are not."""
        message, now = doubt.message, self._clock.now()
        receipt = receipt_of(message, Unknown(doubt.detail), doubt.provider, now, self._random)
        again = receipt.status == "deferred"
        sender = doubt.claim.sender
        if again and sender != self._sender:
            (over,) = await self._claims.claim(doubt.parcel.partition, [self._request(message, doubt.claim)])
            if isinstance(over, Granted):
                sender = self._sender
            elif isinstance(over, Taken) and over.claim.state == "done":
                return Finished(doubt.parcel, receipt_of(message, Accepted(over.claim.provider_id or ""), "", now, self._random))
            else:  # what is known of the person by now forbids another try, or somebody was quicker
                receipt, again = unconfirmed_receipt(message, now), False
        self._watch.ended(message, doubt.provider, receipt.status, now)
        return Finished(doubt.parcel, receipt, Settlement(message.intent, sender, "released" if again else "unknown", now))

    def _request(self, message: OutboundMessage, over: Claim | None = None) -> ClaimRequest:
        question = GuardQuestion(
            channel=message.channel, message_class=message.message_class, topic=message.topic, rules=message.rules,
            not_after=message.not_after, quiet_from=message.quiet_from, address_kind=None, now=self._clock.now(),
            offer=None if message.offer is None else OfferQuestion(message.offer.topic, message.offer.rules),
        )  # fmt: skip
        return ClaimRequest(
            message.intent, message.customer, self._sender, message.attempt, question, self._address_hash(message), over, message.replaces
        )

    async def _one(self, parcel: Parcel, result: ClaimResult, report: Report, *, in_doubt: bool = False) -> None:
        message = parcel.message
        assert message is not None
        while isinstance(result, Taken) and self._is_under_way(message.intent, result.claim):
            await asyncio.sleep(1.0)
            (result,) = await self._claims.claim(parcel.partition, [self._request(message)])
        match result:
            case Granted(claim) if in_doubt:
                self._under_way.add(message.intent)
                report(InDoubt(parcel, message, claim, detail="published again by a store that was behind"))
            case Granted(claim, no_offer):
                if no_offer is not None:
                    message = without_offer(message, LeftOut(reason=no_offer.reason.value, rule=no_offer.rule, case=no_offer.case))
                await self._send(parcel, message, claim, report)
            case RefusedByGuard(refusal):
                report(self._refused(parcel, message, refusal))
            case Taken(claim):
                report(self._taken(parcel, message, claim))

    def _is_under_way(self, intent: str, claim: Claim) -> bool:
        """Somebody alive may be calling, or finding out what became of a call. A claim of our own that we know nothing of was settled,
        and the store has forgotten it."""
        if claim.state != "sending":
            return False
        if claim.sender == self._sender:
            return intent in self._under_way
        return not (self._is_dead(claim) or self._clock.now() - claim.at > self._transport.longest + MARGIN)

    def _refused(self, parcel: Parcel, message: OutboundMessage, refusal: GuardRefusal) -> Finished:
        now = self._clock.now()
        receipt = refused_receipt(message, refusal, now)
        self._watch.ended(message, "", receipt.status, now)
        return Finished(parcel, receipt)

    def _taken(self, parcel: Parcel, message: OutboundMessage, claim: Claim) -> Finished | InDoubt:
        """Somebody claimed it before: report again what is settled; find out about what is not."""
        if claim.state == "done":
            return Finished(parcel, receipt_of(message, Accepted(claim.provider_id or ""), "", claim.at, self._random))
        if claim.state == "unknown":
            return Finished(parcel, unconfirmed_receipt(message, claim.at))
        if claim.state == "ended":
            return Finished(parcel)
        return InDoubt(parcel, message, claim)

    async def _send(self, parcel: Parcel, message: OutboundMessage, claim: Claim, report: Report) -> None:
        self._under_way.add(message.intent)
        now = self._clock.now()
        provider = self._pool.choose(now)
        if provider is None:
            name, pause = "", self._pool.pause(now)
            outcome: Outcome = NotProcessed("circuit_open", "no provider of this channel answers", pause, asked=False)
        else:
            name, outcome = provider.name, await self._call(message, provider)
        if isinstance(outcome, Unknown):
            report(InDoubt(parcel, message, claim, name, outcome.detail))
            return
        self._under_way.discard(message.intent)
        now = self._clock.now()
        receipt = receipt_of(message, outcome, name, now, self._random)
        report(Finished(parcel, receipt, self._settlement(message, outcome, now)))
        self._watch.ended(message, name, receipt.status, now)

    async def _call(self, message: OutboundMessage, provider: Provider) -> Outcome:
        try:
            request = provider.request(message)
        except Exception as error:  # noqa: BLE001  (a message that cannot be written ends alone; its text stays out of the receipt)
            return Rejected("unsendable", f"the request could not be made: {type(error).__name__}")
        self._pool.asked(provider.name)
        started = self._clock.monotonic()
        answer = await (provider.transport or self._transport).ask(request)
        outcome = provider.read(answer, self._clock.now()) if isinstance(answer, Answer) else answer
        self._watch.called(message.channel, provider.name, type(outcome).__name__, self._clock.monotonic() - started)
        self._pool.told(provider.name, outcome, self._clock.now())
        return outcome

    def _settlement(self, message: OutboundMessage, outcome: Accepted | Rejected | NotProcessed | ChannelDown, now: int) -> Settlement:
        if isinstance(outcome, Accepted):
            return Settlement(message.intent, self._sender, "done", now, outcome.provider_id)
        # should we die before the receipt of a rejection is out, it is asked for again: nothing else remembers why
        return Settlement(message.intent, self._sender, "released", now)
