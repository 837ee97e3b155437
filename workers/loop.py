"""The sender's loop: the transactional lane first, chunks of one partition, bounded messages in flight, outcomes in batches."""

import asyncio
import contextlib
from collections.abc import Callable

from orchestrator.contracts.claim import Claims
from orchestrator.contracts.topics import Lane
from workers.broker import Broker, Parcel
from workers.delivery import Delivery, Finished
from workers.resolver import InDoubt

CHUNK = 64
RESERVED = 32
"""Slots that only the transactional lane may use."""
GATHER = 0.05
"""Seconds outcomes are gathered for before they are settled together: nobody waits for them, and every batch of them costs the store,
Kafka and the orchestrator a turn that messages then wait for."""
GRACE = 10.0
"""Seconds a stop waits for calls that are under way."""
SLOTS = 256
"""Messages in flight."""
MOST_IN_DOUBT = 2_000
"""Messages whose outcome is being found out beside those in flight; more of them take up slots, so that senders slow down."""


class SenderLoop:
    """`slots` bounds messages in flight."""

    def __init__(
        self, broker: Broker, delivery: Delivery, claims: Claims, failed: Callable[[BaseException], None], slots: int = SLOTS
    ) -> None:
        self._broker = broker
        self._delivery = delivery
        self._claims = claims
        self._failed = failed
        self._free = slots
        self._chunks: set[asyncio.Task[None]] = set()
        self._doubts: set[asyncio.Task[None]] = set()
        self._done: list[Finished] = []
        self._something_done = asyncio.Event()
        self._freed = asyncio.Event()
        self._flushing = asyncio.Lock()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; then what is under way is finished, within ten seconds. What became of messages in doubt is found out by
        whoever comes next: their claims stand."""
        finisher = asyncio.create_task(self._finish_batches())
        try:
            while not stop.is_set():
                if not await self._take_some():
                    await self._broker.wait(1.0)
            for doubt in self._doubts:
                doubt.cancel()
            if self._chunks:
                await asyncio.wait(self._chunks, timeout=GRACE)
        finally:
            for task in (*self._chunks, *self._doubts):
                task.cancel()
            await self._flush()
            finisher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await finisher

    async def _take_some(self) -> bool:
        allowed, wait = await self._delivery.room()
        if allowed == 0:
            # nothing is taken before its turn, so a transactional message that comes meanwhile is still the first to go
            await asyncio.sleep(min(wait, 1000) / 1000)
            return True
        lanes: tuple[tuple[Lane, int], ...] = (("transactional", self._free), ("bulk", self._free - RESERVED))
        for lane, room in lanes:
            if room <= 0:
                continue
            parcels = await self._broker.poll(lane, min(room, allowed, CHUNK))
            if parcels:
                self._start(parcels)
                return True
        if self._free <= RESERVED:
            self._freed.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._freed.wait(), 0.05)
            return True
        return False

    def _start(self, parcels: list[Parcel]) -> None:
        self._free -= len(parcels)
        self._delivery.reserve(len(parcels))
        task = asyncio.create_task(self._delivery.deliver(parcels, self._report))
        self._chunks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: "asyncio.Task[None]") -> None:
        self._chunks.discard(task)
        self._doubts.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failed(task.exception())  # type: ignore[arg-type]  # not None here

    def _report(self, one: Finished | InDoubt) -> None:
        if isinstance(one, Finished):
            self._done.append(one)
            self._something_done.set()
            return
        slot = len(self._doubts) < MOST_IN_DOUBT
        if slot:
            self._free += 1  # nothing is in flight: its slot serves others while it waits for proof
            self._freed.set()

        def settled(end: Finished | InDoubt) -> None:
            self._free -= slot
            self._report(end)

        task = asyncio.create_task(self._delivery.resolve(one, settled))
        self._doubts.add(task)
        task.add_done_callback(self._task_ended)

    async def _finish_batches(self) -> None:
        while True:
            await self._something_done.wait()
            await asyncio.sleep(GATHER)
            try:
                await self._flush()
            except Exception as error:  # noqa: BLE001  (the process must hear of it and stop)
                self._failed(error)
                return

    async def _flush(self) -> None:
        # a stop must not cut off a batch between its settlement and its receipts
        async with self._flushing:
            await self._flush_one_batch()

    async def _flush_one_batch(self) -> None:
        self._something_done.clear()
        done, self._done = self._done, []
        if not done:
            return
        by_partition: dict[int, list[Finished]] = {}
        for one in done:
            if one.settlement is not None:
                by_partition.setdefault(one.parcel.partition, []).append(one)
        for partition, ones in sorted(by_partition.items()):
            await self._claims.settle(partition, [one.settlement for one in ones if one.settlement is not None])
        await self._broker.finish([one.receipt for one in done if one.receipt is not None], [one.parcel for one in done])
        self._free += len(done)
        self._freed.set()
