"""Who leads what on a Kafka of several brokers, and whether every copy is in step."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from orchestrator.runtime.kafka_address import KafkaAddress

OFFSETS = "__consumer_offsets"


@dataclass(frozen=True, slots=True)
class Leaders:
    """`of`: the leader of each (topic, partition), -1 where there is none. `behind`: partitions with a copy that is not in step."""

    of: Mapping[tuple[str, int], int]
    behind: int

    def led_by(self, node: int) -> set[tuple[str, int]]:
        return {partition for partition, leader in self.of.items() if leader == node}

    def busiest(self) -> int:
        """The node that leads most."""
        return Counter(self.of.values()).most_common(1)[0][0]


class LeaderWatch:
    """Asks the brokers that are there. `close` after use."""

    def __init__(self, address: KafkaAddress) -> None:
        self._admin = AIOKafkaAdminClient(**address.options, metadata_max_age_ms=1_000)
        self._prefix = address.prefix

    async def start(self) -> None:
        await self._admin.start()

    async def close(self) -> None:
        await self._admin.close()

    async def look(self) -> Leaders:
        """Of our topics and of the groups' positions."""
        names = [name for name in await self._admin.list_topics() if name.startswith(self._prefix) or name == OFFSETS]
        found: list[dict[str, Any]] = await self._admin.describe_topics(names)
        partitions = [(topic["topic"], one) for topic in found for one in topic["partitions"]]
        return Leaders(
            {(topic, one["partition"]): one["leader"] for topic, one in partitions},
            sum(set(one["isr"]) != set(one["replicas"]) for _topic, one in partitions),
        )

    async def until(self, true: Callable[[Leaders], bool], seconds: float = 90) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    if true(await self.look()):
                        return
                except KafkaError:  # of the broker that is away
                    pass
                await asyncio.sleep(0.3)

    async def coordinator(self, group: str) -> int:
        """The node that coordinates a group."""
        found: int = await self._admin.find_coordinator(self._prefix + group)
        return found
