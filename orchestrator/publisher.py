"""Publishing that outlasts a broker's restart: tried again for a while, then the process gives up."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from orchestrator.contracts.record import Record
from orchestrator.errors import ServiceUnavailable

PUBLISH_FOR = 120
"""Tries, a second apart."""
_log = logging.getLogger(__name__)


class Publisher(Protocol):
    """Durable on return. Raises ServiceUnavailable when that is not known."""

    async def publish(self, records: Sequence[Record]) -> None: ...


class PatientPublisher:
    """What is published twice, because an acknowledgement was lost, carries the same ids and is recognised where it is read."""

    def __init__(self, publisher: Publisher, tries: int = PUBLISH_FOR, pause: float = 1.0) -> None:
        self._publisher = publisher
        self._tries = tries
        self._pause = pause

    async def publish(self, records: Sequence[Record]) -> None:
        """Raises ServiceUnavailable after the last try."""
        why: ServiceUnavailable | None = None
        for _ in range(self._tries):
            try:
                await self._publisher.publish(records)
            except ServiceUnavailable as error:
                why = error
                _log.warning("%s records are not acknowledged (%s), publishing them again", len(records), error)
                await asyncio.sleep(self._pause)
            else:
                return
        raise ServiceUnavailable(f"Kafka has not taken {len(records)} records for {self._tries * self._pause:.0f} s: {why}")
