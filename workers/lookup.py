"""Asking providers' records: a few requests at a time and a second, one message to an address at a time, and for a while not at all
where they cannot be asked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from weakref import WeakValueDictionary

from orchestrator.contracts.claim import Claims
from orchestrator.contracts.message import OutboundMessage
from orchestrator.runtime.clock import Clock
from workers.outcome import NotProcessed, Unknown
from workers.provider import Provider
from workers.records import Absent, CannotTell, Finding, Found, Inquiry, Sought
from workers.transport import Answer, Request

AT_ONCE = 4
GAP = 0.1
"""Requests at a time; seconds between the beginnings of two."""
LASTING, REST, LONGEST_REST = 900_000, 10_000, 120_000
"""Milliseconds the records of a provider are left alone: when they cannot be asked at all, when they failed, at most when it says so."""

Ask = Callable[[Request], Awaitable[Answer | NotProcessed | Unknown]]


class LookUps:
    """Of one channel. `ask` is our transport."""

    def __init__(self, claims: Claims, ask: Ask, clock: Clock) -> None:
        self._claims = claims
        self._ask = ask
        self._clock = clock
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._next = 0.0
        self._rests: dict[str, int] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def find(
        self, message: OutboundMessage, providers: Sequence[Provider], partition: int, address_hash: str, since: int
    ) -> Finding:  # fmt: skip
        """What the records of these providers say; what is found is confirmed as the intent's before another may look for its like.

        `since`: the instant the try began, in milliseconds.
        """
        async with self._turn(address_hash):
            known = await self._claims.known(partition, address_hash)
            taken = {provider_id for provider_id, intent in known.items() if intent != message.intent} | {message.replaces}
            sought = Sought(message, since, self._clock.now(), taken)
            finding: Finding = Absent()
            for provider in providers:
                one = await self._of(provider, sought)
                if isinstance(one, Found):
                    await self._claims.confirm({message.intent: one.provider_id})
                    return one
                if isinstance(one, CannotTell):
                    finding = one
            return finding

    def _turn(self, address_hash: str) -> AbstractAsyncContextManager[None]:
        """Two equal texts to one number must not both find the one that got there."""
        lock = self._turns.get(address_hash)
        if lock is None:
            lock = self._turns[address_hash] = asyncio.Lock()
        return lock

    async def _of(self, provider: Provider, sought: Sought) -> Finding:
        if provider.records is None:
            return CannotTell(f"{provider.name} keeps no records that can be asked", lasting=True)
        async with self._slots:
            if self._clock.now() < self._rests.get(provider.name, 0):
                return CannotTell(f"the records of {provider.name} are left alone for a while")
            finding = await self._inquire(provider.records(sought))
        if isinstance(finding, CannotTell):
            rest = LASTING if finding.lasting else min(max(finding.retry_after or 0, REST), LONGEST_REST)
            self._rests[provider.name] = self._clock.now() + rest
        return finding

    async def _inquire(self, inquiry: Inquiry) -> Finding:
        try:
            request = next(inquiry)
            while True:
                await self._pace()
                answer = await self._ask(request)
                if not isinstance(answer, Answer):
                    inquiry.close()
                    return CannotTell(f"records: {answer.detail}"[:200])
                request = inquiry.send(answer)
        except StopIteration as end:
            finding: Finding = end.value
            return finding

    async def _pace(self) -> None:
        now = self._clock.monotonic()
        self._next = max(self._next, now) + GAP
        await asyncio.sleep(max(self._next - GAP - now, 0.0))
