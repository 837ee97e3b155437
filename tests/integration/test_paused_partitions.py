"""kafka-python 3.0.12 forgets what it had read of a paused partition, when another one has been drained meanwhile: the rest of it is
neither given out nor fetched again. Our lanes must be immune, on real Kafka; the first test says when kafka-python is."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from orchestrator.contracts.topics import outbound
from orchestrator.runtime.kafka_address import KafkaAddress
from tests.services.kafka_server import KafkaServer
from workers.kafka_broker import LaneConsumer
from workers.kafka_repairs import ClosingSelector, forget_drained
from workers.kafka_topics import create_topics
from workers.lane_broker import FULL

TOPIC = outbound("email", "bulk")
MANY, FEW = 3 * FULL, 50
_numbers = iter(range(1_000_000))


@pytest.fixture
def address(kafka: KafkaServer) -> KafkaAddress:
    made = KafkaAddress({"bootstrap_servers": [kafka.address]}, f"pause{next(_numbers)}-", 2)
    create_topics(made, 1)
    return made


def put(address: KafkaAddress, partition: int, number: int) -> None:
    """In one batch, so that one fetch brings more of them than one poll gives out."""
    producer = KafkaProducer(**address.options, linger_ms=5_000, batch_size=900_000, selector=ClosingSelector)
    for n in range(number):
        producer.send(address.prefix + TOPIC, value=b"%d" % n, partition=partition)
    producer.flush()
    producer.close()


@dataclass
class Worker:
    """One lane's consumer; its records wait with a sender until `hand_on`."""

    address: KafkaAddress
    held: set[int] = field(default_factory=set)
    records: list[tuple[int, int]] = field(default_factory=list)
    broken: list[BaseException] = field(default_factory=list)
    lane: LaneConsumer = field(init=False)

    def __post_init__(self) -> None:
        self.lane = LaneConsumer(
            self.address, TOPIC, "senders", None, arrived=self._arrived, taken=self.held.update, give_back=self._give_back,
            failed=self.broken.append, now=time.monotonic,
        )  # fmt: skip
        self.lane.start()

    def _arrived(self, partition: int, records: Sequence[Any]) -> None:
        self.records += [(partition, one.offset) for one in records]

    def _give_back(self, partitions: Sequence[int], _lost: bool) -> Future[None]:
        self.held.difference_update(partitions)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def stop(self) -> None:
        self.lane.stop()
        self.lane.join(15)

    def of(self, partition: int) -> list[int]:
        return [offset for p, offset in self.records if p == partition]


@pytest.fixture
def workers(address: KafkaAddress) -> Iterator[list[Worker]]:
    made: list[Worker] = []
    yield made
    for one in made:
        one.stop()


def until(what: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.02)


def test_kafka_python_still_has_the_trap(address: KafkaAddress) -> None:
    """Red when it is mended: then `forget_drained` in workers/kafka_repairs.py can go."""
    put(address, 0, MANY)
    consumer = KafkaConsumer(**address.options, auto_offset_reset="earliest", max_poll_records=1_000, selector=ClosingSelector)
    paused, other = (TopicPartition(address.prefix + TOPIC, p) for p in (0, 1))
    try:
        consumer.assign([paused, other])
        while not consumer.poll(timeout_ms=100):
            pass
        consumer.pause(paused)
        consumer.poll(timeout_ms=200)  # what is left of it is put aside
        put(address, 1, FEW)
        while not consumer.poll(timeout_ms=100).get(other):
            pass
        consumer.resume(paused)
        assert not any(consumer.poll(timeout_ms=100) for _ in range(30)), "nothing of it comes any more"
        forget_drained(consumer)
        assert consumer.poll(timeout_ms=1_000).get(paused), "and this helps"
    finally:
        consumer.close()


def test_a_partition_that_comes_while_all_are_paused_does_not_stall_the_others(
    address: KafkaAddress, workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.kafka_broker.POLL", 1_000)  # the poll that brings the partition brings its records, before it is paused
    first = Worker(address)
    workers.append(first)
    until(lambda: first.held == {0, 1})
    second = Worker(address)
    workers.append(second)
    until(lambda: len(first.held) == len(second.held) == 1)
    (kept,), (lent,) = first.held, second.held
    put(address, kept, MANY)
    until(lambda: first.lane.full)
    got = len(first.records)
    put(address, lent, FEW)
    until(lambda: len(second.of(lent)) == FEW)
    second.stop()  # nothing of it was committed: the first reads it, though it is full
    until(lambda: len(first.of(lent)) == FEW)
    assert first.lane.full
    assert len(first.of(kept)) == got, "paused"
    end = time.monotonic() + 30
    handed = 0
    while len(first.of(kept)) < MANY and time.monotonic() < end:
        first.lane.handed_on(len(first.records) - handed)
        handed = len(first.records)
        time.sleep(0.05)
    assert first.of(kept) == list(range(MANY)), f"stalled after {len(first.of(kept))} of {MANY}"
    assert not first.broken
