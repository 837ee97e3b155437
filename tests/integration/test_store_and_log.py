"""A store that is not the one the log was applied to: emptied, another's, torn, or older than what the log still holds."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from orchestrator.contracts.message import decode_message
from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.topics import CUSTOMER_EVENTS, outbound
from orchestrator.errors import StoreRefused
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.state.redis_keys import STORE, PartitionKeys
from orchestrator.state.redis_store import RedisStore, open_redis
from orchestrator.workspace.workspace import Workspace
from tests.integration.test_customer_stream import PARTITIONS, Cluster, Running, order, person
from tests.services.kafka_server import KafkaServer
from tests.services.kafka_topics import make_topics
from tests.services.redis_server import RedisServer
from tests.worlds import without_holdout

PEOPLE = 50


class Deployment(Cluster):
    """A stream over one Redis, which has applied something."""

    held: RedisStore

    async def ends(self, running: Running) -> str:
        """What it says as it ends."""
        with pytest.raises(StoreRefused) as refused:
            await asyncio.wait_for(running.task, 20)
        return str(refused.value)

    async def applied(self, running: Running) -> None:
        """Everything, and Kafka is told."""
        async with asyncio.timeout(30):
            while len(running.stream.partitions) < PARTITIONS or any(running.stream.lag().values()):
                await asyncio.sleep(0.1)
        await asyncio.sleep(1.5)


@pytest.fixture
async def deployment(kafka: KafkaServer, redis_server: RedisServer, example: Workspace) -> AsyncIterator[Deployment]:
    redis_server.wipe()
    address = KafkaAddress({"bootstrap_servers": kafka.address}, f"store{secrets.token_hex(4)}-", PARTITIONS)
    await make_topics(address)
    publisher = KafkaPublisher(address)
    await publisher.start()
    store = await open_redis(redis_server.url, PARTITIONS, "s1")
    made = Deployment(address, without_holdout(example), publisher, store, store.id)
    made.held = store
    await made.send(*(person(n) for n in range(PEOPLE)))
    yield made
    await made.stop()
    await store.close()


async def test_a_store_that_is_emptied_under_an_idle_owner_ends_it(deployment: Deployment, redis_server: RedisServer) -> None:
    """Within seconds, though nothing comes in; and nobody begins anew on it."""
    running = deployment.start()
    await deployment.applied(running)
    redis_server.wipe()
    assert "Redis was emptied" in await deployment.ends(running)
    fresh = await open_redis(redis_server.url, PARTITIONS, "s2")
    deployment.store_id = fresh.id
    said = await deployment.ends(deployment.start(store=fresh))
    assert "this is store s2, the log belongs to s1" in said
    await fresh.close()


async def test_a_store_that_became_another_is_refused(deployment: Deployment) -> None:
    running = deployment.start()
    await deployment.applied(running)
    running.stop.set()
    await running.task
    await deployment.held.connection.command("SET", STORE, "s3")
    assert "this was store s1 and is store s3 now: restart" in await deployment.ends(deployment.start())


async def test_a_log_that_begins_behind_the_store_is_a_gap(deployment: Deployment) -> None:
    """Retention has passed the store by: what lies between is gone, and nobody goes on as if nothing had been there."""
    running = deployment.start()
    await deployment.applied(running)
    running.stop.set()
    await running.task
    k = PartitionKeys(1, PARTITIONS)
    cursor = int(await deployment.held.connection.command("HGET", k.meta, f"c:{CUSTOMER_EVENTS}"))
    await deployment.held.connection.command("HSET", k.meta, f"c:{CUSTOMER_EVENTS}", cursor - 2)
    admin = AIOKafkaAdminClient(**deployment.address.options)
    await admin.start()
    await admin.delete_records({TopicPartition(deployment.address.prefix + CUSTOMER_EVENTS, 1): RecordsToDelete(cursor - 1)})
    await admin.close()
    said = await deployment.ends(deployment.start())
    assert f"partition 1 of {CUSTOMER_EVENTS} was applied up to {cursor - 2}, and its log begins at {cursor - 1}" in said
    assert "concierge rebuild" in said
    await deployment.held.connection.command("HSET", k.meta, f"c:{CUSTOMER_EVENTS}", cursor - 1)
    await deployment.applied(deployment.start())


async def test_a_torn_partition_stands_still_and_the_others_go_on(deployment: Deployment) -> None:
    running = deployment.start()
    await deployment.applied(running)
    await deployment.held.connection.command("HSET", PartitionKeys(1, PARTITIONS).meta, "torn", 1)
    others = [n for n in range(PEOPLE) if partition_of(f"c{n}".encode(), PARTITIONS) != 1]
    await deployment.send(*(order(n) for n in range(PEOPLE)))
    records = await deployment.records(outbound("email", "transactional"), len(others))
    assert {decode_message(one.value).customer for one in records} == {f"c{n}" for n in others}
    assert running.stream.torn == {1}
    assert not running.task.done()
    assert running.stream.lag()[CUSTOMER_EVENTS] == PEOPLE - len(others), "what waits for it is seen"
    running.stop.set()
    await running.task
    again = deployment.start()
    await deployment.send(*(order(n + PEOPLE) for n in range(PEOPLE)))
    assert len(await deployment.records(outbound("email", "transactional"), 2 * len(others))) == 2 * len(others)
    assert again.stream.torn == {1}
