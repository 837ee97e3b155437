"""Bringing a store that has lost something back in step with the log: from a snapshot, or from the log alone.

Nobody owns a partition and nobody sends meanwhile. What was sent since the snapshot is read from the log and written down as claims;
then the owners may start, and replay what the snapshot does not know: they say nothing twice, because a claim stands for it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec

from orchestrator.contracts.call import is_answer
from orchestrator.contracts.message import decode_message
from orchestrator.contracts.receipt import decode_receipt
from orchestrator.contracts.topics import CHANNELS, DELIVERY_RECEIPTS, INPUT_TOPICS, LANES, OUTBOUND_TOPICS, outbound, sender_group
from orchestrator.engine.inputs import InputRecord
from orchestrator.errors import StoreRefused
from orchestrator.kafka_log import KafkaLog, Place
from orchestrator.kafka_stream import GROUP
from orchestrator.position_note import read_note
from orchestrator.profiles.address import address_hash
from orchestrator.rebuild.claims_from_log import ClaimsFromLog, LostClaim
from orchestrator.state.redis_rebuild import PartitionFound, RedisRebuild
from orchestrator.state.redis_written import Written

MARGIN = 600_000
"""Milliseconds read again before the last record a partition's snapshot has applied."""
SENDERS = {sender_group(channel, lane): outbound(channel, lane) for channel in CHANNELS for lane in LANES}
"""The topic of each group of senders."""


class StillRunning(StoreRefused):
    """Somebody owns partitions or sends."""


class NothingHeld(StoreRefused):
    """Partitions of which the store holds nothing that can be used."""


@dataclass(frozen=True, slots=True)
class PartitionPlan:
    """`cursors` is where its owner will go on, `behind` how many records it will read again, `begun` whether the store held nothing of
    it; `lost`: records older than the log, which nobody can read again."""

    partition: int
    cursors: dict[str, int]
    behind: int
    begun: bool
    lost: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rebuild will do. `store` is the id of the store the log belongs to; `starts`: receipts and outbound messages are read from
    here; `records`: how many those are; `positions`: how far the senders have got."""

    store: str
    partitions: list[PartitionPlan]
    starts: dict[Place, int]
    records: int
    positions: dict[Place, int]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Claims by state, as they follow from the log, and how many of them had to be written."""

    states: dict[str, int]
    written: int


