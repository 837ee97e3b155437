"""All sources of the version in force, read until told to stop: what brings backends' records into the customer stream."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

from orchestrator.app import GROUP, OrchestratorApp, Stream, build_app
from orchestrator.kafka_lookup import KafkaLookup
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.partition_loop import Active
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.runtime.metrics import Metrics
from orchestrator.source_agent import SourceBatch, SourcesChanged

LOOK_EVERY = 1.0
"""Seconds between looks at the version in force while it has no source to read."""
_log = logging.getLogger(__name__)


class SourceReader:
    """For the role `orchestrator`. Another version that reads other topics gets another app; one that maps otherwise is taken up
    between two batches."""

    def __init__(
        self, address: KafkaAddress, active: Active, clock: Clock, metrics: Metrics, *, customer_stream: Callable[[], Stream] | None = None,
        dead_letter_limit: int = 0, instance: str | None = None,
    ) -> None:  # fmt: skip
        """`customer_stream` makes one that runs as a service of each app; None when it runs elsewhere. `dead_letter_limit`: so many in a
        row of one partition stop the process (0: never). `instance` names this process in its group for ever (static membership)."""
        self._address = address
        self._active = active
        self._clock = clock
        self._metrics = metrics
        self._customer_stream = customer_stream
        self._limit = dead_letter_limit
        self._instance = instance
        self._app: OrchestratorApp | None = None
        self.joined = asyncio.Event()
        """Set once records are read, or there are none to read."""

    def lag(self) -> Counter[str]:
        """Records not done with, by the backend's topic; of the partitions that this process reads."""
        return Counter() if self._app is None else self._app.lag()

    async def run(self, stop: asyncio.Event) -> None:
        """Raises ServiceUnavailable, ConfigurationError, TooManyDeadLetters, NoProgress, what the customer stream raises, or a defect's
        own error: then leave the process by `os._exit`, for Faust's thread may not end by itself."""
        while not stop.is_set():
            if not self._mapped() and self._customer_stream is None:
                self.joined.set()
                await _wait(stop, LOOK_EVERY)
                continue
            lookup = KafkaLookup(self._address)
            if self._mapped():
                await lookup.ask_group(self._address.prefix + GROUP)
            self._app = build_app(
                self._address, self._active, KafkaPublisher(self._address), lookup, self._clock,
                customer_stream=None if self._customer_stream is None else self._customer_stream(), observe=self._observe,
                dead_letter_limit=self._limit, instance=self._instance,
            )  # fmt: skip
            try:
                await self._app.run(stop, self.joined)
            except SourcesChanged as change:
                _log.info("%s: reading those from here on", change)

    def _mapped(self) -> bool:
        return bool(self._active.workspace.source_topics)

    def _observe(self, batch: SourceBatch) -> None:
        if batch.events:
            self._metrics.add("events_total", batch.source, by=batch.events)
        for reason, number in batch.dead.items():
            self._metrics.add("dead_letters_total", batch.topic, reason.value, by=number)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
