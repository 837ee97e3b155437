"""Topics on a test's Kafka."""

import asyncio

from orchestrator.runtime.kafka_address import KafkaAddress
from workers.kafka_topics import create_topics

EXAMPLE_SOURCE = "crm.public.changes"
"""The topic that the worked example's source reads."""


async def make_topics(address: KafkaAddress) -> None:
    """All topics of a deployment, as `concierge topics create` makes them."""
    await asyncio.to_thread(create_topics, address, 1, [EXAMPLE_SOURCE])
