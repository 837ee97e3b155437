"""kafka-python 3.0.12 forgets a join that outlasts the poll that began it, when new metadata was why. Our lanes must not, on real Kafka;
the first test says when kafka-python does not."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from kafka import KafkaConsumer
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.base import MemberState

from orchestrator.contracts.topics import outbound
from orchestrator.runtime.kafka_address import KafkaAddress
from tests.services.kafka_server import KafkaServer
from workers.kafka_repairs import ClosingSelector, finish_joins
from workers.kafka_topics import create_topics

TOPIC = outbound("email", "bulk")
SLOW = 0.5
"""Seconds a join takes: longer than a poll."""
_numbers = iter(range(1_000_000))


@pytest.fixture
def consumer(kafka: KafkaServer) -> Iterator[Any]:
    """A member of a group of its own."""
    address = KafkaAddress({"bootstrap_servers": [kafka.address]}, f"join{next(_numbers)}-", 2)
    create_topics(address, 1)
    made = KafkaConsumer(
        **address.options,
        group_id=f"{address.prefix}senders",
        selector=ClosingSelector,
        partition_assignment_strategy=[CooperativeStickyAssignor()],
    )
    made.subscribe([address.prefix + TOPIC])
    yield made
    made.close()


def stable_at_last(consumer: Any, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while consumer._coordinator.state is not MemberState.STABLE and time.monotonic() < end:
        consumer.poll(timeout_ms=50)
    return consumer._coordinator.state is MemberState.STABLE


def new_metadata_and_a_slow_join(consumer: Any) -> None:
    """As when a partition was added, while the broker waits for other members."""
    coordinator = consumer._coordinator
    end = time.monotonic() + 30
    while not (coordinator._assignment_snapshot and coordinator._assignment_snapshot == coordinator._metadata_snapshot):
        consumer.poll(timeout_ms=500)
        assert time.monotonic() < end, "it never heard of its partitions"
    assert stable_at_last(consumer, 30)
    join = coordinator._do_join_and_sync_async

    async def join_slowly() -> Any:
        found = await join()
        await consumer._net.sleep(SLOW)
        return found

    coordinator._do_join_and_sync_async = join_slowly
    coordinator._assignment_snapshot = {"another topic": {0}}
    consumer.poll(timeout_ms=50)
    assert coordinator.state is MemberState.REBALANCING


def test_kafka_python_still_has_the_trap(consumer: Any) -> None:
    """Red when it is mended: then `finish_joins` in workers/kafka_repairs.py can go."""
    new_metadata_and_a_slow_join(consumer)
    assert not stable_at_last(consumer), "its answer came long ago"


def test_a_join_is_finished(consumer: Any) -> None:
    finish_joins(consumer)
    new_metadata_and_a_slow_join(consumer)
    assert stable_at_last(consumer)
    assert len(consumer.assignment()) == 2
