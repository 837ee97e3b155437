"""The calls' broker over Kafka: one consumer in a thread of its own, buffered, handed out by partition."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from orchestrator.contracts.call import CallAnswer
from orchestrator.contracts.topics import CALLERS, OUTBOUND_CALLS
from orchestrator.runtime.kafka_address import KafkaAddress
from workers.broker import Positions
from workers.calls.call_broker import CallParcel, Holder, answer_record, call_record, parcel_of
from workers.kafka_broker import LaneConsumer
from workers.lane_broker import Consumer, Publish

LEAVE_WITHIN = 5.0
"""Seconds for which a rebalance waits for requests that are under way."""


class CallQueue:
    """Implements the calls' `CallBroker`. `attach` gives the consumer and `holder` who makes the calls, before anything arrives."""

    def __init__(self, publish: Publish) -> None:
        """To be made in the loop that calls."""
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, deque[Any]] = {}
        self._held: set[int] = set()
        self._size = 0
        self._positions = Positions()
        self._more = asyncio.Event()
        self._failure: BaseException | None = None
        self._stopping = False
        self._consumer: Consumer | None = None
        self.holder: Holder | None = None
        self.joined = asyncio.Event()
        """Set once the group has said what is ours, be it nothing."""

    def attach(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def lag(self) -> int:
        """Records not yet handed to the loop."""
        return self._size + (0 if self._consumer is None else self._consumer.lag)

    def stop(self) -> None:
        """Nobody waits for what is under way any more."""
        self._stopping = True

    # called in the consumer's thread

    def arrived(self, partition: int, records: Sequence[Any]) -> None:
        """Fetched, in order."""
        self._loop.call_soon_threadsafe(self._put, partition, records)

    def failed(self, error: BaseException) -> None:
        """The consumer is at its end."""
        self._loop.call_soon_threadsafe(self._fail, error)

    def taken(self, partitions: Sequence[int]) -> None:
        """These are ours now."""
        self._loop.call_soon_threadsafe(self._take, list(partitions))

    def give_back(self, partitions: Sequence[int], lost: bool) -> Future[None]:
        """Done when no request of these is under way here, or after a while."""
        return asyncio.run_coroutine_threadsafe(self._leave(partitions, lost), self._loop)

    # in the loop

    def _put(self, partition: int, records: Sequence[Any]) -> None:
        if partition not in self._held:
            self._handed_on(len(records))
            return
        self._waiting.setdefault(partition, deque()).extend(records)
        self._size += len(records)
        self._more.set()

    def _take(self, partitions: list[int]) -> None:
        self._held.update(partitions)
        self.joined.set()

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._more.set()

    def _handed_on(self, number: int) -> None:
        if self._consumer is not None:
            self._consumer.handed_on(number)

    async def _leave(self, partitions: Sequence[int], lost: bool) -> None:
        self._held.difference_update(partitions)
        for partition in partitions:
            dropped = len(self._waiting.pop(partition, ()))
            self._size -= dropped
            self._handed_on(dropped)
        if self.holder is not None:
            self.holder.left(partitions)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0 if lost else LEAVE_WITHIN):
                    while not self._stopping and self.holder.is_busy(partitions):  # noqa: ASYNC110  (a question, not an event)
                        await asyncio.sleep(0.02)
        for partition in partitions:
            self._positions.forget(OUTBOUND_CALLS, partition)

    async def poll(self, limit: int) -> list[CallParcel]:
        if self._failure is not None:
            raise self._failure
        self._more.clear()
        if not self._waiting:
            return []
        partition, queue = next(iter(self._waiting.items()))
        records = [queue.popleft() for _ in range(min(limit, len(queue)))]
        del self._waiting[partition]
        if queue:
            self._waiting[partition] = queue  # behind the others
        self._size -= len(records)
        self._handed_on(len(records))
        found = [parcel_of(partition, one.offset, one.key, one.value or b"", tuple(one.headers or ())) for one in records]
        for parcel, _letter in found:
            self._positions.opened(parcel)
        letters = [letter for _parcel, letter in found if letter is not None]
        if letters:
            await self._publish(letters)
        return [parcel for parcel, _letter in found]

    async def finish(self, answers: Sequence[CallAnswer], parcels: Sequence[CallParcel]) -> None:
        if answers:
            await self._publish([answer_record(answer) for answer in answers])
        moves = {partition: offset + 1 for _topic, partition, offset in self._positions.finished(parcels)}
        if moves and self._consumer is not None:
            self._consumer.moved(moves)

    async def put_back(self, parcels: Sequence[CallParcel]) -> None:
        await self._publish([call_record(parcel.call) for parcel in parcels if parcel.call is not None])
        await self.finish([], parcels)

    async def wait(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._more.wait(), seconds)


class KafkaCalls:
    """The broker with its consumer. `instance` makes it a static member of the group: a worker that comes back soon causes no rebalance."""

    def __init__(self, address: KafkaAddress, publish: Publish, instance: str | None, now: Callable[[], float]) -> None:
        """To be made in the loop that calls."""
        self.queue = CallQueue(publish)
        self._consumer = LaneConsumer(
            address, OUTBOUND_CALLS, CALLERS, instance, arrived=self.queue.arrived, taken=self.queue.taken, give_back=self.queue.give_back,
            failed=self.queue.failed, now=now,
        )  # fmt: skip
        self.queue.attach(self._consumer)

    def start(self) -> None:
        self._consumer.start()

    async def stop(self) -> None:
        """Commit what is finished, leave the group."""
        self.queue.stop()
        self._consumer.stop()
        await asyncio.to_thread(self._consumer.join, 8.0)
