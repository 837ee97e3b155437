"""The customer stream on real Kafka: every event applied once, through rebalances, crashes, zombies and poison."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from orchestrator.active import ActiveVersion
from orchestrator.contracts.dead_letter import DeadLetterReason
from orchestrator.contracts.message import decode_message
from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, outbound
from orchestrator.customer_stream import CustomerStream
from orchestrator.engine.batch import Outcome
from orchestrator.errors import StoreRefused, TooManyDeadLetters
from orchestrator.journey_tests.world import NoLinks
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.state.memory_store import MemoryStore
from orchestrator.state.store import Store
from orchestrator.workspace.workspace import Workspace
from tests.services.kafka_server import KafkaServer
from tests.services.kafka_topics import make_topics
from tests.worlds import without_holdout

PARTITIONS = 4
_numbers = iter(range(1_000_000))


@dataclass
class Running:
    """One stream in a task, as a process would run it."""

    stream: CustomerStream
    stop: asyncio.Event
    task: asyncio.Task[None]


@dataclass
class Cluster:
    address: KafkaAddress
    workspace: Workspace
    publisher: KafkaPublisher
    store: Store = field(default_factory=lambda: MemoryStore("s1"))
    store_id: str = "s1"
    running: list[Running] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def start(self, *, limit: int = 0, store: Store | None = None) -> Running:
        stop = asyncio.Event()
        active = ActiveVersion(self.workspace, NoLinks())
        stream = CustomerStream(
            self.address, store or self.store, self.store_id, active, SystemClock(), RandomIds(), lambda outcome, _p, _s: self.outcomes.append(outcome),
            dead_letter_limit=limit,
        )  # fmt: skip
        one = Running(stream, stop, asyncio.create_task(stream.run(stop)))
        self.running.append(one)
        return one

    async def stop(self) -> None:
        for one in self.running:
            one.stop.set()
        for one in self.running:
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await asyncio.wait_for(one.task, 30)
        await self.publisher.stop()

    async def crash(self, one: Running) -> None:
        """It ends in the middle of whatever it does; the group hears of it at once."""
        one.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await one.task
        for task in asyncio.all_tasks():
            frame = getattr(task.get_coro(), "cr_frame", None)
            if frame is not None and frame.f_locals.get("self") is one.stream:
                task.cancel()
        await one.stream._consumption.stop()

    async def send(self, *events: dict[str, object], partition: int | None = None) -> None:
        await self.publisher.publish([
            Record(topic=CUSTOMER_EVENTS, key=str(e["userId"]).encode(), value=json.dumps(e).encode(), partition=partition) for e in events
        ])  # fmt: skip

    async def records(self, topic: str, number: int, seconds: float = 30.0) -> list[Record]:
        """At least so many records of a topic, from its beginning."""
        found: list[Record] = []
        consumer = AIOKafkaConsumer(**self.address.options, auto_offset_reset="earliest", enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign([TopicPartition(self.address.prefix + topic, p) for p in range(self.address.partitions)])
            async with asyncio.timeout(seconds):
                while len(found) < number:
                    for records in (await consumer.getmany(timeout_ms=200)).values():
                        found += [
                            Record(topic=topic, key=r.key, value=r.value or b"", headers=tuple(r.headers), partition=r.partition)
                            for r in records
                        ]
            for records in (await consumer.getmany(timeout_ms=300)).values():
                found += [
                    Record(topic=topic, key=r.key, value=r.value or b"", headers=tuple(r.headers), partition=r.partition) for r in records
                ]
        finally:
            await consumer.stop()
        return found

    async def intents(self, number: int, seconds: float = 30.0) -> Counter[str]:
        """How often each intent stands on the transactional mail lane."""
        return Counter(decode_message(r.value).intent for r in await self.records(outbound("email", "transactional"), number, seconds))


@pytest.fixture
async def cluster(kafka: KafkaServer, example: Workspace) -> AsyncIterator[Cluster]:
    address = KafkaAddress({"bootstrap_servers": kafka.address}, f"t{next(_numbers)}-", PARTITIONS)
    await make_topics(address)
    publisher = KafkaPublisher(address)
    await publisher.start()
    made = Cluster(address, without_holdout(example), publisher)
    yield made
    await made.stop()


def person(n: int) -> dict[str, object]:
    return {"type": "identify", "userId": f"c{n}", "messageId": f"i{n}", "traits": {"first_name": "Ada", "email": f"c{n}@example.com"}}


def order(n: int, customers: int = 50) -> dict[str, object]:
    """One transactional mail each."""
    properties = {"order_id": f"o{n}", "package": "x", "price": 1.5, "installed_on": "2027-01-01"}
    return {"type": "track", "userId": f"c{n % customers}", "messageId": f"o{n}", "event": "Order Placed", "properties": properties}


async def test_every_order_becomes_one_message_on_the_partition_of_its_customer(cluster: Cluster) -> None:
    cluster.start()
    await cluster.send(*(person(n) for n in range(50)), *(order(n) for n in range(300)))
    records = await cluster.records(outbound("email", "transactional"), 300)
    assert len({decode_message(r.value).intent for r in records}) == len(records) == 300
    assert all(r.key is not None and r.partition == partition_of(r.key, PARTITIONS) for r in records)


async def test_a_second_process_takes_its_share_and_nothing_is_lost_or_done_twice(cluster: Cluster) -> None:
    first = cluster.start()
    await cluster.send(*(person(n) for n in range(50)), *(order(n) for n in range(200)))
    await cluster.intents(200)
    second = cluster.start()
    for start in range(200, 1000, 100):
        await cluster.send(*(order(n) for n in range(start, start + 100)))
        await asyncio.sleep(0.3)
    assert set((await cluster.intents(1000)).values()) == {1}
    assert sorted(first.stream.partitions + second.stream.partitions) == list(range(PARTITIONS))
    assert len(first.stream.partitions) == len(second.stream.partitions) == 2
    first.stop.set()
    await first.task
    await cluster.send(*(order(n) for n in range(1000, 1100)))
    assert set((await cluster.intents(1100)).values()) == {1}


async def test_what_a_crash_left_in_the_outbox_is_published_by_the_next_owner(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    await cluster.send(*(person(n) for n in range(50)), *(order(n) for n in range(100)))
    died = asyncio.Event()

    async def dies(_self: object, _records: object) -> None:
        died.set()
        await asyncio.sleep(3600)

    with monkeypatch.context() as patch:
        patch.setattr("orchestrator.kafka_source.PartitionSource.publish", dies)
        first = cluster.start()
        await asyncio.wait_for(died.wait(), 20)
        await asyncio.sleep(0.5)
        await cluster.crash(first)
    cluster.start()
    assert set((await cluster.intents(100)).values()) == {1}


async def test_a_record_on_the_wrong_partition_is_forwarded_and_applied_once(cluster: Cluster) -> None:
    cluster.start()
    await cluster.send(person(7))
    home = partition_of(b"c7", PARTITIONS)
    await cluster.send(order(7), partition=(home + 1) % PARTITIONS)
    (record,) = await cluster.records(outbound("email", "transactional"), 1)
    assert record.partition == home


async def test_an_empty_store_under_an_applied_log_is_refused(cluster: Cluster) -> None:
    first = cluster.start()
    await cluster.send(person(1), order(1))
    await cluster.intents(1)
    first.stop.set()
    await first.task
    second = cluster.start(store=MemoryStore("s1"))
    with pytest.raises(StoreRefused, match="concierge rebuild"):
        await asyncio.wait_for(second.task, 30)
    third = cluster.start(store=MemoryStore("other"))
    with pytest.raises(StoreRefused, match="this is store other, the log belongs to s1"):
        await asyncio.wait_for(third.task, 30)


async def test_poison_goes_to_the_dead_letters_whole_and_the_rest_flows(cluster: Cluster) -> None:
    cluster.start(limit=100)
    await cluster.send(person(1))
    bad = [
        (b"c1", b"not json"),
        (b"c1", b'{"type":"nope"}'),
        (b"c1", b'{"type":"track","event":"E"}'),
        (b"c1", b""),
        (b"c1", b"x" * 300_000),
    ]
    await cluster.publisher.publish([Record(topic=CUSTOMER_EVENTS, key=k, value=v, headers=(("h", b"1"),)) for k, v in bad])
    await cluster.send(order(1))
    await cluster.intents(1)
    letters = await cluster.records(f"{CUSTOMER_EVENTS}-dlq", 5)
    reasons = Counter(dict(r.headers)["dlq-reason"].decode() for r in letters)
    assert reasons == Counter({
        DeadLetterReason.NOT_JSON: 2, DeadLetterReason.BAD_SHAPE: 1, DeadLetterReason.NO_CUSTOMER: 1, DeadLetterReason.TOO_LARGE: 1,
    })  # fmt: skip
    assert {r.value for r in letters} == {v for _k, v in bad}
    assert all(dict(r.headers)["h"] == b"1" for r in letters)


async def test_nothing_but_poison_stops_before_it_fills_the_dead_letters(cluster: Cluster) -> None:
    one = cluster.start(limit=50)
    await cluster.publisher.publish([Record(topic=CUSTOMER_EVENTS, key=b"c1", value=b"bad") for _ in range(400)])
    with pytest.raises(TooManyDeadLetters, match="CONCIERGE_DEAD_LETTER_LIMIT"):
        await asyncio.wait_for(one.task, 30)
    again = cluster.start(limit=50)
    with pytest.raises(TooManyDeadLetters):
        await asyncio.wait_for(again.task, 30)
