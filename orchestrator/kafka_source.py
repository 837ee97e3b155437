"""One partition of the customer stream: where it begins, what it reads, whether it is still ours."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import INPUT_TOPICS
from orchestrator.engine.inputs import InputRecord
from orchestrator.errors import StoreRefused
from orchestrator.kafka_inbox import Inbox, Progress, Replay
from orchestrator.partition_loop import Reading
from orchestrator.publisher import Publisher
from orchestrator.runtime.clock import Clock
from orchestrator.state.store import Owned

REPLAYED = ("replayed", b"1")
"""Header of what a rewound partition publishes again: it may have been sent before."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Committed:
    """A position of the consumer group: the next offset, the id of the store it was applied to, the instant up to which everything was
    applied with it (0: not said)."""

    offset: int
    store: str
    through: int = 0


class Consumption(Protocol):
    """What a partition asks of the process's consumer."""

    async def committed(self, partition: int) -> Mapping[str, Committed]:
        """What the group has committed, by topic."""
        ...

    async def beginnings(self, partition: int) -> Mapping[str, int]:
        """The first offset that is still in the log, by topic."""
        ...

    def seek(self, partition: int, positions: Mapping[str, int]) -> None:
        """Read on from these offsets."""
        ...

    async def still_assigned(self, partition: int) -> bool:
        """Asked of the broker: a commit by somebody who is no longer a member is refused. Raises ServiceUnavailable."""
        ...

    async def progress(self, topic: str, partition: int, fetched: int) -> Progress:
        """Of one topic, when everything before `fetched` has been handed out."""
        ...

    def make_room(self, partition: int) -> None:
        """Go on fetching what was paused and has been read."""
        ...


