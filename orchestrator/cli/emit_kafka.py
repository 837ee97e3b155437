"""`concierge emit --to kafka://…/topic`: straight into a topic, keyed and partitioned as the gateway does it."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec

from orchestrator.cli.context import Invocation, Stop
from orchestrator.cli.emit_target import Send
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.gateway.segment_event import read_event
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.kafka_address import KafkaAddress, read_kafka_address
from orchestrator.runtime.settings import Setting, Settings

LARGEST = 32 * 1024
"""Bytes of an event, as over HTTP."""
SOURCE = "emit"


def read_target(url: str, settings: Settings) -> tuple[KafkaAddress, str]:
    """Brokers and topic of kafka://host:port[,host:port]/topic; without brokers those of CONCIERGE_KAFKA. Raises Stop."""
    parts = urlsplit(url)
    topic = parts.path.strip("/")
    if not topic:
        raise Stop(f"--to {url}: kafka://host:port/topic, for example kafka://localhost:9092/{CUSTOMER_EVENTS}")
    if parts.netloc:
        settings = replace(settings, values={**settings.values, "KAFKA": Setting(parts.netloc, "--to")})
    address = read_kafka_address(settings)
    if address is None:
        raise Stop(f"--to {url}: no brokers, neither there nor in CONCIERGE_KAFKA")
    return replace(address, prefix=""), topic


@contextlib.asynccontextmanager
async def kafka_target(call: Invocation, url: str) -> AsyncIterator[Send]:
    """Raises Stop, ServiceUnavailable. A topic that is not customer-events is a source's own: its records go as they are."""
    address, topic = read_target(url, call.settings())
    ours = topic == (call.settings().get("KAFKA_PREFIX") or "") + CUSTOMER_EVENTS
    publisher, clock, ids = KafkaPublisher(address), SystemClock(), RandomIds()
    await publisher.start()

    async def send(events: list[object]) -> list[tuple[int, str]]:
        records: list[Record] = []
        refused: list[tuple[int, str]] = []
        for index, event in enumerate(events):
            read = (
                read_event(event, SOURCE, clock.now(), ids, None, LARGEST)
                if ours
                else Record(topic=topic, key=None, value=msgspec.json.encode(event))
            )
            if isinstance(read, str):
                refused.append((index, read))
            else:
                records.append(Record(topic=topic, key=read.key, value=read.value))
        await publisher.publish(records)
        return refused

    try:
        yield send
    finally:
        await publisher.stop()
