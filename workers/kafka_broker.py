"""A lane of one channel on Kafka: a kafka-python consumer in a thread of its own.

Each lane has its own consumer, paused as a whole: a full bulk lane must not stop the transactional one.
The group is cooperative-sticky: with the eager assignors positions of partitions that came back were not where the commit was.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from math import inf
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.subscription_state import AsyncConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    GroupAuthorizationFailedError,
    KafkaError,
    RebalanceInProgressError,
    TopicAuthorizationFailedError,
)
from kafka.structs import OffsetAndMetadata

from orchestrator.contracts.topics import LANES, Channel, Lane, outbound, sender_group
from orchestrator.errors import ConciergeError, ConfigurationError, ServiceUnavailable
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.runtime.kafka_refusal import not_allowed, wrong_partitions
from workers.kafka_repairs import ClosingSelector, ask_without_haste, finish_joins, forget_drained
from workers.lane_broker import FULL, ROOM, LaneBroker, Publish

COMMIT_EVERY = 0.5
"""Seconds between commits of positions."""
OUT_FOR = 30.0
"""Seconds a consumer may be no member of its group: longer than a session and a rebalance take together."""
POLL = 100
"""Milliseconds a poll waits; what a command waits at most."""
GATHER, ENOUGH = 0.01, 100
"""Seconds between two polls that bring fewer records than `ENOUGH`: a fetch for every record costs more than the record."""


class LaneConsumer(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python ships no types
    """`arrived(partition, records)`, `taken(partitions)` and `failed(error)` are called in threads of the consumer. So is
    `give_back(partitions, lost)`, when partitions leave; its future is done when nothing of them is under way any more."""

    def __init__(
        self, address: KafkaAddress, topic: str, group: str, instance: str | None, *, arrived: Callable[[int, Sequence[Any]], None],
        taken: Callable[[Sequence[int]], None], give_back: Callable[[Sequence[int], bool], Future[None]], failed: Callable[[BaseException], None], now: Callable[[], float],
    ) -> None:  # fmt: skip
        self._topic = address.prefix + topic
        self._arrived, self._taken, self._give_back, self._failed, self._now = arrived, taken, give_back, failed, now
        self._options: dict[str, Any] = {**address.options, "group_id": address.prefix + group}
        if instance:
            self._options["group_instance_id"] = f"{instance}-{topic}"
        self._consumer: Any = None
        self._partitions = address.partitions
        self._lock = threading.Lock()
        self._moves: dict[TopicPartition, int] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"lane {topic}", daemon=True)
        self._outstanding = 0
        self.full = False
        """Nothing is fetched: too many records were handed over and not yet handed on. Counted here, where records are fetched, so that
        a loop that is busy elsewhere cannot be flooded."""
        self.lag = 0
        """Records behind the fetched ones, as of the last answers."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Begin to stop; `join` waits for it."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def handed_on(self, number: int) -> None:
        """So many records went to a sender, or away with their partition."""
        with self._lock:
            self._outstanding -= number

    def moved(self, positions: Mapping[int, int]) -> None:
        """Next offsets by partition: committed soon."""
        with self._lock:
            self._moves.update({TopicPartition(self._topic, partition): offset for partition, offset in positions.items()})

    def _run(self) -> None:
        try:
            self._consumer = self._made()
            self._check(self._consumer)
            self._consumer.subscribe([self._topic], listener=self)
            self._poll(self._consumer)
        except (ConciergeError, ConfigurationError) as error:
            self._failed(error)
        except FencedInstanceIdError:
            self._failed(ConfigurationError("another worker runs with the same CONCIERGE_INSTANCE: give each its own"))
        except (TopicAuthorizationFailedError, GroupAuthorizationFailedError) as error:
            self._failed(not_allowed(error))
        except KafkaError as error:
            self._failed(ServiceUnavailable(f"Kafka: {type(error).__name__}: {error}"))
        except BaseException as error:  # noqa: BLE001  (a thread has nobody else to tell)
            self._failed(error)
        finally:
            if self._consumer is not None:
                self._close(self._consumer)

    def _made(self) -> Any:
        made = KafkaConsumer(
            **self._options, enable_auto_commit=False, auto_offset_reset="earliest", partition_assignment_strategy=[CooperativeStickyAssignor()],
            session_timeout_ms=10_000, heartbeat_interval_ms=2_000, max_poll_interval_ms=60_000, max_poll_records=1_000, fetch_max_wait_ms=250,
            allow_auto_create_topics=False, metrics_enabled=False, selector=ClosingSelector,
        )  # fmt: skip
        ask_without_haste(made, self._now)
        finish_joins(made)
        return made

    def _check(self, consumer: Any) -> None:
        found = consumer.partitions_for_topic(self._topic)
        if not found or len(found) != self._partitions:
            raise wrong_partitions(self._topic, len(found or ()), self._partitions)

    def _poll(self, consumer: Any) -> None:
        paused = False
        member_at = inf  # not yet: it has nothing to send either
        next_commit = self._now() + COMMIT_EVERY
        while not self._stopping.is_set():
            self.full = self._outstanding >= ROOM if paused else self._outstanding > FULL
            if self.full != paused:
                paused = not paused
                assignment = consumer.assignment()
                if assignment:
                    (consumer.pause if paused else consumer.resume)(*assignment)
            forget_drained(consumer)
            found = consumer.poll(timeout_ms=POLL)
            for tp, records in found.items():
                with self._lock:
                    self._outstanding += len(records)
                self._arrived(tp.partition, records)
            if found and sum(map(len, found.values())) < ENOUGH:
                self._stopping.wait(GATHER)
            if paused and consumer.assignment() - consumer.paused():
                consumer.pause(*consumer.assignment())  # some came while all were paused
            if self._now() >= next_commit:
                self._commit(consumer)
                self._look(consumer)
                member_at = self._member_since(consumer, member_at)
                next_commit = self._now() + COMMIT_EVERY

    def _member_since(self, consumer: Any, member_at: float) -> float:
        """When it was last known to be a member. One that is none and does not know it goes on fetching what others own by now: only
        their claims would keep it from sending twice. Raises ServiceUnavailable."""
        now = self._now()
        if consumer._coordinator.generation_if_stable() is not None:  # noqa: SLF001  (says it without asking the broker)
            return now
        if now - member_at > OUT_FOR:
            raise ServiceUnavailable(f"no member of the group that reads {self._topic} for {OUT_FOR:.0f} s: others read its partitions")
        return member_at

    def _look(self, consumer: Any) -> None:
        behind = 0
        for tp in consumer.assignment():
            end = consumer.highwater(tp)
            if end:
                behind += max(end - consumer.position(tp, timeout_ms=POLL), 0)
        self.lag = behind

    def _due(self) -> dict[TopicPartition, OffsetAndMetadata]:
        with self._lock:
            moves, self._moves = self._moves, {}
        return {tp: OffsetAndMetadata(offset, "", -1) for tp, offset in moves.items()}

    def _commit(self, consumer: Any) -> None:
        # nobody waits for it: claims decide what is sent, a position that stays behind costs another look at what is done
        offsets = self._due()
        if offsets:
            consumer.commit_async(offsets)

    # the listener runs in kafka-python's own thread, where heartbeats are sent: it waits without blocking

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        await self._leave(revoked, lost=False)

    async def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        await self._leave(lost, lost=True)

    async def _leave(self, leaving: Iterable[TopicPartition], *, lost: bool) -> None:
        try:
            partitions = [tp.partition for tp in leaving]
            if not partitions:
                return
            left = self._give_back(partitions, lost)
            while not left.done():
                await self._consumer._net.sleep(0.02)  # noqa: SLF001  (its own loop has no public sleep)
            left.result()
            offsets = self._due()
            if offsets and not lost:
                await self._consumer.commit_async(offsets)
        except (CommitFailedError, RebalanceInProgressError):
            return
        except Exception as error:  # noqa: BLE001  (kafka-python would only log it)
            self._failed(error)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._taken([tp.partition for tp in assigned])

    def _close(self, consumer: Any) -> None:
        try:
            offsets = self._due()
            if offsets:
                consumer.commit(offsets, timeout_ms=5_000)
            consumer.close(autocommit=False, timeout_ms=3_000)
        except KafkaError:
            return


