"""A backend with a topic of its own, and what reads it."""

import asyncio
import json
import sys
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from orchestrator.active import ActiveVersion
from orchestrator.contracts.event import decode_event
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, dead_letters
from orchestrator.customer_stream import CustomerStream
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.runtime.metrics import Metrics
from orchestrator.source_reader import SourceReader
from tests.conftest import ROOT

PARTITIONS, CRM_PARTITIONS = 4, 3


@dataclass
class Backend:
    """A CRM's topic, our topics, and processes that read the one into the other."""

    address: KafkaAddress
    topic: str
    producer: AIOKafkaProducer
    active: ActiveVersion
    metrics: Metrics = field(default_factory=Metrics)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    running: list[asyncio.Task[None]] = field(default_factory=list)
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    def start(self, *, limit: int = 0, stream: CustomerStream | None = None) -> SourceReader:
        made = None if stream is None else lambda: stream
        reader = SourceReader(self.address, self.active, SystemClock(), self.metrics, dead_letter_limit=limit, customer_stream=made)
        self.running.append(asyncio.create_task(reader.run(self.stop)))
        return reader

    async def process(self) -> asyncio.subprocess.Process:
        kafka = str(self.address.options["bootstrap_servers"])
        arguments = ("-m", "tests.integration.source_process", kafka, self.address.prefix, str(PARTITIONS), self.topic)
        found = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        self.processes.append(found)
        return found

    async def put(self, *values: object, partition: int | None = None) -> list[str]:
        """Records on the CRM's topic; their places."""
        sent = []
        for n, value in enumerate(values):
            raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
            at = n % CRM_PARTITIONS if partition is None else partition
            sent.append(await self.producer.send(self.topic, value=raw, key=b"k%d" % n, headers=[("trace", b"t1")], partition=at))
        return [f"{self.topic}-{one.partition}-{one.offset}" for one in await asyncio.gather(*sent)]

    async def records(self, topic: str, partitions: int, enough: int, seconds: float = 60.0, ids: bool = False) -> list[Record]:
        """All of a topic once there are enough: records, or distinct message ids."""
        found: list[Record] = []
        consumer = AIOKafkaConsumer(**self.address.options, auto_offset_reset="earliest", enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign([TopicPartition(self.address.prefix + topic, p) for p in range(partitions)])
            last = False
            async with asyncio.timeout(seconds):
                while not last:
                    for task in self.running:
                        if task.done() and not self.stop.is_set():
                            await task
                    last = (len(set(map(message_id, found))) if ids else len(found)) >= enough
                    for records in (await consumer.getmany(timeout_ms=1000 if last else 200)).values():
                        found += [
                            Record(topic=topic, key=r.key, value=r.value or b"", headers=tuple(r.headers), partition=r.partition)
                            for r in records
                        ]
        finally:
            await consumer.stop()
        return found

    async def events(self, enough: int, seconds: float = 60.0) -> list[Record]:
        return await self.records(CUSTOMER_EVENTS, PARTITIONS, enough, seconds, ids=True)

    async def letters(self, enough: int) -> list[Record]:
        return await self.records(dead_letters(self.topic), 1, enough)


def message_id(record: Record) -> str:
    event = decode_event(record.value)
    assert event.message_id is not None
    return event.message_id


async def topics(address: KafkaAddress, *names: tuple[str, int]) -> None:
    admin = AIOKafkaAdminClient(**address.options)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, number, 1) for name, number in names])
        while any(one["error_code"] for one in await admin.describe_topics([name for name, _number in names])):
            await asyncio.sleep(0.05)
    finally:
        await admin.close()