class Rebuild:
    """`busy` says which of these consumer groups somebody is in; `workspace` is its name, which hashes of addresses are made with."""

    def __init__(self, log: KafkaLog, store: RedisRebuild, busy: Callable[[Sequence[str]], Awaitable[set[str]]], workspace: str) -> None:
        self._log = log
        self._store = store
        self._busy = busy
        self._workspace = workspace

    async def plan(self, fresh_id: str, *, from_log: bool) -> Plan:
        """Changes nothing. `from_log`: partitions of which nothing usable is held begin at the log's beginning. Raises StillRunning,
        NothingHeld, StoreRefused, ServiceUnavailable."""
        await self._nobody_is_there()
        committed = await self._log.committed(GROUP, self._log.places(INPUT_TOPICS))
        stores = {store for _offset, noted in committed.values() if (store := read_note(noted)[0])}
        found = await self._store.look()
        store = self._which_store(stores, found, await self._store.store_id() or fresh_id)
        span = await self._log.span(self._log.places((*INPUT_TOPICS, *OUTBOUND_TOPICS)))
        unusable = [p for p, one in enumerate(found) if one.torn or one.store is None]
        if unusable and not from_log:
            torn = [p for p in unusable if found[p].torn]
            raise NothingHeld(
                f"the store holds nothing usable of partition {', '.join(map(str, unusable))}{f' (torn: {torn})' if torn else ''}: restore a "
                "snapshot of Redis first, or use --from-log to begin from what Kafka still has"
            )
        plans = [self._of_partition(p, one, span, committed) for p, one in enumerate(found)]
        positions = await self._positions()
        starts = await self._where_to_read(plans, span, positions)
        return Plan(store, plans, starts, sum(span[place][1] - at for place, at in starts.items()), positions)

    async def _nobody_is_there(self) -> None:
        busy = await self._busy([GROUP, *SENDERS])
        if busy:
            raise StillRunning(
                f"orchestrators or workers are running (groups {', '.join(sorted(busy))}): stop all of them first; one that was killed leaves "
                "its group within 10 s"
            )

    @staticmethod
    def _which_store(stores: set[str], found: Sequence[PartitionFound], own: str) -> str:
        if len(stores) > 1:
            raise StoreRefused(f"the log's positions belong to several stores ({', '.join(sorted(stores))}): partitions were mixed")
        wanted = next(iter(stores), own)
        others = sorted({one.store for one in found if one.store is not None and one.store != wanted})
        if others:
            raise StoreRefused(f"Redis holds partitions of store {', '.join(others)}, the log belongs to {wanted}: this is the wrong Redis")
        return wanted

    @staticmethod
    def _of_partition(
        partition: int, found: PartitionFound, span: dict[Place, tuple[int, int]], committed: dict[Place, tuple[int, str]]
    ) -> PartitionPlan:
        begun = found.torn or found.store is None
        cursors: dict[str, int] = {}
        behind = lost = 0
        for topic in INPUT_TOPICS:
            first, end = span[topic, partition]
            at = 0 if begun else found.cursors.get(topic, 0)
            if at < first and not begun:
                raise StoreRefused(
                    f"the snapshot has applied {topic} of partition {partition} up to {at}, and its log begins at {first}: what lies between is "
                    "gone; restore a newer snapshot, or empty Redis and use --from-log"
                )
            lost += max(first - at, 0)
            cursors[topic] = max(at, first)
            behind += max(min(committed.get((topic, partition), (end, ""))[0], end) - cursors[topic], 0)
        return PartitionPlan(partition, cursors, behind, begun, lost)

    async def _where_to_read(
        self, plans: Sequence[PartitionPlan], span: dict[Place, tuple[int, int]], positions: dict[Place, int]
    ) -> dict[Place, int]:
        """From a while before the last record the snapshot has applied; outbound messages from where their senders are, if that is
        further back."""
        last = {
            (topic, one.partition): at - 1
            for one in plans if not one.begun
            for topic, at in one.cursors.items() if at > span[topic, one.partition][0]
        }  # fmt: skip
        applied = dict.fromkeys((one.partition for one in plans), 0)
        for (_topic, partition), at in (await self._log.instants(last)).items():
            applied[partition] = max(applied[partition], at)
        places = self._log.places((DELIVERY_RECEIPTS, *OUTBOUND_TOPICS))
        since = await self._log.since({place: applied[place[1]] - MARGIN for place in places})
        starts = {}
        for place in places:
            first, end = span[place]
            start = since.get(place, end)
            if place[0] != DELIVERY_RECEIPTS:
                start = min(start, positions.get(place, first))
            starts[place] = min(max(start, first), end)
        return starts

    async def _positions(self) -> dict[Place, int]:
        found: dict[Place, int] = {}
        for group, topic in SENDERS.items():
            found |= {place: offset for place, (offset, _noted) in (await self._log.committed(group, self._log.places([topic]))).items()}
        return found

    async def carry_out(self, plan: Plan, now: int, read: Callable[[int], None]) -> Rebuilt:
        """One partition after the other. Raises ServiceUnavailable; begun again it does what is left. `read` is told of records as they
        are read; `now` in milliseconds."""
        await self._store.adopt(plan.store)
        states: Counter[str] = Counter()
        written = 0
        for one in plan.partitions:
            if one.begun:
                await self._store.empty(one.partition)
            claims = await self._claims(plan, one.partition, now, read)
            states.update(lost.claim.state for lost in claims)
            written += await self._store.write_claims(one.partition, [(lost.intent, lost.customer, lost.claim) for lost in claims])
            await self._store.note_written(one.partition, self._texts(claims))
            if one.begun:  # last: without it no owner starts
                await self._store.begin(one.partition, plan.store, one.cursors)
        return Rebuilt(dict(states), written)

    async def _claims(self, plan: Plan, partition: int, now: int, read: Callable[[int], None]) -> list[LostClaim]:
        found = ClaimsFromLog()
        async for records in self._log.read({place: at for place, at in plan.starts.items() if place[1] == partition}):
            for record in records:
                _learn(found, record)
            read(len(records))
        return found.claims({topic: offset for (topic, at), offset in plan.positions.items() if at == partition}, now)

    def _texts(self, claims: Sequence[LostClaim]) -> list[Written]:
        return [
            Written(lost.intent, lost.customer, address_hash(self._workspace, lost.channel, lost.to), lost.claim.at)
            for lost in claims
            if lost.channel in ("sms", "whatsapp") and lost.claim.state != "ended"
        ]


def _learn(claims: ClaimsFromLog, record: InputRecord) -> None:
    """What cannot be read is no message and no receipt: its readers have made a dead letter of it."""
    try:
        if record.topic == DELIVERY_RECEIPTS:
            if not is_answer(record.value):  # a call has no claim: it is made again
                claims.receipt(decode_receipt(record.value))
        else:
            claims.message(record.topic, record.offset, decode_message(record.value))
    except (ValueError, msgspec.DecodeError):
        return
