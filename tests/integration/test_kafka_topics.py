"""`concierge topics` against a real broker."""

import itertools
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

from orchestrator.contracts.topics import CUSTOMER_EVENTS, DECISIONS, TOPICS
from orchestrator.errors import ConfigurationError
from orchestrator.runtime.kafka_address import KafkaAddress
from tests.integration.running import free_port
from tests.services.fleet import Fleet
from tests.services.kafka_server import KafkaServer
from workers.kafka_repairs import ClosingSelector
from workers.kafka_topics import check_topics, create_topics

_numbers = itertools.count()


@pytest.fixture
def address(kafka: KafkaServer) -> KafkaAddress:
    return KafkaAddress({"bootstrap_servers": [kafka.address]}, f"topics{next(_numbers)}-", 3)


def test_what_is_missing_is_named_made_and_then_left_alone(address: KafkaAddress) -> None:
    assert {one.problem for one in check_topics(address)} == {"missing: `concierge topics create` makes it"}
    assert create_topics(address, 1) == [address.prefix + name for name in TOPICS]
    assert create_topics(address, 1) == []
    found = check_topics(address)
    assert [(one.name, one.partitions, one.problem) for one in found] == [(address.prefix + name, 3, "") for name in TOPICS]


def test_another_number_of_partitions_and_another_clock_are_named(address: KafkaAddress) -> None:
    admin = KafkaAdminClient(**address.options, selector=ClosingSelector)
    try:
        admin.create_topics({
            address.prefix + CUSTOMER_EVENTS: {"num_partitions": 3, "replication_factor": 1},
            address.prefix + DECISIONS: {"num_partitions": 2, "replication_factor": 1, "configs": {"cleanup.policy": "compact"}},
        }, wait_for_metadata=True)  # fmt: skip
        create_topics(address, 1)
        problems = {one.name.removeprefix(address.prefix): one.problem for one in check_topics(address) if one.problem}
    finally:
        admin.close()
    assert "message.timestamp.type is CreateTime, needed is LogAppendTime" in problems.pop(CUSTOMER_EVENTS)
    assert "2 partitions, CONCIERGE_PARTITIONS says 3" in problems.pop(DECISIONS)
    assert not problems


def test_more_replicas_than_brokers_say_so(address: KafkaAddress) -> None:
    with pytest.raises(ConfigurationError, match=r"customer-events.*InvalidReplicationFactor"):
        create_topics(address, 2)


def test_nobody_there_is_a_service_that_cannot_be_reached(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, f"127.0.0.1:{free_port()}", "redis://127.0.0.1:1/0", "")
    asked = fleet.command("topics", "check")
    assert asked.returncode == 3
    assert b"Kafka cannot be reached" in asked.stderr
