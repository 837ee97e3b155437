"""Redis fails over to a replica that did not get the last commits, under a customer stream on real Kafka: six nodes, one of three
masters killed. What was lost is noticed, replayed from Kafka, and what goes out a second time says so."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest

from orchestrator.contracts.message import decode_message
from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.topics import CUSTOMER_EVENTS, INPUT_TOPICS, outbound
from orchestrator.engine.inputs import InputRecord
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.kafka_source import REPLAYED
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.state.redis_keys import PartitionKeys
from orchestrator.state.redis_store import RedisStore, open_redis
from orchestrator.workspace.workspace import Workspace
from tests.chaos.judge import states
from tests.chaos.kafka_log import records
from tests.integration.test_customer_stream import PARTITIONS, Cluster, Running, order, person
from tests.services.kafka_server import KafkaServer
from tests.services.kafka_topics import make_topics
from tests.services.redis_cluster import RedisCluster
from tests.worlds import without_holdout

SHARE = 1
"""Of the slots, whose master dies."""


class Deployment(Cluster):
    """A stream over the six nodes."""

    redis: RedisCluster
    held: RedisStore

    def lose(self) -> set[int]:
        """Partitions whose last commits go."""
        return {p for p in range(PARTITIONS) if self.redis.share_of(PartitionKeys(p, PARTITIONS).meta) == SHARE}

    async def orders(self, first: int, last: int) -> None:
        await self.send(*(order(n) for n in range(first, last)))
        await self.intents(last)

    async def published(self, number: int) -> dict[str, list[tuple[int, bool]]]:
        """By intent: the partition and whether it was marked, each time it was published."""
        found = defaultdict(list)
        for one in await self.records(outbound("email", "transactional"), number):
            assert one.key is not None
            found[decode_message(one.value).intent].append((partition_of(one.key, PARTITIONS), REPLAYED in one.headers))
        return found

    async def conflicts(self, number: int) -> None:
        """Until so many were noticed."""
        async with asyncio.timeout(30):
            while sum(outcome.counts["conflicts",] for outcome in self.outcomes) < number:
                await asyncio.sleep(0.05)

    async def in_step(self, running: Running) -> None:
        """Until the store is where the log ends."""
        async with asyncio.timeout(30):
            while not running.stream.partitions or any(running.stream.lag().values()):
                await asyncio.sleep(0.1)

    async def differences(self) -> list[str]:
        """Between what is stored and what an undisturbed run makes of the same log."""
        log: dict[int, list[InputRecord]] = defaultdict(list)
        async for record in records(self.address, INPUT_TOPICS):
            log[record.partition].append(record)
        intents, wrong = await states(log, self.workspace, self.address, self.held)
        assert len(intents) > 400
        return wrong


@pytest.fixture
async def deployment(kafka: KafkaServer, replicated_redis: RedisCluster, example: Workspace) -> AsyncIterator[Deployment]:
    replicated_redis.wipe()
    address = KafkaAddress({"bootstrap_servers": kafka.address}, f"failover{secrets.token_hex(4)}-", PARTITIONS)
    await make_topics(address)
    publisher = KafkaPublisher(address)
    await publisher.start()
    store = await open_redis(replicated_redis.url, PARTITIONS, "s1", cluster=True)
    made = Deployment(address, without_holdout(example), publisher, store, store.id)
    made.redis, made.held = replicated_redis, store
    await made.send(*(person(n) for n in range(50)))
    yield made
    await made.stop()
    await store.close()


def judged(found: dict[str, list[tuple[int, bool]]], lost: set[int]) -> int:
    """Of partitions that lost nothing everything stands once and unmarked; of the others, what is there again is marked. How many are."""
    again = 0
    for times in found.values():
        (partition, marked), *more = times
        assert not marked, "the first time it is new"
        assert all(mark for _p, mark in more), "whatever is published again says so"
        assert not more or partition in lost
        again += len(more)
    return again


async def test_an_owner_that_goes_on_notices_rewinds_and_replays(deployment: Deployment) -> None:
    """Its memory is ahead of the store, and nothing comes in that would tell it."""
    running = deployment.start()
    await deployment.orders(0, 200)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(deployment.redis.cut_off, SHARE)
    await deployment.orders(200, 400)
    assert await asyncio.to_thread(deployment.redis.fail_over, SHARE) > 0
    lost = deployment.lose()
    await deployment.conflicts(len(lost))
    await deployment.in_step(running)
    assert judged(await deployment.published(400), lost) > 20
    await deployment.orders(400, 500)
    found = await deployment.published(500)
    assert len(found) == 500
    before = judged(found, lost)
    await asyncio.sleep(6)
    assert judged(await deployment.published(500 + before), lost) == before, "what is fresh is published once, and nothing goes on"
    assert await deployment.differences() == []


async def test_a_successor_follows_a_store_that_is_behind(deployment: Deployment) -> None:
    """The owner dies with the master: whoever comes next knows from Kafka how far the log had been applied."""
    first = deployment.start()
    await deployment.orders(0, 200)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(deployment.redis.cut_off, SHARE)
    await deployment.orders(200, 400)
    await asyncio.sleep(1.5)
    committed = {p: (await first.stream._consumption.committed(p))[CUSTOMER_EVENTS].offset for p in range(PARTITIONS)}
    await deployment.crash(first)
    assert await asyncio.to_thread(deployment.redis.fail_over, SHARE) > 0
    lost = deployment.lose()
    for p in lost:
        cursor = int(await deployment.held.connection.command("HGET", PartitionKeys(p, PARTITIONS).meta, f"c:{CUSTOMER_EVENTS}"))
        assert cursor < committed[p], "the store is behind what Kafka was told"
    await deployment.send(*(order(n) for n in range(400, 500)))  # these are fresh, and wait behind what is replayed
    second = deployment.start()
    await deployment.intents(500)
    await deployment.in_step(second)
    found = await deployment.published(500)
    assert len(found) == 500
    assert judged(found, lost) > 20
    assert await deployment.differences() == []
