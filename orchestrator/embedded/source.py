"""The input topics of one partition, read from the SQLite log."""

import asyncio
import contextlib
from collections.abc import Sequence

from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS, INPUT_TOPICS
from orchestrator.engine.inputs import InputRecord
from orchestrator.partition_loop import Reading
from orchestrator.state.sqlite_log import LogRecord, SqliteLog
from orchestrator.state.store import Owned

GROUP = "orchestrator"


class LogSource:
    """Implements the partition loop's `Source`. Positions of the group are kept for trimming and lag; the store's cursors decide."""

    def __init__(self, log: SqliteLog, partition: int) -> None:
        self._log = log
        self._partition = partition
        self._event = log.waiter()
        self._acknowledged: dict[str, int] = {}

    async def expected_store(self) -> str | None:
        """Log and store are one file."""
        return None

    async def begin(self, owned: Owned) -> None:
        """Nothing to do: every read names its position."""

    async def is_ours(self) -> bool:
        return True

    def cursor_behind(self, record: InputRecord) -> int:
        return record.offset

    def marked(self, outgoing: Sequence[Record], caused_by: Sequence[InputRecord]) -> Sequence[Record]:  # noqa: ARG002  (the protocol's)
        return outgoing

    async def read(self, cursors: dict[str, int], limit: int) -> Reading:
        """Events and receipts by arrival. Where one topic was cut at the limit, nothing later than the cut is read of the other."""
        while True:
            reading = self._look(cursors, limit)
            if reading is not None:
                return reading
            # what was read is newer than what is known to be complete: a moment later it is
            await asyncio.sleep(0.001)

    def _look(self, cursors: dict[str, int], limit: int) -> Reading | None:
        self._event.clear()
        horizon = self._log.complete_through()
        found: list[tuple[str, LogRecord]] = []
        for topic in (CUSTOMER_EVENTS, DELIVERY_RECEIPTS):
            records = self._log.read(topic, self._partition, cursors.get(topic, 0), limit)
            if len(records) == limit:
                # an instant is never split: what arrived at the last one read may go on behind it
                horizon = min(horizon, records[-1].at - 1 if records[0].at < records[-1].at else records[-1].at)
            found += [(topic, record) for record in records]
        kept = [(topic, record) for topic, record in found if record.at <= horizon]
        if found and not kept:
            return None
        kept.sort(key=lambda one: one[1].offset)
        return Reading([InputRecord(topic, self._partition, r.offset, r.at, r.key, r.value, r.headers) for topic, r in kept], horizon)

    async def publish(self, records: Sequence[Record]) -> None:
        await self._log.append(records)

    async def acknowledge(self, cursors: dict[str, int], through: int) -> None:  # noqa: ARG002  (only a replay asks)
        moved = [
            (GROUP, topic, self._partition, cursors[topic]) for topic in INPUT_TOPICS if cursors.get(topic) != self._acknowledged.get(topic)
        ]
        if moved:
            self._acknowledged = dict(cursors)
            self._log.advance_soon(moved)

    async def wait(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
