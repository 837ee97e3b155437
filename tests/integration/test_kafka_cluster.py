"""`concierge topics` on Kafka of three brokers: one that is away is said, and what may lose records or stops them is a finding."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from kafka.admin import ConfigResource, KafkaAdminClient

from orchestrator.contracts.topics import CUSTOMER_EVENTS, DECISIONS
from orchestrator.runtime.kafka_address import KafkaAddress
from tests.chaos.leaders import LeaderWatch
from tests.conftest import absent
from tests.services import kafka_server
from tests.services.kafka_cluster import KafkaCluster
from workers.kafka_topics import TopicState, check_topics, create_topics

PARTITIONS = 4


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[KafkaCluster]:
    why = kafka_server.why_not()
    if why is not None:
        absent(why)
    cluster = KafkaCluster(tmp_path)
    try:
        await asyncio.to_thread(cluster.format)
        await asyncio.to_thread(cluster.start)
        yield cluster
    finally:
        cluster.kill()


@pytest.mark.timeout(300)
async def test_copies_that_are_away_and_settings_that_forget(three: KafkaCluster) -> None:
    address = KafkaAddress({"bootstrap_servers": three.addresses}, "three-", PARTITIONS)
    await asyncio.to_thread(create_topics, address, 3)
    assert {(one.problem, one.note) for one in await checked(address)} == {("", "")}
    await asyncio.to_thread(alter, address, {"min.insync.replicas": "1", "unclean.leader.election.enable": "true"})
    for one in await altered(address):
        assert "min.insync.replicas is 1 with 3 copies" in one.problem
        assert "unclean.leader.election.enable is true" in one.problem

    await asyncio.to_thread(alter, address, {"min.insync.replicas": "3", "unclean.leader.election.enable": "false"})
    watch = LeaderWatch(address)
    await watch.start()
    three.node(1).kill()
    await watch.until(lambda now: not now.led_by(1))
    await watch.close()
    # of the living: kafka-python leaves a refused connection's socket to the collector, and pytest minds
    left = KafkaAddress({"bootstrap_servers": three.addresses[1:]}, address.prefix, PARTITIONS)
    found, stuck = await checked(left), await altered(left)
    assert {(one.problem, one.note) for one in found if one not in stuck} == {("", "2 of 3 copies in step: a broker is away or behind")}
    assert all("4 of 4 partitions cannot be written: 2 of 3 copies in step, min.insync.replicas is 3" in one.problem for one in stuck)


async def checked(address: KafkaAddress) -> list[TopicState]:
    return await asyncio.to_thread(check_topics, address)


async def altered(address: KafkaAddress) -> list[TopicState]:
    names = [address.prefix + name for name in (CUSTOMER_EVENTS, DECISIONS)]
    return [one for one in await checked(address) if one.name in names]


def alter(address: KafkaAddress, settings: dict[str, str]) -> None:
    """Of two topics."""
    admin = KafkaAdminClient(**address.options)
    try:
        admin.alter_configs([ConfigResource("TOPIC", address.prefix + name, settings) for name in (CUSTOMER_EVENTS, DECISIONS)])
    finally:
        admin.close()
