"""The loop that owns one partition: take over → read → apply → commit → publish → acknowledge, whatever the log and the store are."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.content.render import Renderer
from orchestrator.contracts.record import Record
from orchestrator.engine.batch import Batch, Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.engine.turn import Surroundings
from orchestrator.errors import Conflict, TooManyDeadLetters
from orchestrator.model.queue import Slot
from orchestrator.partition_shared import copy_of, get_shared, shares
from orchestrator.partition_state import PARTITION_STATE, PartitionState, decode_partition_state, encode_partition_state
from orchestrator.partition_sweep import begin_sweep, next_page
from orchestrator.pipeline import apply_batch, customers_of
from orchestrator.policies.pace import settle
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.ids import Ids
from orchestrator.state.store import Commit, Owned, Store
from orchestrator.state.stored_customer import customer_of
from orchestrator.workspace.workspace import Workspace

MOST_INPUTS, MOST_TIMERS = 500, 100
GATHER, ENOUGH = 0.02, 100
"""Seconds from one batch to the next while there are fewer inputs than `ENOUGH`: ten batches of one cost what one of fifty does."""
LOOK_EVERY = 5.0
"""Seconds between two looks of an idle owner at its partition."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Records after the cursors, in log order, and the instant up to which there can be no others."""

    records: Sequence[InputRecord]
    horizon: int


class Source(Protocol):
    """The input topics of one partition."""

    async def expected_store(self) -> str | None:
        """The id of the store that the log's own positions belong to; None where it does not say."""
        ...

    async def begin(self, owned: Owned) -> None:
        """The partition was taken over: read on behind the store's cursors. Raises StoreRefused when store and log do not fit."""
        ...

    async def is_ours(self) -> bool:
        """After a conflict: does the log still give this partition to us?"""
        ...

    def cursor_behind(self, record: InputRecord) -> int:
        """The cursor once this record is applied."""
        ...

    def marked(self, outgoing: Sequence[Record], caused_by: Sequence[InputRecord]) -> Sequence[Record]:
        """What goes out; marked where its cause had been applied before, by a store that has lost it since."""
        ...

    async def read(self, cursors: dict[str, int], limit: int) -> Reading:
        """Records that come after the cursors."""
        ...

    async def publish(self, records: Sequence[Record]) -> None:
        """Publish what is in the outbox; durable on return."""
        ...

    async def acknowledge(self, cursors: dict[str, int], through: int) -> None:
        """These positions are applied, and everything that was due up to and with this instant."""
        ...

    async def wait(self, seconds: float) -> None:
        """Until something new may be there, at most so long."""
        ...


class Active(Protocol):
    """The version in force: taken up between two batches. `stamp`: another one when people in flight must be looked at afresh."""

    @property
    def workspace(self) -> Workspace: ...
    @property
    def stamp(self) -> str: ...
    @property
    def renderer(self) -> Renderer: ...


