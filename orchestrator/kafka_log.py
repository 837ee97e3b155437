"""The log, read as a whole: what a rebuild asks of Kafka. Every question has a connection of its own and waits for its answer."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from orchestrator.engine.inputs import InputRecord
from orchestrator.errors import ServiceUnavailable
from orchestrator.runtime.kafka_address import KafkaAddress

ANSWER_WITHIN = 30.0
Place = tuple[str, int]
"""A topic, without the prefix, and a partition."""


class KafkaLog:
    """Topics and groups are named without the prefix. Everything raises ServiceUnavailable."""

    def __init__(self, address: KafkaAddress) -> None:
        self._address = address

    def places(self, topics: Iterable[str]) -> list[Place]:
        """All partitions of these topics."""
        return [(topic, partition) for topic in topics for partition in range(self._address.partitions)]

    async def committed(self, group: str, places: Sequence[Place]) -> dict[Place, tuple[int, str]]:
        """The group's positions with what was noted beside them; places without one are left out."""
        tps = {self._tp(place): place for place in places}
        async with self._admin() as admin:
            held = await admin.list_consumer_group_offsets(self._address.prefix + group, partitions=list(tps))
        return {tps[tp]: (one.offset, one.metadata or "") for tp, one in held.items() if one.offset >= 0}

    async def span(self, places: Sequence[Place]) -> dict[Place, tuple[int, int]]:
        """The first offset that is still there, and the next one to come."""
        tps = [self._tp(place) for place in places]
        async with self._consumer() as consumer:
            first, end = await consumer.beginning_offsets(tps), await consumer.end_offsets(tps)
        return {place: (first[tp], end[tp]) for place, tp in zip(places, tps, strict=True)}

    async def since(self, instants: Mapping[Place, int]) -> dict[Place, int]:
        """The first offset of each place whose record came at or after an instant (ms); places with none such are left out."""
        if not instants:
            return {}
        async with self._consumer() as consumer:
            found = await consumer.offsets_for_times({self._tp(place): max(at, 0) for place, at in instants.items()})
        return {place: held.offset for place in instants if (held := found.get(self._tp(place))) is not None}

    async def instants(self, offsets: Mapping[Place, int]) -> dict[Place, int]:
        """When these records came, in milliseconds. Each must be in the log."""
        found: dict[Place, int] = {}
        if not offsets:
            return found
        async with self._consumer() as consumer:
            for place, offset in offsets.items():
                tp = self._tp(place)
                consumer.assign([tp])
                consumer.seek(tp, offset)
                async with asyncio.timeout(ANSWER_WITHIN):
                    found[place] = (await consumer.getone(tp)).timestamp
        return found

    async def read(self, starts: Mapping[Place, int]) -> AsyncIterator[Sequence[InputRecord]]:
        """Everything from these offsets to the ends as they are now; each partition in order."""
        async with self._consumer() as consumer:
            tps = {self._tp(place): place for place in starts}
            ends = await consumer.end_offsets(list(tps))
            left = {tp for tp, place in tps.items() if starts[place] < ends[tp]}
            consumer.assign(sorted(left))
            for tp in left:
                consumer.seek(tp, starts[tps[tp]])
            while left:
                for tp, records in (await consumer.getmany(timeout_ms=1_000)).items():
                    topic = tps[tp][0]
                    yield [
                        InputRecord(topic, tp.partition, one.offset, one.timestamp, one.key, one.value or b"", tuple(one.headers))
                        for one in records
                        if one.offset < ends[tp]
                    ]
                left = {tp for tp in left if await consumer.position(tp) < ends[tp]}

    def _tp(self, place: Place) -> TopicPartition:
        return TopicPartition(self._address.prefix + place[0], place[1])

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            **self._address.options, enable_auto_commit=False, auto_offset_reset="earliest", max_partition_fetch_bytes=2_000_000,
        )  # fmt: skip
        try:
            await consumer.start()
            try:
                yield consumer
            finally:
                await consumer.stop()
        except (KafkaError, TimeoutError) as error:
            raise ServiceUnavailable(f"Kafka: {type(error).__name__}: {error}") from error

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(**self._address.options)
        try:
            await admin.start()
            try:
                yield admin
            finally:
                await admin.close()
        except KafkaError as error:
            raise ServiceUnavailable(f"Kafka: {type(error).__name__}: {error}") from error