class PartitionSource:
    """Implements the partition loop's `Source` for one partition of both input topics."""

    def __init__(self, partition: int, stream: Consumption, publisher: Publisher, clock: Clock) -> None:
        self.partition = partition
        self._stream = stream
        self._publisher = publisher
        self._clock = clock
        self.inbox = Inbox(INPUT_TOPICS)
        self.arrived = asyncio.Event()
        self.idle_at = clock.monotonic()
        """When it was last asked to wait with nothing in hand. Whoever hangs, in a batch or between two, does not come to that."""
        self.applied: dict[str, int] = {}
        self._fetched: dict[str, int] = {}
        self._through = 0
        self._replay_until: dict[str, int] = {}
        self._replay_through = 0
        self._is_behind = False
        self._has_read = False

    @property
    def reached(self) -> dict[str, int]:
        """What Kafka is told: how far the log has been applied, be it by a store that has lost it since. So whoever takes over during a
        replay knows what was done before."""
        return {topic: max(self.applied.get(topic, 0), self._replay_until.get(topic, 0)) for topic in self.applied | self._replay_until}

    @property
    def reached_through(self) -> int:
        """The instant that goes with it."""
        return max(self._through, self._replay_through)

    async def expected_store(self) -> str | None:
        return next((one.store for one in (await self._stream.committed(self.partition)).values() if one.store), None)

    async def begin(self, owned: Owned) -> None:
        held = await self._stream.committed(self.partition)
        committed = {topic: one.offset for topic, one in held.items() if one.offset > 0}
        if not owned.cursors and committed:
            raise StoreRefused(
                f"the store knows nothing of partition {self.partition}, but its log was applied up to {committed}: the store is empty or was "
                "wiped; `concierge rebuild` restores it from a snapshot and the log"
            )
        first = await self._stream.beginnings(self.partition)
        self._has_read, self._is_behind = False, any(self.applied.values())  # somebody's commit was refused that owned it until now
        for topic in INPUT_TOPICS:
            at = owned.cursors.get(topic, 0)
            if at < first[topic]:
                if owned.cursors or committed:
                    raise StoreRefused(
                        f"partition {self.partition} of {topic} was applied up to {at}, and its log begins at {first[topic]}: what lies between is "
                        "gone; restore a newer snapshot with `concierge rebuild`"
                    )
                at = first[topic]
            # what this process has applied itself may lie further on than what it has told Kafka
            before = max(committed.get(topic, 0), self.reached.get(topic, 0))
            if at < before:
                _log.warning("partition %s of %s: the store is behind, replaying %s records", self.partition, topic, before - at)
                self._replay_until[topic] = before
                self._is_behind = True
            self._fetched[topic] = at
        self._replay_through = max((self.reached_through, *(one.through for one in held.values())))
        self._through = 0
        self.inbox = Inbox(INPUT_TOPICS)
        self.applied = dict(owned.cursors)
        self._stream.seek(self.partition, self._fetched)

    async def is_ours(self) -> bool:
        return await self._stream.still_assigned(self.partition)

    def cursor_behind(self, record: InputRecord) -> int:
        return record.offset + 1

    def marked(self, outgoing: Sequence[Record], caused_by: Sequence[InputRecord]) -> Sequence[Record]:
        """Of customers with a replayed record in this batch, and of those with none at all: what time brings about in a replay has been
        brought about before. Customers with fresh records only are left alone: what is in doubt may not be sent."""
        replayed = {record.key for record in caused_by if not self._is_fresh(record)}
        # before anything was read it is what the last owner left: if the store is in step, nobody has published it
        again = self._is_replaying() if self._has_read else self._is_behind
        if not replayed and (caused_by or not again):
            return outgoing
        fresh = {record.key for record in caused_by} - replayed
        return [
            r if r.key in fresh else Record(topic=r.topic, key=r.key, value=r.value, headers=(*r.headers, REPLAYED), partition=r.partition)
            for r in outgoing
        ]

    def _is_fresh(self, record: InputRecord) -> bool:
        return record.offset >= self._replay_until.get(record.topic, 0)

    def _is_replaying(self) -> bool:
        behind = any(self.applied.get(topic, 0) < until for topic, until in self._replay_until.items())
        return behind or self._through < self._replay_through

    def put(self, topic: str, records: Sequence[Any]) -> None:
        """Fetched records, in order; what lies before the position we sought is left out."""
        for one in records:
            if one.offset == self._fetched.get(topic, one.offset) or one.offset > self._fetched.get(topic, 0):
                self.inbox.put(InputRecord(topic, self.partition, one.offset, one.timestamp, one.key, one.value or b"", tuple(one.headers)))
                self._fetched[topic] = one.offset + 1
        self.arrived.set()

    async def read(self, cursors: dict[str, int], limit: int) -> Reading:  # noqa: ARG002  (what was given out is never given out again)
        self.arrived.clear()
        progress = {topic: await self._stream.progress(topic, self.partition, self._fetched[topic]) for topic in INPUT_TOPICS}
        self._has_read = True
        replay = Replay(self._is_fresh, self._through, self._replay_through) if self._is_replaying() else None
        reading = self.inbox.take(progress, self._clock.now(), limit, replay)
        self._stream.make_room(self.partition)
        return reading

    def has_applied_all(self, topic: str) -> bool:
        """Of what was fetched."""
        return self.applied.get(topic, 0) >= self._fetched.get(topic, 0)

    async def publish(self, records: Sequence[Record]) -> None:
        await self._publisher.publish(records)

    async def acknowledge(self, cursors: dict[str, int], through: int) -> None:
        self.applied = dict(cursors)
        self._through = max(self._through, through)

    async def wait(self, seconds: float) -> None:
        # records whose instant is not complete yet become readable without anything arriving
        waiting = any(self.inbox.size(topic) for topic in INPUT_TOPICS)
        if not waiting:
            self.idle_at = self._clock.monotonic()
        try:
            await asyncio.wait_for(self.arrived.wait(), 0.002 if waiting else min(seconds, 0.25))
        except TimeoutError:
            return
