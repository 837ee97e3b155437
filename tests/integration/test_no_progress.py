"""A process that takes part and does nothing ends: it would hold its partitions for ever. Real Kafka, a watch that runs a hundred times faster."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence

import pytest

from orchestrator.active import ActiveVersion
from orchestrator.app import build_app
from orchestrator.contracts.record import Record
from orchestrator.customer_stream import STUCK_AFTER, CustomerStream, NoProgress
from orchestrator.engine.batch import Outcome
from orchestrator.journey_tests.world import NoLinks
from orchestrator.kafka_lookup import KafkaLookup
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.runtime.ids import RandomIds
from orchestrator.state.memory_store import MemoryStore
from tests.conftest import ROOT
from tests.integration.crm_backend import Backend
from tests.integration.stuck_process import FastWatch, HangingStore
from tests.integration.test_customer_stream import PARTITIONS, Cluster, cluster, order, person
from tests.integration.test_sources import backend, case

__all__ = ["backend", "cluster"]

LOOK = 0.5
WITHIN = STUCK_AFTER / 100 + 2 * LOOK
"""Seconds in which it is noticed."""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks come more often, and what hangs is given up sooner."""
    monkeypatch.setattr("orchestrator.customer_stream.LOOK_EVERY", LOOK)
    monkeypatch.setattr("orchestrator.customer_stream.STOP_WITHIN", 1.0)


def stream_on(cluster: Cluster, store: MemoryStore) -> tuple[CustomerStream, list[Outcome]]:
    applied: list[Outcome] = []
    active = ActiveVersion(cluster.workspace, NoLinks())
    return CustomerStream(
        cluster.address, store, "s1", active, FastWatch(), RandomIds(), lambda outcome, _p, _s: applied.append(outcome)
    ), applied


@pytest.mark.parametrize("call", ["commit", "load"])
async def test_a_store_that_hangs_ends_the_process_with_the_partition(cluster: Cluster, call: str) -> None:
    """One record, in hand: nothing else waits."""
    store = HangingStore("" if call == "load" else call)
    stream, applied = stream_on(cluster, store)
    running = asyncio.create_task(stream.run(asyncio.Event()))
    await asyncio.wait_for(stream.joined.wait(), 30)
    if call == "load":  # taken over, and then
        await cluster.send(person(1))
        while not applied:
            await asyncio.sleep(0.05)
        store.call = call
    await cluster.send(order(1))
    with pytest.raises(NoProgress, match=r"partition \d: there is something to do and nothing was committed for 180 s"):
        await asyncio.wait_for(running, WITHIN + 25)


async def test_a_partition_that_cannot_be_taken_over_ends_the_process(cluster: Cluster) -> None:
    stream, _applied = stream_on(cluster, HangingStore("load"))
    with pytest.raises(NoProgress):
        await asyncio.wait_for(stream.run(asyncio.Event()), WITHIN + 40)


async def test_having_nothing_to_do_is_no_reason(cluster: Cluster) -> None:
    stop = asyncio.Event()
    stream, applied = stream_on(cluster, MemoryStore("s1"))
    running = asyncio.create_task(stream.run(stop))
    await asyncio.wait_for(stream.joined.wait(), 30)
    for n in range(4):
        await cluster.send(order(n))
        await asyncio.sleep(WITHIN / 2)
    assert not running.done()
    assert applied
    stop.set()
    await running


class HangingPublisher(KafkaPublisher):
    async def publish(self, records: Sequence[Record]) -> None:
        await asyncio.Event().wait()


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> FastWatch:
    """Kafka is asked at every look, and 180 s take 9."""
    monkeypatch.setattr("orchestrator.app.ASK_EVERY", 1)
    return FastWatch(20)


async def test_a_source_that_hangs_ends_the_process_with_its_topic(backend: Backend, asking: FastWatch) -> None:
    app = build_app(backend.address, backend.active, HangingPublisher(backend.address), KafkaLookup(backend.address), asking)
    await backend.put(case(1))
    with pytest.raises(NoProgress, match=f"records of {backend.topic} wait and nothing was done with one for 180 s"):
        await asyncio.wait_for(app.run(asyncio.Event()), 60)


async def test_a_source_with_nothing_to_do_goes_on(backend: Backend, asking: FastWatch) -> None:
    app = build_app(backend.address, backend.active, KafkaPublisher(backend.address), KafkaLookup(backend.address), asking)
    stop, ready = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(app.run(stop, ready))
    await asyncio.wait_for(ready.wait(), 30)
    await asyncio.sleep(13)
    assert not running.done()
    stop.set()
    await running


async def test_the_process_ends_with_3_and_says_so(cluster: Cluster) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.stuck_process", str(cluster.address.options["bootstrap_servers"]), cluster.address.prefix,
        str(PARTITIONS), cwd=ROOT, stderr=subprocess.PIPE,
    )  # fmt: skip
    await cluster.send(order(1))
    _out, told = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 3, told.decode()
    assert told.decode().splitlines()[-1].startswith("concierge: partition "), told.decode()
    assert b"nothing was committed for 180 s" in told
    assert b"Traceback" not in told
