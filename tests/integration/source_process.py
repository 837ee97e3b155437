"""One process that reads the sources, to be killed: `python -m tests.integration.source_process KAFKA PREFIX PARTITIONS TOPIC`.

It publishes slowly, so that a kill finds records taken and not published while Faust commits offsets.
"""

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Sequence

from orchestrator import source_reader
from orchestrator.active import ActiveVersion
from orchestrator.content.check import check_message
from orchestrator.contracts.record import Record
from orchestrator.journey_tests.world import NoLinks
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.runtime.metrics import Metrics
from orchestrator.source_reader import SourceReader
from orchestrator.workspace.load import load_workspace
from tests.conftest import ROOT

SLOW = 1.3
"""Seconds; Faust commits every second."""


class SlowPublisher(KafkaPublisher):
    async def publish(self, records: Sequence[Record]) -> None:
        await asyncio.sleep(SLOW)
        await super().publish(records)


async def read(address: KafkaAddress, crm_topic: str) -> None:
    workspace = load_workspace(ROOT, {"CRM_TOPIC": crm_topic}, check_message).workspace
    assert workspace is not None
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    source_reader.KafkaPublisher = SlowPublisher  # type: ignore[attr-defined]
    reader = SourceReader(address, ActiveVersion(workspace, NoLinks()), SystemClock(), Metrics(), dead_letter_limit=1000)
    ready = asyncio.create_task(say_when(reader.joined))
    await reader.run(stop)
    ready.cancel()


async def say_when(joined: asyncio.Event) -> None:
    await joined.wait()
    print("ready", flush=True)


if __name__ == "__main__":
    kafka, prefix, partitions, topic = sys.argv[1:]
    try:
        asyncio.run(read(KafkaAddress({"bootstrap_servers": kafka}, prefix, int(partitions)), topic))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
