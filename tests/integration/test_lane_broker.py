"""Senders' lanes on real Kafka: in order, bounded, committed behind what is finished, shared without loss."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from orchestrator.contracts.message import encode_message
from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import Lane, outbound
from orchestrator.errors import ConfigurationError, ServiceUnavailable
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.runtime.kafka_address import KafkaAddress
from tests.services.kafka_server import KafkaServer
from tests.services.kafka_topics import make_topics
from tests.unit.workers.stub_provider import message
from workers.broker import Parcel
from workers.kafka_broker import KafkaLanes
from workers.lane_broker import FULL, LaneBroker

PARTITIONS = 4
_numbers = iter(range(1_000_000))


@dataclass
class Lanes:
    address: KafkaAddress
    publisher: KafkaPublisher
    workers: list[KafkaLanes] = field(default_factory=list)

    def start(self) -> KafkaLanes:
        made = KafkaLanes(self.address, "email", self.publisher.publish, None, time.monotonic)
        made.start()
        self.workers.append(made)
        return made

    async def send(self, lane: Lane, numbers: range) -> None:
        await self.publisher.publish([
            Record(topic=outbound("email", lane), key=f"c{n % 40}".encode(), value=encode_message(replace(message(n), intent=f"{n:032x}", customer=f"c{n % 40}", lane=lane)))
            for n in numbers
        ])  # fmt: skip


async def polled(broker: LaneBroker, lane: Lane, number: int, seconds: float = 40.0) -> list[Parcel]:
    found: list[Parcel] = []
    async with asyncio.timeout(seconds):
        while len(found) < number:
            parcels = await broker.poll(lane, 64)
            found += parcels
            if not parcels:
                await broker.wait(0.1)
    return found


@pytest.fixture
async def lanes(kafka: KafkaServer) -> AsyncIterator[Lanes]:
    address = KafkaAddress({"bootstrap_servers": kafka.address}, f"l{next(_numbers)}-", PARTITIONS)
    await make_topics(address)
    publisher = KafkaPublisher(address)
    await publisher.start()
    made = Lanes(address, publisher)
    yield made
    for worker in made.workers:
        await worker.stop()
    await publisher.stop()


async def test_a_consumer_that_fell_out_of_its_group_ends(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    """And does not go on sending what others own by now."""
    monkeypatch.setattr("workers.kafka_broker.OUT_FOR", 2.0)
    worker = lanes.start()
    await lanes.send("bulk", range(10))
    await polled(worker.broker, "bulk", 10)
    await asyncio.sleep(3)
    assert await worker.broker.poll("bulk", 64) == []
    monkeypatch.setattr("kafka.coordinator.base.BaseCoordinator.generation_if_stable", lambda _self: None)
    with pytest.raises(ServiceUnavailable, match=r"no member of the group that reads l\d+-outbound-email"):
        await polled(worker.broker, "bulk", 1, 10)


async def test_each_partition_in_order_on_the_partition_of_its_customer(lanes: Lanes) -> None:
    worker = lanes.start()
    await lanes.send("bulk", range(500))
    parcels = await polled(worker.broker, "bulk", 500)
    for p in range(PARTITIONS):
        offsets = [one.offset for one in parcels if one.partition == p]
        assert offsets == list(range(len(offsets)))
    assert all(one.message is not None and one.partition == partition_of(one.message.customer.encode(), PARTITIONS) for one in parcels)


async def test_only_what_is_finished_without_a_gap_is_committed(lanes: Lanes) -> None:
    worker = lanes.start()
    await lanes.send("bulk", range(200))
    parcels = await polled(worker.broker, "bulk", 200)
    kept = {p: sorted(one.offset for one in parcels if one.partition == p)[10] for p in range(PARTITIONS)}
    await worker.broker.finish([], [one for one in parcels if one.offset != kept[one.partition]])
    await asyncio.sleep(1.2)
    # its process dies: nothing more is finished
    lanes.workers.remove(worker)
    await worker.stop()
    again = lanes.start()
    left = await polled(again.broker, "bulk", sum(1 for one in parcels if one.offset >= kept[one.partition]))
    assert {(one.partition, one.offset) for one in left} == {
        (one.partition, one.offset) for one in parcels if one.offset >= kept[one.partition]
    }


async def test_a_full_bulk_lane_does_not_stop_the_transactional_one(lanes: Lanes) -> None:
    worker = lanes.start()
    await lanes.send("bulk", range(3 * FULL))
    time.sleep(3)  # noqa: ASYNC251  (a loop that is busy elsewhere must not be flooded)
    async with asyncio.timeout(20):
        while not worker.broker._consumers["bulk"].full:  # type: ignore[attr-defined]  # the real consumer says so
            await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    assert worker.broker._sizes["bulk"] <= FULL + 1000, "bounded: what was there and one more poll"
    await lanes.send("transactional", range(50))
    await polled(worker.broker, "transactional", 50, 10)
    parcels = await polled(worker.broker, "bulk", 3 * FULL)
    assert len({one.offset * PARTITIONS + one.partition for one in parcels}) == 3 * FULL, (
        "paused and resumed, nothing is lost or given twice"
    )


async def test_a_second_worker_takes_its_share_and_nothing_is_lost(lanes: Lanes) -> None:
    first = lanes.start()
    await lanes.send("bulk", range(200))
    seen: Counter[int] = Counter()
    stop = asyncio.Event()

    async def work(worker: KafkaLanes) -> None:
        while not stop.is_set():
            parcels = await worker.broker.poll("bulk", 16)
            if not parcels:
                await worker.broker.wait(0.05)
                continue
            await asyncio.sleep(0.01)
            seen.update(int(one.message.intent, 16) for one in parcels if one.message is not None)
            await worker.broker.finish([], parcels)

    tasks = [asyncio.create_task(work(first))]
    await asyncio.sleep(2)
    second = lanes.start()
    tasks.append(asyncio.create_task(work(second)))
    for start in range(200, 2_000, 200):
        await lanes.send("bulk", range(start, start + 200))
        await asyncio.sleep(0.4)
    async with asyncio.timeout(30):
        while len(seen) < 2_000:
            await asyncio.sleep(0.1)
    assert set(seen) == set(range(2_000))
    assert max(seen.values()) == 1, "what is under way is finished before its partition is given away"
    assert len(first.broker.held("bulk")) == len(second.broker.held("bulk")) == PARTITIONS / 2
    assert not first.broker.held("bulk") & second.broker.held("bulk")
    stop.set()
    await asyncio.gather(*tasks)


async def test_poison_is_kept_whole_and_moved_past(lanes: Lanes) -> None:
    worker = lanes.start()
    await lanes.publisher.publish([Record(topic=outbound("email", "bulk"), key=b"c1", value=b"not a message", headers=(("h", b"1"),))])
    await lanes.send("bulk", range(1, 2))
    parcels = await polled(worker.broker, "bulk", 2)
    assert [one.message is None for one in sorted(parcels, key=lambda one: one.offset)] == [True, False]


async def test_other_numbers_of_partitions_are_refused(lanes: Lanes) -> None:
    other = Lanes(KafkaAddress(lanes.address.options, lanes.address.prefix, 8), lanes.publisher, lanes.workers)
    worker = other.start()
    with pytest.raises(ConfigurationError, match="has 4 partitions, CONCIERGE_PARTITIONS says 8"):
        await polled(worker.broker, "bulk", 1, 20)
