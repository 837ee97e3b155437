"""The gateway's publisher over the SQLite log, with a bound on what may wait."""

from collections.abc import Sequence

from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.embedded.source import GROUP
from orchestrator.gateway.publisher import Overloaded
from orchestrator.state.sqlite_log import SqliteLog

MOST_WAITING = 200_000
"""Events accepted and not yet applied."""
LOOK_EVERY = 5_000
"""Events between two looks at how many wait."""
COME_BACK = 5
"""Seconds."""


class LogPublisher:
    """Answers Overloaded where a publication would leave more than `most` events waiting. Only events are counted: what customers and
    providers tell us is bounded by what we sent, and somebody who leaves is never told to come back."""

    def __init__(self, log: SqliteLog, most: int = MOST_WAITING) -> None:
        self._log = log
        self._most = most
        self._waiting = 0
        self._since = LOOK_EVERY

    async def publish(self, records: Sequence[Record]) -> None:
        events = sum(record.topic == CUSTOMER_EVENTS for record in records)
        if events:
            if self._since + events > LOOK_EVERY or self._waiting + events > self._most:
                self._waiting, self._since = self._log.depth(GROUP, CUSTOMER_EVENTS), 0
            if self._waiting and self._waiting + events > self._most:
                raise Overloaded(COME_BACK)
            self._waiting += events
            self._since += events
        await self._log.append(records)
