"""Topics on a test's Kafka."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from orchestrator.contracts.topics import INPUT_TOPICS, TOPICS
from orchestrator.kafka_source import KafkaAddress


async def make_topics(address: KafkaAddress) -> None:
    """All topics of a deployment, as `concierge topics create` makes them."""
    admin = AIOKafkaAdminClient(**address.options)
    await admin.start()
    try:
        await admin.create_topics([
            NewTopic(
                address.prefix + topic, address.partitions, 1,
                topic_configs={"message.timestamp.type": "LogAppendTime"} if topic in INPUT_TOPICS else {},
            )
            for topic in TOPICS
        ])  # fmt: skip
    finally:
        await admin.close()
