"""The sender's broker over Kafka: one channel's two lanes, buffered, handed out by partition."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

import msgspec

from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.contracts.message import decode_message
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, LANES, Channel, Lane, outbound
from workers.broker import Parcel, Positions

FULL, ROOM = 2_000, 500
"""Records of a lane that wait here when fetching pauses, and when it goes on."""
LEAVE_WITHIN = 15.0
"""Seconds for which a rebalance waits for calls that are under way."""
REPLAYED = "replayed"
"""Header of what a rewound partition publishes again: it may have been sent before."""

Publish = Callable[[Sequence[Record]], Awaitable[None]]
"""Durable on return."""


class Consumer(Protocol):
    """What this file asks of a lane's consumer."""

    lag: int

    def handed_on(self, number: int) -> None: ...

    def moved(self, positions: dict[int, int]) -> None: ...


class LaneBroker:
    """Implements the workers' `Broker`. `consumers` are given by `attach`, before anything arrives."""

    def __init__(self, channel: Channel, publish: Publish) -> None:
        self._channel: Channel = channel
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[Lane, dict[int, deque[Any]]] = {lane: {} for lane in LANES}
        self._held: dict[Lane, set[int]] = {lane: set() for lane in LANES}
        self._sizes: dict[Lane, int] = dict.fromkeys(LANES, 0)
        self._consumers: dict[Lane, Consumer] = {}
        self._positions = Positions()
        self._more = asyncio.Event()
        self._settled = asyncio.Event()
        self._failure: BaseException | None = None
        self._stopping = False
        self._joined: set[Lane] = set()
        self.joined = asyncio.Event()
        """Set once the groups of all lanes have said what is ours, be it nothing."""

    def attach(self, lane: Lane, consumer: Consumer) -> None:
        self._consumers[lane] = consumer

    def held(self, lane: Lane) -> frozenset[int]:
        """Partitions that are ours."""
        return frozenset(self._held[lane])

    def held_any(self) -> bool:
        """Is there a partition of any lane to send from?"""
        return any(self._held.values())

    def lag(self) -> dict[str, int]:
        """Records not yet handed to a sender, by topic."""
        return {outbound(self._channel, lane): one.lag + self._sizes[lane] for lane, one in self._consumers.items()}

    def stop(self) -> None:
        """Whatever is under way is finished, or never will be here: nobody waits for it any more."""
        self._stopping = True
        self._settled.set()

    # called in a consumer's thread

    def arrived(self, lane: Lane, partition: int, records: Sequence[Any]) -> None:
        """Fetched, in order."""
        self._loop.call_soon_threadsafe(self._put, lane, partition, records)

    def failed(self, error: BaseException) -> None:
        """A consumer is at its end."""
        self._loop.call_soon_threadsafe(self._fail, error)

    def taken(self, lane: Lane, partitions: Sequence[int]) -> None:
        """These are ours now."""
        self._loop.call_soon_threadsafe(self._take, lane, list(partitions))

    def give_back(self, lane: Lane, partitions: Sequence[int], lost: bool) -> Future[None]:
        """Done when nothing of these is under way here, or after a while: claims keep another sender from repeating it."""
        return asyncio.run_coroutine_threadsafe(self._leave(lane, partitions, lost), self._loop)

    # in the loop

    def _put(self, lane: Lane, partition: int, records: Sequence[Any]) -> None:
        if partition not in self._held[lane]:
            self._consumers[lane].handed_on(len(records))
            return
        self._waiting[lane].setdefault(partition, deque()).extend(records)
        self._sizes[lane] += len(records)
        self._more.set()

    def _take(self, lane: Lane, partitions: list[int]) -> None:
        self._held[lane].update(partitions)
        self._joined.add(lane)
        if len(self._joined) == len(self._consumers):
            self.joined.set()

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._more.set()

    async def _leave(self, lane: Lane, partitions: Sequence[int], lost: bool) -> None:
        self._held[lane].difference_update(partitions)
        for partition in partitions:
            self._drop(lane, len(self._waiting[lane].pop(partition, ())))
        topic = outbound(self._channel, lane)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0 if lost else LEAVE_WITHIN):
                while not self._stopping and any(self._positions.is_open(topic, partition) for partition in partitions):
                    self._settled.clear()
                    await self._settled.wait()
        for partition in partitions:
            self._positions.forget(topic, partition)

    async def poll(self, lane: Lane, limit: int) -> list[Parcel]:
        if self._failure is not None:
            raise self._failure
        self._more.clear()
        waiting = self._waiting[lane]
        if not waiting:
            return []
        partition, queue = next(iter(waiting.items()))
        records = [queue.popleft() for _ in range(min(limit, len(queue)))]
        del waiting[partition]
        if queue:
            waiting[partition] = queue  # behind the others
        self._drop(lane, len(records))
        topic = outbound(self._channel, lane)
        parcels = [self._parcel(lane, topic, partition, record) for record in records]
        for parcel in parcels:
            self._positions.opened(parcel)
        letters = [_letter(topic, record) for record, parcel in zip(records, parcels, strict=True) if parcel.message is None]
        if letters:
            await self._publish(letters)
        return parcels

    def _drop(self, lane: Lane, number: int) -> None:
        self._sizes[lane] -= number
        self._consumers[lane].handed_on(number)

    @staticmethod
    def _parcel(lane: Lane, topic: str, partition: int, record: Any) -> Parcel:
        try:
            message = decode_message(record.value or b"")
        except (msgspec.DecodeError, ValueError):
            return Parcel(lane, topic, partition, record.offset, None)
        return Parcel(
            lane, topic, partition, record.offset, message, replayed=any(name == REPLAYED for name, _value in record.headers or ())
        )

    async def finish(self, receipts: Sequence[Receipt], parcels: Sequence[Parcel]) -> None:
        await self._publish([Record(topic=DELIVERY_RECEIPTS, key=r.customer.encode(), value=encode_receipt(r)) for r in receipts])
        moves: dict[Lane, dict[int, int]] = {}
        lanes = {outbound(self._channel, lane): lane for lane in LANES}
        for topic, partition, offset in self._positions.finished(parcels):
            moves.setdefault(lanes[topic], {})[partition] = offset + 1
        for lane, positions in moves.items():
            self._consumers[lane].moved(positions)
        self._settled.set()

    async def wait(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._more.wait(), seconds)


def _letter(topic: str, record: Any) -> Record:
    try:
        decode_message(record.value or b"")
        error = ""
    except (msgspec.DecodeError, ValueError) as bad:
        error = str(bad)
    letter = DeadLetter(
        reason=DeadLetterReason.BAD_SHAPE, error=error, topic=topic, partition=record.partition, offset=record.offset, key=record.key,
        value=record.value or b"", headers=tuple(record.headers or ()),
    )  # fmt: skip
    return letter.record()