class KafkaLanes:
    """One channel's broker with its two consumers. `instance` makes it a static member of the group: a sender that comes back
    soon causes no rebalance."""

    def __init__(self, address: KafkaAddress, channel: Channel, publish: Publish, instance: str | None, now: Callable[[], float]) -> None:
        """To be made in the loop that sends."""
        self.broker = LaneBroker(channel, publish)
        self._consumers = [self._lane(address, channel, lane, instance, now) for lane in LANES]

    def _lane(self, address: KafkaAddress, channel: Channel, lane: Lane, instance: str | None, now: Callable[[], float]) -> LaneConsumer:
        broker = self.broker
        consumer = LaneConsumer(
            address, outbound(channel, lane), sender_group(channel, lane), instance, arrived=partial(broker.arrived, lane),
            taken=partial(broker.taken, lane), give_back=partial(broker.give_back, lane), failed=broker.failed, now=now,
        )  # fmt: skip
        broker.attach(lane, consumer)
        return consumer

    def start(self) -> None:
        for one in self._consumers:
            one.start()

    async def stop(self) -> None:
        """Commit what is finished, leave the groups."""
        self.broker.stop()
        for one in self._consumers:
            one.stop()
        for one in self._consumers:
            await asyncio.to_thread(one.join, 8.0)
