"""The calls' broker over the SQLite log: all partitions of `outbound-calls`."""

import asyncio
import contextlib
from collections.abc import Sequence

from orchestrator.contracts.call import CallAnswer
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CALLERS, OUTBOUND_CALLS
from orchestrator.state.sqlite_log import SqliteLog
from workers.broker import Positions
from workers.calls.call_broker import CallParcel, answer_record, call_record, parcel_of


class LogCalls:
    """Implements the calls' `CallBroker`. Answers and positions are one transaction."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log
        self._positions = Positions()
        self._event = log.waiter()
        self._read: dict[int, int] = {}
        self._turn = 0

    async def poll(self, limit: int) -> list[CallParcel]:
        self._event.clear()
        for step in range(self._log.partitions):
            partition = (self._turn + step) % self._log.partitions
            if partition not in self._read:
                self._read[partition] = self._log.position(CALLERS, OUTBOUND_CALLS, partition)
            records = self._log.read(OUTBOUND_CALLS, partition, self._read[partition], limit)
            if not records:
                continue
            self._turn = partition + 1
            self._read[partition] = records[-1].offset
            found = [parcel_of(partition, one.offset, one.key, one.value, one.headers) for one in records]
            for parcel, _letter in found:
                self._positions.opened(parcel)
            letters = [letter for _parcel, letter in found if letter is not None]
            if letters:
                await self._log.append(letters)
            return [parcel for parcel, _letter in found]
        return []

    async def finish(self, answers: Sequence[CallAnswer], parcels: Sequence[CallParcel]) -> None:
        await self._settle([answer_record(answer) for answer in answers], parcels)

    async def put_back(self, parcels: Sequence[CallParcel]) -> None:
        await self._settle([call_record(parcel.call) for parcel in parcels if parcel.call is not None], parcels)

    async def _settle(self, records: Sequence[Record], parcels: Sequence[CallParcel]) -> None:
        moves = [(CALLERS, topic, partition, offset) for topic, partition, offset in self._positions.finished(parcels)]
        await self._log.append_and_advance(records, moves)

    async def wait(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
