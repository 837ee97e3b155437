"""The customer stream on Kafka: a service of the Faust app that owns partitions through one aiokafka consumer.

What agents hide is what it needs: whole batches of one partition, both input topics of a partition in one process, the
moment of revocation, a rewind to the store's cursors, and an error that stops the process instead of acknowledging the event.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)  # fmt: skip
from aiokafka.structs import OffsetAndMetadata

from orchestrator.contracts.topics import INPUT_TOPICS
from orchestrator.errors import ConfigurationError, ServiceUnavailable
from orchestrator.kafka_inbox import Progress
from orchestrator.kafka_log_end import KafkaLogEnds
from orchestrator.kafka_source import Committed, PartitionSource
from orchestrator.position_note import note, read_note
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.runtime.kafka_refusal import wrong_partitions

GROUP = "concierge-orchestrator"
FULL, ROOM = 2_000, 500
"""Fetched records of one topic and partition at which fetching pauses, and goes on."""
GATHER, ENOUGH = 0.01, 100
"""Seconds between two fetches that bring fewer records than `ENOUGH`: a fetch for every record costs more than the record."""
MEASURED = 64
"""Answers of where a partition's log ended that are kept."""
ASK_FOR = 60
"""Tries, a second apart."""
T = TypeVar("T")
_log = logging.getLogger(__name__)


async def _patiently(ask: Callable[[], Awaitable[T]], what: str) -> T:
    """Ask again while the broker is away. Raises ServiceUnavailable in the end."""
    for _ in range(ASK_FOR):
        try:
            return await ask()
        except KafkaError as error:
            _log.warning("Kafka does not say %s (%s), asking again", what, error)
            await asyncio.sleep(1.0)
    raise ServiceUnavailable(f"Kafka did not say {what} for {ASK_FOR} s")


