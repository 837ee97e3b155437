"""A rebuild against a real log and a real store: what it refuses, where it reads from, what it writes."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata
from kafka.admin import KafkaAdminClient

from orchestrator.contracts.message import OutboundMessage, SenderAddress, TextContent, encode_message
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS, outbound
from orchestrator.errors import StoreRefused
from orchestrator.kafka_log import KafkaLog
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.kafka_stream import GROUP
from orchestrator.rebuild.rebuild import NothingHeld, Rebuild, StillRunning
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.state.redis_rebuild import RedisRebuild
from orchestrator.state.redis_store import RedisStore, open_redis
from orchestrator.state.store import Commit
from tests.services.kafka_server import KafkaServer
from tests.services.kafka_topics import make_topics
from tests.services.redis_server import RedisServer
from workers.kafka_repairs import ClosingSelector
from workers.kafka_topics import busy_groups

PARTITIONS, LANE = 2, outbound("sms", "bulk")
_numbers = itertools.count()


@dataclass
class Deployment:
    address: KafkaAddress
    store: RedisStore
    publisher: KafkaPublisher

    def rebuild(self) -> Rebuild:
        def busy(groups: Sequence[str]) -> "asyncio.Future[set[str]]":
            return asyncio.ensure_future(asyncio.to_thread(busy_groups, self.address, groups))

        return Rebuild(KafkaLog(self.address), RedisRebuild(self.store.connection, PARTITIONS), busy, "w")

    async def events(self, number: int) -> None:
        await self.publisher.publish([Record(topic=CUSTOMER_EVENTS, key=b"k", value=b"{}", partition=0) for _ in range(number)])

    async def committed(self, offset: int, store: str = "s1") -> None:
        consumer = AIOKafkaConsumer(**self.address.options, group_id=self.address.prefix + GROUP, enable_auto_commit=False)
        await consumer.start()
        tps = [TopicPartition(f"{self.address.prefix}{CUSTOMER_EVENTS}", p) for p in range(PARTITIONS)]
        consumer.assign(tps)
        await consumer.commit({tp: OffsetAndMetadata(offset if tp.partition == 0 else 0, store) for tp in tps})
        await consumer.stop()

    async def applied(self, offset: int) -> None:
        for partition in range(PARTITIONS):
            await self.store.take_over(partition, "t")
            await self.store.commit(partition, "t", 0, Commit(cursors={CUSTOMER_EVENTS: offset if partition == 0 else 0}))


@pytest.fixture
async def deployment(kafka: KafkaServer, redis_server: RedisServer) -> AsyncIterator[Deployment]:
    redis_server.wipe()
    address = KafkaAddress({"bootstrap_servers": [kafka.address]}, f"rebuild{next(_numbers)}-", PARTITIONS)
    await make_topics(address)
    store, publisher = await open_redis(redis_server.url, PARTITIONS, "s1"), KafkaPublisher(address)
    await publisher.start()
    yield Deployment(address, store, publisher)
    await publisher.stop()
    await store.close()


def message(intent: str) -> Record:
    made = OutboundMessage(
        intent=intent, partition=0, customer="ada", channel="sms", lane="bulk", message_class="service", to="+447911000001",
        sender=SenderAddress(address="+1"), content=TextContent(body="x"), journey="j", step="s", message="m",
    )  # fmt: skip
    return Record(topic=LANE, key=b"ada", value=encode_message(made), partition=0)


def accepted(intent: str) -> Record:
    made = Receipt(id=f"{intent}:1", customer="ada", status="accepted", at=5, channel="sms", intent=intent, provider_id=f"SM{intent[0]}")
    return Record(topic=DELIVERY_RECEIPTS, key=b"ada", value=encode_receipt(made), partition=0)


async def test_an_emptied_store_is_refused_and_begun_from_the_log_on_demand(deployment: Deployment) -> None:
    await deployment.events(5)
    await deployment.committed(4, store="the-old-one")
    await deployment.publisher.publish(
        [message("a" * 32), message("b" * 32), Record(topic=LANE, key=b"x", value=b"no message", partition=0)]
    )
    await deployment.publisher.publish([accepted("a" * 32)])
    with pytest.raises(NothingHeld, match=r"partition 0, 1.*--from-log"):
        await deployment.rebuild().plan("fresh", from_log=False)
    plan = await deployment.rebuild().plan("fresh", from_log=True)
    assert plan.store == "the-old-one"
    assert [(one.behind, one.begun, one.lost) for one in plan.partitions] == [(5, True, 0), (0, True, 0)]
    read: list[int] = []
    for _ in range(2):  # begun again after a crash it comes to the same
        rebuilt = await deployment.rebuild().carry_out(plan, 50, read.append)
        assert rebuilt.states == {"done": 1, "unknown": 1}
    assert sum(read) == 2 * plan.records == 8
    claims = await deployment.store.claims(0, ["a" * 32, "b" * 32])
    assert [claims[one * 32].state for one in "ab"] == ["done", "unknown"]
    assert await deployment.store.written_to((await _hashes(deployment))[0]) == ["ada"]
    adopted = await open_redis(_url(deployment), PARTITIONS, "another")
    owned = await adopted.take_over(0, "t", "the-old-one")
    await adopted.close()
    assert owned.cursors == {CUSTOMER_EVENTS: 0, DELIVERY_RECEIPTS: 0}


def _url(deployment: Deployment) -> str:
    return f"redis://{deployment.store.connection.topology.nodes()[0].address}/0"


async def _hashes(deployment: Deployment) -> list[str]:
    found = await deployment.store.connection.command("KEYS", "*a:*")
    return [one.decode().rpartition(":")[2] for one in found]


async def test_a_snapshot_says_itself_what_is_read_again(deployment: Deployment) -> None:
    await deployment.events(5)
    await deployment.committed(5)
    await deployment.applied(3)
    plan = await deployment.rebuild().plan("fresh", from_log=False)
    assert [(one.behind, one.begun, one.cursors[CUSTOMER_EVENTS]) for one in plan.partitions] == [(2, False, 3), (0, False, 0)]
    rebuilt = await deployment.rebuild().carry_out(plan, 50, lambda _number: None)
    assert (rebuilt.states, rebuilt.written) == ({}, 0)
    assert (await deployment.store.take_over(0, "u", "s1")).cursors == {CUSTOMER_EVENTS: 3}


async def test_nothing_is_done_while_somebody_owns_partitions(deployment: Deployment) -> None:
    consumer = AIOKafkaConsumer(
        f"{deployment.address.prefix}{CUSTOMER_EVENTS}", **deployment.address.options, group_id=deployment.address.prefix + GROUP
    )
    await consumer.start()
    await consumer.getmany(timeout_ms=500)
    with pytest.raises(StillRunning, match="concierge-orchestrator"):
        await deployment.rebuild().plan("fresh", from_log=True)
    await consumer.stop()
    await deployment.rebuild().plan("fresh", from_log=True)


async def test_another_deployment_s_store_is_left_alone(deployment: Deployment) -> None:
    await deployment.applied(3)
    await deployment.committed(3, store="s2")
    with pytest.raises(StoreRefused, match="holds partitions of store s1, the log belongs to s2"):
        await deployment.rebuild().plan("fresh", from_log=True)


async def test_a_snapshot_older_than_the_log_is_refused(deployment: Deployment) -> None:
    await deployment.events(5)
    await deployment.applied(2)
    await deployment.committed(5)

    def cut() -> None:
        admin = KafkaAdminClient(**deployment.address.options, selector=ClosingSelector)
        admin.delete_records({_first(deployment): 4})
        admin.close()

    await asyncio.to_thread(cut)
    with pytest.raises(StoreRefused, match="up to 2, and its log begins at 4"):
        await deployment.rebuild().plan("fresh", from_log=False)
    await RedisRebuild(deployment.store.connection, PARTITIONS).empty(0)
    plan = await deployment.rebuild().plan("fresh", from_log=True)
    assert [(one.cursors[CUSTOMER_EVENTS], one.lost, one.begun) for one in plan.partitions] == [(4, 4, True), (0, 0, False)]


def _first(deployment: Deployment) -> object:
    from kafka import TopicPartition as Place

    return Place(f"{deployment.address.prefix}{CUSTOMER_EVENTS}", 0)
