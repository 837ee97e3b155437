"""Kafka of three brokers: what `concierge topics` says of one that is away and of settings that forget; what is stamped and not yet shown."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka.admin import ConfigResource, KafkaAdminClient

from orchestrator.contracts.topics import CUSTOMER_EVENTS, DECISIONS
from orchestrator.kafka_log_end import KafkaLogEnds
from orchestrator.runtime.kafka_address import KafkaAddress
from tests.chaos.leaders import LeaderWatch
from tests.conftest import wanted
from tests.services import kafka_server
from tests.services.kafka_cluster import KafkaCluster
from workers.kafka_repairs import ClosingSelector
from workers.kafka_topics import TopicState, check_topics, create_topics

PARTITIONS = 4


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[KafkaCluster]:
    wanted(kafka_server.why_not())
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


@pytest.mark.timeout(300)
async def test_a_log_ends_beyond_what_is_shown_while_a_copy_is_silent(three: KafkaCluster) -> None:
    address = KafkaAddress({"bootstrap_servers": three.addresses}, "ends-", PARTITIONS)
    await asyncio.to_thread(create_topics, address, 3)
    tp = TopicPartition(address.prefix + CUSTOMER_EVENTS, 0)
    watch, ends = LeaderWatch(address), KafkaLogEnds(address)
    producer = AIOKafkaProducer(bootstrap_servers=three.addresses, acks=1)
    consumer = AIOKafkaConsumer(bootstrap_servers=three.addresses, fetch_max_wait_ms=100)
    await watch.start()
    await ends.start([tp.topic])
    await producer.start()
    await consumer.start()
    try:
        assert ends.is_replicated(tp.topic)
        assert await ends.ask([tp]) == {tp: 0}
        consumer.assign([tp])
        await consumer.seek_to_beginning(tp)
        await producer.partitions_for(tp.topic)  # nothing is to be asked of the silent one
        await watch.until(lambda now: not now.behind)
        leader = (await watch.look()).of[tp]
        silent = three.node(leader % 3 + 1)
        silent.freeze()
        await producer.send_and_wait(tp.topic, b"on its way", partition=0)
        assert await ends.ask([tp]) == {tp: 1}
        assert not await consumer.getmany(timeout_ms=1_000), "it has arrived and is not shown: the silent copy is waited for"
        assert consumer.highwater(tp) == 0
        silent.thaw()
        assert (await asyncio.wait_for(consumer.getone(), 30)).value == b"on its way"

        # another leader, another epoch
        three.node(leader).kill()
        await watch.until(lambda now: now.of[tp] not in (leader, -1))
        async with asyncio.timeout(30):
            while await ends.ask([tp]) != {tp: 1}:
                await asyncio.sleep(0.1)
    finally:
        for one in (consumer, producer, ends):
            await one.stop()
        await watch.close()


async def checked(address: KafkaAddress) -> list[TopicState]:
    return await asyncio.to_thread(check_topics, address)


async def altered(address: KafkaAddress) -> list[TopicState]:
    names = [address.prefix + name for name in (CUSTOMER_EVENTS, DECISIONS)]
    return [one for one in await checked(address) if one.name in names]


def alter(address: KafkaAddress, settings: dict[str, str]) -> None:
    """Of two topics."""
    admin = KafkaAdminClient(**address.options, selector=ClosingSelector)
    try:
        admin.alter_configs([ConfigResource("TOPIC", address.prefix + name, settings) for name in (CUSTOMER_EVENTS, DECISIONS)])
    finally:
        admin.close()
