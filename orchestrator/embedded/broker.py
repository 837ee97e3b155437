"""The sender's broker over the SQLite log: one channel's two lanes, all partitions."""

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec

from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.contracts.message import decode_message
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, Channel, Lane, outbound
from orchestrator.state.sqlite_log import LogRecord, SqliteLog
from workers.broker import Parcel, Positions


class LogBroker:
    """Implements the workers' `Broker`."""

    def __init__(self, log: SqliteLog, channel: Channel) -> None:
        self._log = log
        self._group = f"senders-{channel}"
        self._channel: Channel = channel
        self._positions = Positions()
        self._event = log.waiter()
        self._read: dict[tuple[Lane, int], int] = {}
        self._turn = 0

    async def poll(self, lane: Lane, limit: int) -> list[Parcel]:
        topic = outbound(self._channel, lane)
        self._event.clear()
        for step in range(self._log.partitions):
            partition = (self._turn + step) % self._log.partitions
            place = (lane, partition)
            if place not in self._read:
                self._read[place] = self._log.position(self._group, topic, partition)
            records = self._log.read(topic, partition, self._read[place], limit)
            if records:
                self._turn = partition + 1
                self._read[place] = records[-1].offset
                parcels = [await self._parcel(lane, topic, partition, record) for record in records]
                for parcel in parcels:
                    self._positions.opened(parcel)
                return parcels
        return []

    async def _parcel(self, lane: Lane, topic: str, partition: int, record: LogRecord) -> Parcel:
        try:
            message = decode_message(record.value)
        except (msgspec.DecodeError, ValueError) as error:
            letter = DeadLetter(
                reason=DeadLetterReason.BAD_SHAPE, error=str(error), topic=topic, partition=partition, offset=record.offset,
                key=record.key, value=record.value, headers=record.headers,
            )  # fmt: skip
            await self._log.append([letter.record()])
            return Parcel(lane, topic, partition, record.offset, None)
        return Parcel(lane, topic, partition, record.offset, message)

    async def finish(self, receipts: Sequence[Receipt], parcels: Sequence[Parcel]) -> None:
        records = [Record(topic=DELIVERY_RECEIPTS, key=receipt.customer.encode(), value=encode_receipt(receipt)) for receipt in receipts]
        moves = [(self._group, topic, partition, offset) for topic, partition, offset in self._positions.finished(parcels)]
        await self._log.append_and_advance(records, moves)

    async def wait(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
