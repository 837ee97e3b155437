"""The store in memory: encoded bytes in dictionaries, so that aliasing cannot hide a bug. For tests and the simulator."""

import heapq
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from orchestrator.contracts.claim import Claim, ClaimRequest, ClaimResult, Granted, Settlement
from orchestrator.contracts.record import Record
from orchestrator.errors import Conflict, StoreRefused
from orchestrator.model.grants import grant
from orchestrator.model.queue import Queue, Slot, SlotRequest, take_slot
from orchestrator.state.claiming import answer, confirmed, settled
from orchestrator.state.history import BLOCKS
from orchestrator.state.store import SCHEMA, Commit, Owned, Timer, customers_only, note_address

V = TypeVar("V")


class _Partition:
    def __init__(self) -> None:
        self.own: str | None = None
        self.version = 0
        self.last: Commit | None = None
        self.cursors: dict[str, int] = {}
        self.profiles: dict[str, bytes] = {}
        self.timers: dict[str, int] = {}
        self.heap: list[tuple[int, str]] = []
        self.guards: dict[str, bytes] = {}
        self.history: dict[str, list[bytes]] = {}
        self.outbox: dict[str, list[Record]] = {}


class MemoryStore:
    """`publish`: where outgoing records go at the commit itself; without it they wait in the outbox as on a remote store."""

    def __init__(self, store_id: str = "memory", publish: Callable[[Sequence[Record]], None] | None = None, schema: int = SCHEMA) -> None:
        self._id = store_id
        self._schema = schema
        self._publish = publish
        self.publishes = publish is not None
        self._partitions: defaultdict[int, _Partition] = defaultdict(_Partition)
        self._claims: dict[str, Claim] = {}
        self._claimed_for: defaultdict[str, list[str]] = defaultdict(list)
        self._addresses: dict[str, str] = {}
        self.sequence = 0
        self._granted: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._slots: defaultdict[str, Queue] = defaultdict(Queue)

    async def take_over(self, partition: int, token: str, expected: str | None = None) -> Owned:
        if self._schema > SCHEMA:
            raise StoreRefused(f"the store has schema {self._schema}, this program knows {SCHEMA}: upgrade the program")
        if expected is not None and expected != self._id:
            raise StoreRefused(f"this is store {self._id}, the log belongs to {expected}: connect the right store, or rebuild")
        held = self._partitions[partition]
        held.own, held.last = token, None
        return Owned(held.version, dict(held.cursors), self._id, list(held.outbox.items()))

    async def grant(self, name: str, most: int, want: int, partition: int, used: Mapping[int, int]) -> int:
        return grant(self._granted[name], most, want, partition, used)

    async def take_slots(self, name: str, wanted: Sequence[SlotRequest]) -> list[Slot | None]:
        return [take_slot(self._slots[name], one) for one in wanted]

    async def load(self, partition: int, customers: Sequence[str]) -> dict[str, bytes]:
        profiles = self._partitions[partition].profiles
        return {customer: profiles[customer] for customer in customers if customer in profiles}

    async def everybody(self) -> AsyncIterator[dict[str, bytes]]:
        for partition in sorted(self._partitions):
            yield customers_only(self._partitions[partition].profiles)

    async def customers_of(self, partition: int, after: str, limit: int) -> tuple[list[str], str | None]:
        behind = (customer for customer in self._partitions[partition].profiles if customer > after and not customer.startswith("\0"))
        found = heapq.nsmallest(limit, behind)
        return found, found[-1] if len(found) == limit else None

    async def commit(self, partition: int, token: str, version: int, commit: Commit) -> int:
        held = self._partitions[partition]
        if held.own == token and held.version == version + 1 and held.last == commit:
            return held.version
        if held.own != token or held.version != version:
            raise Conflict(f"partition {partition}: owner or version moved (version {held.version}, expected {version})")
        self.sequence += 1
        held.cursors.update(commit.cursors)
        for customer, value in commit.profiles.items():
            _put(held.profiles, customer, value)
        for customer, guard in commit.guards.items():
            _put(held.guards, customer, guard)
        for customer, due in commit.timers.items():
            _put(held.timers, customer, due)
            if due is not None:
                heapq.heappush(held.heap, (due, customer))
        for customer in commit.forgotten:
            held.history.pop(customer, None)
        for customer, block in commit.history.items():
            held.history[customer] = [*held.history.get(customer, []), block][-BLOCKS:]
        if commit.outbox:
            if self._publish is not None:
                self._publish(commit.outbox)
            else:
                held.outbox[f"{token}:{version}"] = list(commit.outbox)
        held.version, held.last = version + 1, commit
        return held.version

    async def due(self, partition: int, until: int, limit: int, after: Timer | None = None) -> list[Timer]:
        held = self._partitions[partition]
        if after is not None:
            behind = (
                (due, customer)
                for customer, due in held.timers.items()
                if (after.due, after.customer) < (due, customer) <= (until, "\U0010ffff")
            )
            return [Timer(customer, due) for due, customer in heapq.nsmallest(limit, behind)]
        found: dict[str, int] = {}
        put_back = []
        while held.heap and held.heap[0][0] <= until and len(found) < limit:
            due, customer = heapq.heappop(held.heap)
            if held.timers.get(customer) == due and customer not in found:
                found[customer] = due
                put_back.append((due, customer))
        for item in put_back:
            heapq.heappush(held.heap, item)
        return [Timer(customer, due) for customer, due in found.items()]

    async def next_due(self, partition: int) -> int | None:
        held = self._partitions[partition]
        while held.heap and held.timers.get(held.heap[0][1]) != held.heap[0][0]:
            heapq.heappop(held.heap)
        return held.heap[0][0] if held.heap else None

    async def verify(self, partition: int, token: str, version: int) -> Sequence[str]:
        held = self._partitions[partition]
        if (held.own, held.version) != (token, version):
            raise Conflict(f"partition {partition}: owner or version moved (version {held.version}, expected {version})")
        return list(held.outbox)

    async def published(self, partition: int, entry: str) -> None:
        self._partitions[partition].outbox.pop(entry, None)

    async def history(self, partition: int, customer: str) -> list[bytes]:
        return list(self._partitions[partition].history.get(customer, []))

    async def suppress(self, addresses: Sequence[tuple[str, str]]) -> None:
        for address, kind in addresses:
            note_address(self._addresses, address, kind)

    async def suppressed(self, hashes: Sequence[str]) -> dict[str, str]:
        return {address: self._addresses[address] for address in hashes if address in self._addresses}

    async def claim(self, partition: int, requests: list[ClaimRequest]) -> list[ClaimResult]:
        guards = self._partitions[partition].guards
        results: list[ClaimResult] = []
        for request in requests:
            self.sequence += 1
            question = replace(request.question, address_kind=self._addresses.get(request.address_hash))
            asked = replace(request, question=question)
            result = answer(asked, self._claims.get(request.intent), guards.get(request.customer), self.sequence)
            if isinstance(result, Granted):
                self._claims[request.intent] = result.claim
                self._claimed_for[request.address_hash].append(request.intent)
            results.append(result)
        return results

    async def settle(self, partition: int, settlements: list[Settlement]) -> list[bool]:  # noqa: ARG002  (the protocol's signature)
        return [self._settle(settlement) for settlement in settlements]

    def _settle(self, settlement: Settlement) -> bool:
        after = settled(self._claims.get(settlement.intent), settlement)
        if after is not None:
            self._claims[settlement.intent] = after
        return after is not None

    async def confirm(self, found: Mapping[str, str | None]) -> None:
        for intent, provider_id in found.items():
            after = confirmed(self._claims.get(intent), provider_id)
            if after is not None:
                self._claims[intent] = after

    async def known(self, partition: int, address_hash: str) -> dict[str, str]:  # noqa: ARG002  (the protocol's signature)
        ids = ((self._claims[intent].provider_id, intent) for intent in self._claimed_for.get(address_hash, ()))
        return {one: intent for one, intent in ids if one is not None}

    async def claims(self, partition: int, intents: Sequence[str]) -> dict[str, Claim]:  # noqa: ARG002  (the protocol's signature)
        return {intent: self._claims[intent] for intent in intents if intent in self._claims}


def _put(table: dict[str, V], key: str, value: V | None) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