class PartitionLoop:
    """Owner of one partition. `observe` is told of every batch that was committed."""

    def __init__(
        self, partition: int, partitions: int, store: Store, source: Source, active: Active, clock: Clock, ids: Ids,
        observe: Callable[[Outcome, int, float], None], *, strays: bool = False, dead_letter_limit: int = 0,
    ) -> None:  # fmt: skip
        """`strays`: records may stand on another partition than their key's. `dead_letter_limit`: so many records in a row
        that cannot be read, and none that can, stop it (0: never)."""
        self.partition = partition
        self._partitions = partitions
        self._store = store
        self._source = source
        self._active = active
        self._in_force = (active.workspace, active.renderer)
        self._shares = partitions > 1 and shares(active.workspace)
        self._clock = clock
        self._ids = ids
        self._observe = observe
        self._strays = strays
        self._dead_letter_limit = dead_letter_limit
        self._token = ""
        self._version = 0
        self._cursors: dict[str, int] = {}
        self._next_due: int | None = None
        self._look_at = 0.0
        self.state = PartitionState()
        self._stored = b""
        self.unpublished = 0
        """Records committed and not yet published."""

    async def take_over(self) -> None:
        """Become the owner; publish what the last one left."""
        self._token = self._ids.token()
        owned = await self._store.take_over(self.partition, self._token, await self._source.expected_store())
        await self._source.begin(owned)
        for entry, records in owned.outbox:
            # of a store that is behind these may be long out
            await self._source.publish(self._source.marked(records, ()))
            await self._store.published(self.partition, entry)
        self._version, self._cursors = owned.version, dict(owned.cursors)
        self._stored = (await self._store.load(self.partition, [PARTITION_STATE])).get(PARTITION_STATE, b"")
        self.state = decode_partition_state(self._stored or None)
        self._next_due = await self._store.next_due(self.partition)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop, between two batches. On a conflict all memory is dropped and the partition taken over again."""
        await self.take_over()
        while not stop.is_set():
            began = self._clock.monotonic()
            try:
                size = await self.step()
            except Conflict:
                self._observe(Outcome(counts=Counter({("conflicts",): 1})), self.partition, 0.0)
                if not await self._source.is_ours():
                    return
                await self.take_over()
                continue
            if not size:
                await self._source.wait(self._idle_seconds())
            elif size < ENOUGH:
                await asyncio.sleep(max(began + GATHER - self._clock.monotonic(), 0))

    def _idle_seconds(self) -> float:
        if self.state.everybody is not None:
            return 0.01  # a page with nobody on it
        if self._next_due is None:
            return 5.0
        return min(max((self._next_due - self._clock.now()) / 1000 + 0.002, 0.002), 5.0)

    async def step(self) -> int:
        """One batch: how many inputs, timers and customers to be looked at it had. Raises Conflict."""
        reading = await self._source.read(self._cursors, MOST_INPUTS)
        due: list[tuple[str, int]] = []
        if self._next_due is not None and self._next_due <= reading.horizon:
            timers = await self._store.due(self.partition, reading.horizon, MOST_TIMERS)
            due = [(timer.customer, timer.due) for timer in timers]
            if len(due) == MOST_TIMERS and not reading.records:
                # no customer's later instants before everybody's earlier ones
                reading = Reading((), due[-1][1])
        revisited = await self._revisit()
        size = len(reading.records) + len(due) + len(revisited)
        if not size:
            await self._source.acknowledge(self._cursors, reading.horizon)
            await self._look(timers_missing=self._next_due is not None and self._next_due <= reading.horizon)
            return 0
        started = self._clock.monotonic()
        batch = Batch(reading.records, due, reading.horizon, frozenset(revisited))
        outcome = await self._apply(batch)
        self._judge_dead_letters(outcome, reading.records)
        outcome.late += [(self._clock.now() - at) / 1000 for _customer, at in due]
        # of a full page of timers, those of its last instant may have more behind them
        await self._commit(outcome, reading.records, due[-1][1] - 1 if len(due) == MOST_TIMERS else reading.horizon)
        self._observe(outcome, self.partition, self._clock.monotonic() - started)
        return size

    async def _look(self, *, timers_missing: bool) -> None:
        """A failover can take back what was committed last, and nothing else would tell an owner that has nothing to do. What it
        should have published has been: an entry that is there again is taken out. Raises Conflict."""
        now = self._clock.monotonic()
        if now < self._look_at and not timers_missing:
            return
        self._look_at = now + LOOK_EVERY
        for entry in await self._store.verify(self.partition, self._token, self._version):
            await self._store.published(self.partition, entry)
        self._next_due = await self._store.next_due(self.partition)

    async def _revisit(self) -> list[str]:
        """Customers to be looked at because of what is in force; the batch is applied under what was in force here."""
        workspace, stamp = self._active.workspace, self._active.stamp
        if self._in_force[0] is not workspace:
            self._in_force = (workspace, self._active.renderer)
            self._shares = self._partitions > 1 and shares(workspace)
        if self.state.version != stamp:
            begin_sweep(self.state, workspace, stamp, self._clock.now())
        return await next_page(self.state, self._store, self.partition)

    def _judge_dead_letters(self, outcome: Outcome, records: Sequence[InputRecord]) -> None:
        """Nothing but records that cannot be read: a backend is broken, or this program is. Raises before anything is committed,
        so that starting again does not go on filling the dead letters."""
        if not records:
            return
        self.state.unreadable = self.state.unreadable + len(records) if len(outcome.dead_letters) >= len(records) else 0
        if self._dead_letter_limit and self.state.unreadable > self._dead_letter_limit:
            letter = outcome.dead_letters[-1]
            raise TooManyDeadLetters(
                f"partition {self.partition}: the last {self.state.unreadable} records cannot be read, the latest {letter.topic} offset "
                f"{letter.offset}: {letter.reason.value}, {letter.error:.200}; mend their producer, or raise CONCIERGE_DEAD_LETTER_LIMIT to let them pass"
            )

    async def _apply(self, batch: Batch) -> Outcome:
        keys = customers_of(batch)
        held = await self._store.load(self.partition, keys)
        workspace, renderer = self._in_force
        answers: dict[str, Slot | None] = {}
        before = copy_of(self.state.pace) if self._shares else self.state.pace
        now = self._clock.now()
        while True:
            profiles = {key: customer_of(key, held.get(key)) for key in keys}
            around = Surroundings(
                workspace=workspace, renderer=renderer, partition=self.partition,
                partitions=self._partitions, now=now, pace=self.state.pace, strays=self._strays, scheduled=self.state.scheduled, answers=answers,
            )  # fmt: skip
            outcome = apply_batch(batch, profiles, around)
            if not around.shared.wants or not await get_shared(
                self._store, around.shared, before, answers, self.partition, self._partitions
            ):
                return outcome
            # the same once more, with what it would have needed
            self.state.pace = copy_of(before)

    async def _commit(self, outcome: Outcome, records: Sequence[InputRecord], through: int) -> None:
        cursors = dict(self._cursors)
        for record in records:
            cursors[record.topic] = self._source.cursor_behind(record)
        if outcome.suppress:
            await self._store.suppress(outcome.suppress)
        profiles: dict[str, bytes | None] = dict(outcome.profiles)
        stored = self._stored_state(outcome)
        if stored != self._stored:
            profiles[PARTITION_STATE] = stored
        commit = Commit(
            cursors={topic: at for topic, at in cursors.items() if self._cursors.get(topic) != at},
            profiles=profiles, timers=outcome.timers, guards=outcome.guards, history=outcome.sealed,
            forgotten=frozenset(outcome.erased), outbox=self._source.marked(outcome.records, records),
        )  # fmt: skip
        started = self._clock.monotonic()
        self._version = await self._store.commit(self.partition, self._token, self._version, commit)
        outcome.commit_seconds = self._clock.monotonic() - started
        self._cursors, self._stored = cursors, stored
        await self._publish_left(commit)
        await self._source.acknowledge(cursors, through)
        self._next_due = await self._store.next_due(self.partition)

    def _stored_state(self, outcome: Outcome) -> bytes:
        """The partition's own state after this batch."""
        for labels, number in outcome.counts.items():
            if labels[0] == "running":
                self.state.count(labels[1], number)
        if self.state.pace.lanes or self.state.pace.free:
            self.state.pace = settle(self.state.pace, self._clock.now() - 60_000)
        return encode_partition_state(self.state)

    async def _publish_left(self, commit: Commit) -> None:
        """On a store that does not publish with its commit: publish, await the acks, then take the entry out."""
        if commit.outbox and not getattr(self._store, "publishes", False):
            self.unpublished = len(commit.outbox)
            await self._source.publish(commit.outbox)
            await self._store.published(self.partition, f"{self._token}:{self._version - 1}")
            self.unpublished = 0
