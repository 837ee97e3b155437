"""What is asked of Kafka beside reading and writing: which topics there are, and the last record of a partition."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from orchestrator.contracts.record import Record
from orchestrator.errors import ServiceUnavailable
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.runtime.kafka_refusal import not_allowed

ANSWER_WITHIN = 30.0
_log = logging.getLogger(__name__)


class KafkaLookup:
    """Short questions, each with a connection of its own. Topics are named in full. All but `ask_group` raise ServiceUnavailable."""

    def __init__(self, address: KafkaAddress) -> None:
        self._address = address

    async def partitions(self, topics: Sequence[str]) -> Mapping[str, int]:
        """How many each has; a topic that does not exist is left out."""
        admin = AIOKafkaAdminClient(**self._address.options)
        try:
            await admin.start()
            try:
                described = await admin.describe_topics(list(topics))
            finally:
                await admin.close()
        except KafkaError as error:
            raise ServiceUnavailable(f"Kafka cannot be reached: {error}") from error
        return {one["topic"]: len(one["partitions"]) for one in described if one.get("partitions")}

    async def ask_group(self, group: str) -> None:
        """May we read as this group? Named in full. Raises ConfigurationError when not, for Faust would wait for ever and not say why; any other
        trouble is not for this question."""
        admin = AIOKafkaAdminClient(**self._address.options)
        try:
            await admin.start()
            await admin.list_consumer_group_offsets(group)
        except GroupAuthorizationFailedError as error:
            raise not_allowed(error) from error
        except KafkaError as error:
            _log.info("Kafka was asked about the group %s and did not say: %s", group, error)
        finally:
            await admin.close()

    async def last(self, topic: str, partition: int) -> Record | None:
        """The last record; None when there is none."""
        tp = TopicPartition(topic, partition)
        consumer = AIOKafkaConsumer(**self._address.options, enable_auto_commit=False, fetch_max_wait_ms=100)
        try:
            await consumer.start()
            try:
                consumer.assign([tp])
                end, first = (await consumer.end_offsets([tp]))[tp], (await consumer.beginning_offsets([tp]))[tp]
                if end <= first:
                    return None
                consumer.seek(tp, end - 1)
                async with asyncio.timeout(ANSWER_WITHIN):
                    found = await consumer.getone(tp)
            finally:
                await consumer.stop()
        except (KafkaError, TimeoutError) as error:
            raise ServiceUnavailable(f"the last record of {topic} cannot be read: {error}") from error
        return Record(topic=topic, key=found.key, value=found.value or b"", headers=tuple(found.headers), partition=partition)
