"""Records into Kafka: each on the partition of its key, idempotent, acknowledged by all copies that are in step."""

from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.record import Record
from orchestrator.errors import ServiceUnavailable
from orchestrator.kafka_access import check_access
from orchestrator.runtime.kafka_address import KafkaAddress


class KafkaPublisher:
    """Publishes records, each on the partition of its key, and waits for every acknowledgement."""

    def __init__(self, address: KafkaAddress) -> None:
        self._address = address
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Raises ConfigurationError when Kafka does not let us in, ServiceUnavailable."""
        await check_access(self._address)
        producer = AIOKafkaProducer(
            **self._address.options, enable_idempotence=True, acks="all", linger_ms=3, max_batch_size=262_144, max_request_size=2_000_000,
            request_timeout_ms=30_000,
        )  # fmt: skip
        try:
            await producer.start()
        except KafkaError as error:
            await producer.stop()
            raise ServiceUnavailable(f"Kafka cannot be reached: {error}") from error
        self._producer = producer

    async def stop(self) -> None:
        if self._producer is not None:
            await self._producer.stop()

    async def publish(self, records: Sequence[Record]) -> None:
        """Durable on return. Raises ServiceUnavailable when one was not acknowledged: which of them are in the log is then not known."""
        try:
            await self._publish(records)
        except KafkaError as error:
            raise ServiceUnavailable(f"{type(error).__name__}: {error}") from error

    async def _publish(self, records: Sequence[Record]) -> None:
        assert self._producer is not None
        waiting = []
        for record in records:
            partition = record.partition
            if partition is None and record.key is not None:
                partition = partition_of(record.key, self._address.partitions)
            waiting.append(
                await self._producer.send(
                    self._address.prefix + record.topic,
                    value=record.value,
                    key=record.key,
                    partition=partition,
                    headers=list(record.headers),
                )
            )
        for one in waiting:
            await one
