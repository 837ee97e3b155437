"""What stands in a deployment's topics, and how far its groups have come."""

from collections.abc import AsyncIterator, Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from orchestrator.app import GROUP as SOURCES_GROUP
from orchestrator.contracts.topics import INPUT_TOPICS
from orchestrator.engine.inputs import InputRecord
from orchestrator.kafka_log import KafkaLog
from orchestrator.kafka_stream import GROUP
from orchestrator.rebuild.rebuild import SENDERS
from orchestrator.runtime.kafka_address import KafkaAddress
from tests.chaos import backend
from tests.services.kafka_topics import EXAMPLE_SOURCE


def groups() -> dict[str, list[str]]:
    """Topics by the group that reads them."""
    return {GROUP: list(INPUT_TOPICS)} | {group: [topic] for group, topic in SENDERS.items()}


async def lag(address: KafkaAddress) -> dict[str, int]:
    """Records not yet committed by their group, by topic."""
    tps = {
        group: [TopicPartition(address.prefix + t, p) for t in topics for p in range(address.partitions)]
        for group, topics in groups().items()
    }
    tps[SOURCES_GROUP] = [TopicPartition(EXAMPLE_SOURCE, p) for p in range(backend.PARTITIONS)]
    consumer, admin = AIOKafkaConsumer(**address.options), AIOKafkaAdminClient(**address.options)
    await consumer.start()
    await admin.start()
    try:
        ends = await consumer.end_offsets([tp for some in tps.values() for tp in some])
        found: dict[str, int] = {}
        for group, some in tps.items():
            committed = await admin.list_consumer_group_offsets(address.prefix + group, partitions=some)
            for tp in some:
                topic = tp.topic.removeprefix(address.prefix)
                found[topic] = found.get(topic, 0) + ends[tp] - max(committed[tp].offset, 0)
    finally:
        await consumer.stop()
        await admin.close()
    return found


async def records(address: KafkaAddress, topics: Iterable[str]) -> AsyncIterator[InputRecord]:
    """Everything in these topics, from the beginning to the end as it is now; each partition in order."""
    log = KafkaLog(address)
    async for some in log.read(dict.fromkeys(log.places(topics), 0)):
        for one in some:
            yield one
