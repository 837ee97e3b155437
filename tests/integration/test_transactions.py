"""A backend that writes its events in Kafka's transactions: what ends one stands in the log too, and what was taken back counts for nothing."""

import asyncio
import json

import pytest
from aiokafka import AIOKafkaProducer

from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from tests.integration.test_customer_stream import PARTITIONS, Cluster, cluster, order, person

__all__ = ["cluster"]


async def write(cluster: Cluster, name: str, event: dict[str, object], *, take_back: bool = False) -> None:
    producer = AIOKafkaProducer(**cluster.address.options, transactional_id=f"{cluster.address.prefix}{name}")
    await producer.start()
    try:
        await producer.begin_transaction()
        key = str(event["userId"]).encode()
        await producer.send_and_wait(
            cluster.address.prefix + CUSTOMER_EVENTS, json.dumps(event).encode(), key=key, partition=partition_of(key, PARTITIONS)
        )
        await (producer.abort_transaction() if take_back else producer.commit_transaction())
    finally:
        await producer.stop()


async def test_the_last_event_of_a_transaction_is_applied_at_once(cluster: Cluster) -> None:
    one = cluster.start()
    await cluster.send(person(1))
    await write(cluster, "a", order(1, customers=2))
    assert len(await cluster.intents(1, 20)) == 1
    async with asyncio.timeout(20):
        while sum(one.stream.lag().values()):
            await asyncio.sleep(0.1)
    assert not one.task.done()


@pytest.mark.parametrize("behind", [False, True], ids=["the last of the log", "others behind it"])
async def test_what_was_taken_back_is_not_applied(cluster: Cluster, behind: bool) -> None:
    one = cluster.start()
    await cluster.send(person(1))
    await write(cluster, "a", order(1, customers=2))
    await write(cluster, "b", order(3, customers=2), take_back=True)
    if behind:
        await cluster.send(order(5, customers=2))
    wanted = 2 if behind else 1
    assert len(await cluster.intents(wanted, 20)) == wanted
    async with asyncio.timeout(20):
        while sum(one.stream.lag().values()):
            await asyncio.sleep(0.1)
    assert len(await cluster.intents(wanted, 20)) == wanted