class KafkaConsumption(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka's listener is untyped
    """The consumer of this process: fetches for all its partitions, hands them to their sources, commits what they applied."""

    def __init__(
        self, address: KafkaAddress, store_id: str, on_assigned: Callable[[int], None], on_revoked: Callable[[], Any],
    ) -> None:  # fmt: skip
        """`on_assigned` begins a partition's loop, `on_revoked` (a coroutine function) ends all of them. `joined` is set once the group
        has said what is ours, be it nothing."""
        self._address = address
        self._store_id = store_id
        self._on_assigned = on_assigned
        self._on_revoked = on_revoked
        self.sources: dict[int, PartitionSource] = {}
        self.joined = asyncio.Event()
        self._paused: set[TopicPartition] = set()
        self._passed: dict[TopicPartition, int] = {}
        """Next offsets, where the log goes on behind what was handed out."""
        self._group = address.prefix + GROUP
        self._consumer = AIOKafkaConsumer(
            **address.options, group_id=self._group, enable_auto_commit=False, auto_offset_reset="earliest",
            partition_assignment_strategy=[RangePartitionAssignor], session_timeout_ms=8_000, heartbeat_interval_ms=1_000,
            rebalance_timeout_ms=30_000, isolation_level="read_committed", max_poll_interval_ms=300_000, fetch_max_wait_ms=100, max_partition_fetch_bytes=2_000_000,
        )  # fmt: skip
        self._admin = AIOKafkaAdminClient(**address.options)
        self._log_ends = KafkaLogEnds(address)
        self._measured: defaultdict[TopicPartition, deque[tuple[int, int]]] = defaultdict(lambda: deque(maxlen=MEASURED))
        self.replicated = False
        """Have the input topics several copies, so that `measure` is needed?"""
        self.fetched = asyncio.Event()
        """Set when something was; to be cleared by who waits for it."""

    def _tp(self, topic: str, partition: int) -> TopicPartition:
        return TopicPartition(self._address.prefix + topic, partition)

    async def start(self) -> None:
        """Raises ServiceUnavailable, and ConfigurationError when the topics are missing or have another number of partitions."""
        try:
            await self._begin()
        except KafkaError as error:
            await self.stop()
            raise ServiceUnavailable(f"Kafka cannot be reached: {error}") from error
        except ConfigurationError:
            await self.stop()
            raise

    async def _begin(self) -> None:
        await self._admin.start()
        await self._consumer.start()
        for topic in INPUT_TOPICS:
            found = self._consumer.partitions_for_topic(self._address.prefix + topic) or await self._look_again(topic)
            if len(found) != self._address.partitions:
                raise wrong_partitions(self._address.prefix + topic, len(found), self._address.partitions)
        topics = [self._address.prefix + topic for topic in INPUT_TOPICS]
        await self._log_ends.start(topics)
        self.replicated = any(self._log_ends.is_replicated(topic) for topic in topics)
        self._consumer.subscribe(topics, listener=self)

    async def _look_again(self, topic: str) -> set[int]:
        described = await self._admin.describe_topics([self._address.prefix + topic])
        return {one["partition"] for found in described for one in found.get("partitions", [])}

    async def stop(self) -> None:
        await self._consumer.stop()
        await self._admin.close()
        await self._log_ends.stop()

    async def fetch(self) -> None:
        """Fetch once and hand out."""
        found = await self._consumer.getmany(timeout_ms=100)
        if found:
            self.fetched.set()
        for tp, records in found.items():
            source = self.sources.get(tp.partition)
            if source is None:
                continue
            topic = tp.topic.removeprefix(self._address.prefix)
            source.put(topic, records)
            if source.inbox.size(topic) > FULL:
                self._consumer.pause(tp)
                self._paused.add(tp)
        if found and sum(map(len, found.values())) < ENOUGH:
            await asyncio.sleep(GATHER)

    def make_room(self, partition: int) -> None:
        for topic in INPUT_TOPICS:
            tp = self._tp(topic, partition)
            if tp in self._paused and self.sources[partition].inbox.size(topic) < ROOM:
                self._paused.discard(tp)
                if tp in self._consumer.assignment():
                    self._consumer.resume(tp)

    async def progress(self, topic: str, partition: int, fetched: int) -> Progress:
        tp = self._tp(topic, partition)
        if tp not in self._consumer.assignment():
            return Progress(caught_up=False, polled_at=0)
        highwater, polled = self._consumer.highwater(tp), self._consumer.last_poll_timestamp(tp)
        if highwater is not None and fetched < highwater:
            # what ends a transaction stands in the log too, as does what was taken back, and nobody is handed either
            fetched = max(fetched, await self._consumer.position(tp))
            self._passed[tp] = fetched
        known = next((at for at, end in reversed(self._measured[tp]) if end <= fetched), 0) if self.replicated else None
        return Progress(caught_up=highwater is not None and fetched >= highwater, polled_at=polled or 0, known_at=known)

    async def measure(self, now: int) -> None:
        """Where the logs of all our partitions end at `now` (milliseconds)."""
        for tp, end in (await self._log_ends.ask(self._consumer.assignment())).items():
            self._measured[tp].append((now, end))

    async def committed(self, partition: int) -> dict[str, Committed]:
        tps = {self._tp(topic, partition): topic for topic in INPUT_TOPICS}
        found = await _patiently(lambda: self._admin.list_consumer_group_offsets(self._group, partitions=list(tps)), "what is committed")
        return {tps[tp]: Committed(one.offset, *read_note(one.metadata or "")) for tp, one in found.items() if one.offset >= 0}

    async def beginnings(self, partition: int) -> dict[str, int]:
        tps = [self._tp(topic, partition) for topic in INPUT_TOPICS]
        found = await _patiently(lambda: self._consumer.beginning_offsets(tps), "where the log begins")
        return {tp.topic.removeprefix(self._address.prefix): offset for tp, offset in found.items()}

    def seek(self, partition: int, positions: Mapping[str, int]) -> None:
        for topic, offset in positions.items():
            tp = self._tp(topic, partition)
            if tp in self._consumer.assignment():
                self._consumer.seek(tp, offset)
                self._consumer.resume(tp)
                self._paused.discard(tp)
                self._passed.pop(tp, None)

    async def still_assigned(self, partition: int) -> bool:
        tp = self._tp(INPUT_TOPICS[0], partition)
        for _ in range(30):
            try:
                await self.commit()
            except (CommitFailedError, IllegalGenerationError, UnknownMemberIdError, RebalanceInProgressError, IllegalStateError):
                return False
            except KafkaError as error:
                _log.warning("cannot ask Kafka who owns partition %s (%s), asking again", partition, error)
                await asyncio.sleep(1.0)
            else:
                return tp in self._consumer.assignment()
        raise ServiceUnavailable(f"Kafka did not say who owns partition {partition}")

    async def commit(self) -> None:
        """What has been applied, and beside it to which store, and up to which instant."""
        offsets = {
            self._tp(topic, partition): OffsetAndMetadata(at, note(self._store_id, source.reached_through))
            for partition, source in self.sources.items() for topic, at in source.reached.items()
            if self._tp(topic, partition) in self._consumer.assignment()
        }  # fmt: skip
        if offsets:
            await self._consumer.commit(offsets)

    async def commit_soon(self) -> None:
        """As `commit`; while the group is being rebalanced the next time will do, since the store's cursors decide."""
        try:
            await self.commit()
        except KafkaError as error:
            _log.info("positions were not committed: %s", error)

    def lag(self, partition: int) -> dict[str, int]:
        """Records of a partition that are not applied, by topic, as far as is known."""
        source = self.sources.get(partition)
        found = {}
        for topic in INPUT_TOPICS:
            tp = self._tp(topic, partition)
            if source is not None and tp in self._consumer.assignment():
                at = source.applied.get(topic, 0)
                if source.has_applied_all(topic):
                    at = max(at, self._passed.get(tp, 0))
                found[topic] = max((self._consumer.highwater(tp) or 0) - at, 0)
        return found

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:  # noqa: ARG002  (the group is rebalanced as a whole)
        await self._on_revoked()
        try:
            await self.commit()
        except KafkaError as error:
            _log.warning("positions were not committed before the rebalance (%s): the store's cursors decide", error)
        self.sources.clear()
        self._paused.clear()
        self._passed.clear()

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        by_partition: dict[int, set[str]] = {}
        for tp in assigned:
            by_partition.setdefault(tp.partition, set()).add(tp.topic.removeprefix(self._address.prefix))
        for partition, topics in sorted(by_partition.items()):
            if topics != set(INPUT_TOPICS):
                raise ConfigurationError(
                    f"partition {partition} was assigned of {sorted(topics)} only: both input topics belong to one process"
                )
            # nothing is fetched before the store's cursors are known
            self._consumer.pause(*(self._tp(topic, partition) for topic in INPUT_TOPICS))
            self._on_assigned(partition)
        self.joined.set()
        _log.info("partitions of this process: %s", sorted(by_partition) or "none, others own them all")
