"""The customer stream of one process: a loop for every partition it owns, begun and ended as the group is rebalanced."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from orchestrator.contracts.topics import INPUT_TOPICS
from orchestrator.engine.batch import Outcome
from orchestrator.errors import ConciergeError, TornPartition
from orchestrator.kafka_access import in_our_words
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.kafka_source import PartitionSource
from orchestrator.kafka_stream import KafkaConsumption
from orchestrator.partition_loop import Active, PartitionLoop
from orchestrator.publisher import PUBLISH_FOR, PatientPublisher
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.ids import Ids
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.state.store import Store

COMMIT_EVERY = 1.0
MEASURE_EVERY, MEASURE_IDLE = 0.02, 0.2
"""Seconds between questions of where replicated logs end: while records wait for it, and for timers alone."""
LOOK_EVERY = 5.0
STUCK_AFTER = 60.0 + PUBLISH_FOR
"""Seconds without a commit, while there is something to do, after which the process ends rather than look alive. Longer than Kafka and
Redis are waited for: those outages have their own last line."""
STOP_WITHIN = 20.0
_log = logging.getLogger(__name__)


class NoProgress(ConciergeError):  # noqa: N818  (says what happened)
    """There is something to do, and nothing is committed."""


@dataclass(slots=True)
class _Owner:
    loop: PartitionLoop
    source: PartitionSource
    stop: asyncio.Event
    task: asyncio.Task[None] | None = None
    moved_at: float = 0.0


class CustomerStream:
    """Runs until `stop`. Whatever breaks ends all of it: nothing is swallowed, the process exits and another takes over."""

    def __init__(
        self, address: KafkaAddress, store: Store, store_id: str, active: Active, clock: Clock, ids: Ids,
        observe: Callable[[Outcome, int, float], None], dead_letter_limit: int = 0,
    ) -> None:  # fmt: skip
        self._address = address
        self._store = store
        self._active = active
        self._clock = clock
        self._ids = ids
        self._observe = observe
        self._limit = dead_letter_limit
        self._publisher = KafkaPublisher(address)
        self._patient = PatientPublisher(self._publisher)
        self._consumption = KafkaConsumption(address, store_id, self._assigned, self._revoked)
        self._owners: dict[int, _Owner] = {}
        self.torn: set[int] = set()
        """Partitions of ours that stand still: a commit of theirs broke off in the middle."""
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None

    @property
    def partitions(self) -> list[int]:
        """Those owned now."""
        return sorted(self._owners)

    @property
    def joined(self) -> asyncio.Event:
        """Set once the group has said what is ours, be it nothing."""
        return self._consumption.joined

    def waiting(self) -> Counter[str]:
        """People standing in each journey, of the partitions owned now."""
        found: Counter[str] = Counter()
        for owner in self._owners.values():
            found.update(owner.loop.state.running)
        return found

    def unpublished(self) -> dict[int, int]:
        """Records committed and not yet published, by partition."""
        return {partition: owner.loop.unpublished for partition, owner in self._owners.items()}

    def lag(self) -> Counter[str]:
        """Records fetched or known of and not yet applied, by topic."""
        found: Counter[str] = Counter()
        for partition in self._owners:
            found.update(self._consumption.lag(partition))
        return found

    def wake(self) -> None:
        """Another version is in force: everybody is to be looked at."""
        for owner in self._owners.values():
            owner.source.arrived.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Raises what broke it: ServiceUnavailable, StoreRefused, ConfigurationError, NoProgress, or a defect's own error."""
        await self._publisher.start()
        try:
            await self._consumption.start()
            tasks = [
                asyncio.create_task(self._guarded(work))
                for work in (self._fetch(), self._measure(), self._commit(), self._watch(), self._until(stop))
            ]
            await self._stop.wait()
            await self._revoked()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._consumption.commit_soon()
            await self._consumption.stop()
        finally:
            await self._publisher.stop()
        if self._failure is not None:
            raise self._failure

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001  (kept, and raised by `run`)
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = in_our_words(error)
        self._stop.set()

    async def _until(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stop.set()

    async def _fetch(self) -> None:
        while True:
            await self._consumption.fetch()

    async def _measure(self) -> None:
        """Only where there are copies to wait for: a partition with a single one shows its records at once."""
        while self._consumption.replicated:
            self._consumption.fetched.clear()
            await self._consumption.measure(self._clock.now())
            if any(owner.source.inbox.size(topic) for owner in self._owners.values() for topic in INPUT_TOPICS):
                await asyncio.sleep(MEASURE_EVERY)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._consumption.fetched.wait(), MEASURE_IDLE)

    async def _commit(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_EVERY)
            await self._consumption.commit_soon()

    async def _watch(self) -> None:
        """A process that takes part in the group and does nothing would hold its partitions for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = self._clock.monotonic()
            for partition, owner in self._owners.items():
                if partition in self.torn:
                    continue
                if now - max(owner.moved_at, owner.source.idle_at) > STUCK_AFTER:
                    raise NoProgress(f"partition {partition}: there is something to do and nothing was committed for {STUCK_AFTER:.0f} s")

    def _assigned(self, partition: int) -> None:
        if self._stop.is_set():  # on our way out: whoever comes next begins with it
            return
        source = PartitionSource(partition, self._consumption, self._patient, self._clock)
        loop = PartitionLoop(
            partition, self._address.partitions, self._store, source, self._active, self._clock, self._ids, self._applied, strays=True,
            dead_letter_limit=self._limit,
        )  # fmt: skip
        owner = _Owner(loop, source, asyncio.Event(), moved_at=self._clock.monotonic())
        self._consumption.sources[partition] = source
        self._owners[partition] = owner
        owner.task = asyncio.create_task(self._guarded(self._own(loop, owner.stop)))

    async def _own(self, loop: PartitionLoop, stop: asyncio.Event) -> None:
        try:
            await loop.run(stop)
        except TornPartition as error:
            # whoever took it over would find it so: ended for it, one process after the other would end
            self.torn.add(loop.partition)
            _log.error("partition %s stands still, others go on: %s", loop.partition, error)
            await stop.wait()

    def _applied(self, outcome: Outcome, partition: int, seconds: float) -> None:
        owner = self._owners.get(partition)
        if owner is not None:
            owner.moved_at = self._clock.monotonic()
        self._observe(outcome, partition, seconds)

    async def _revoked(self) -> None:
        """Wait for the batches that are under way; then forget everything: another process may own the partitions next."""
        owners, self._owners = self._owners, {}
        self.torn.clear()
        tasks = [owner.task for owner in owners.values() if owner.task is not None]
        for owner in owners.values():
            owner.stop.set()
            owner.source.arrived.set()
        if tasks:
            _done, late = await asyncio.wait(tasks, timeout=STOP_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if owners:
            _log.info("partitions given back: %s", sorted(owners))
