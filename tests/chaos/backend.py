"""A backend that writes to its own Kafka topic, which the worked example's source maps to customer events."""

import asyncio
import json

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.kafka_address import KafkaAddress
from tests.services.kafka_topics import EXAMPLE_SOURCE

PARTITIONS = 2


class Backend:
    """`written`: takes the ids of the events made of acknowledged records, which are where these stand."""

    def __init__(self, address: KafkaAddress, written: set[str]) -> None:
        self._address = address
        self._clock = SystemClock()
        self._written = written

    async def make_topic(self, copies: int) -> None:
        admin = AIOKafkaAdminClient(**self._address.options)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(EXAMPLE_SOURCE, PARTITIONS, copies)])
        finally:
            await admin.close()

    async def write(self, rate: float) -> None:
        """So many customers a second until cancelled, each with a contact and a visit; what is not acknowledged is written again."""
        producer = AIOKafkaProducer(**self._address.options, enable_idempotence=True, acks="all")
        await producer.start()
        try:
            number = 0
            while True:
                try:
                    for change, suffix in _changes(number, self._clock.now()):
                        placed = await producer.send_and_wait(EXAMPLE_SOURCE, json.dumps(change).encode(), partition=number % PARTITIONS)
                        self._written.add(f"{EXAMPLE_SOURCE}-{placed.partition}-{placed.offset}{suffix}")
                except KafkaError:
                    await asyncio.sleep(1)
                    continue
                number += 1
                await asyncio.sleep(1 / rate)
        finally:
            await producer.stop()


def _changes(number: int, now: int) -> list[tuple[dict[str, object], str]]:
    """Rows, and what their events' ids end with: a visit makes one for each of its contacts."""
    who = f"crm{number}"
    contact = {"customer_no": who, "first_name": "K", "email": f"{who}@example.com"}
    visit = {
        "visit_no": f"V{number}",
        "state": "done",
        "technician": "Bob",
        "ended_at": "2026-03-02T09:55:00Z",
        "contacts": [{"customer_no": who}],
    }
    return [
        ({"op": "c", "ts_ms": now, "source": {"table": table}, "after": row}, suffix)
        for table, row, suffix in (("contacts", contact, ""), ("visits", visit, "-0"))
    ]
