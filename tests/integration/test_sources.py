"""A backend's topic becomes customer events, on real Kafka: each record once by id, bad ones kept whole, nothing lost by a kill."""

import asyncio
import contextlib
import json
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from orchestrator.active import ActiveVersion
from orchestrator.content.check import check_message
from orchestrator.contracts.event import decode_event
from orchestrator.contracts.message import decode_message
from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.topics import dead_letters, outbound
from orchestrator.customer_stream import CustomerStream
from orchestrator.errors import ConfigurationError, TooManyDeadLetters
from orchestrator.journey_tests.world import NoLinks
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.state.memory_store import MemoryStore
from orchestrator.workspace.load import load_workspace
from orchestrator.workspace.workspace import Workspace
from tests.conftest import ROOT
from tests.integration.crm_backend import CRM_PARTITIONS, PARTITIONS, Backend, message_id, topics
from tests.services.kafka_server import KafkaServer
from tests.services.kafka_topics import make_topics
from tests.worlds import without_holdout

_numbers = iter(range(1_000_000))


def workspace_on(topic: str) -> Workspace:
    loaded = load_workspace(ROOT, {"CRM_TOPIC": topic}, check_message)
    assert loaded.workspace is not None
    return without_holdout(loaded.workspace)


@pytest.fixture
async def backend(kafka: KafkaServer) -> AsyncIterator[Backend]:
    prefix = f"s{next(_numbers)}-"
    address, topic = KafkaAddress({"bootstrap_servers": kafka.address}, prefix, PARTITIONS), f"{prefix}crm"
    await make_topics(address)
    await topics(address, (topic, CRM_PARTITIONS), (prefix + dead_letters(topic), 1))
    producer = AIOKafkaProducer(**address.options, enable_idempotence=True)
    await producer.start()
    made = Backend(address, topic, producer, ActiveVersion(workspace_on(topic), NoLinks()))
    yield made
    made.stop.set()
    for process in made.processes:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    for task in made.running:
        with contextlib.suppress(Exception, asyncio.CancelledError):
            await asyncio.wait_for(task, 40)
    await producer.stop()


def case(n: int) -> dict[str, object]:
    row = {"case_no": f"F-{n}", "customer_no": n % 40, "status": "open", "priority": "HIGH", "changed_at": "2026-03-02T09:00:00Z"}
    return {"op": "c", "source": {"table": "cases"}, "after": row}


def contact(customer: object) -> dict[str, object]:
    row = {"customer_no": customer, "first_name": "Ada", "email": f"c{customer}@example.com"}
    return {"op": "u", "ts_ms": 1772445600000, "source": {"table": "contacts"}, "after": row}


async def test_every_record_becomes_its_event_once_on_the_partition_of_its_customer(backend: Backend) -> None:
    reader = backend.start()
    places = await backend.put(*(case(n) for n in range(300)))
    found = await backend.events(300)
    assert sorted(map(message_id, found)) == sorted(places)
    for record in found:
        event = decode_event(record.value)
        assert event.event == "Fault Reported"
        assert event.source == "crm"
        assert record.key == str(event.user_id).encode()
        assert record.partition == partition_of(record.key, PARTITIONS)
    assert b'concierge_events_total{source="crm"} 300.0' in backend.metrics.text()
    assert reader.joined.is_set()
    async with asyncio.timeout(20):
        while sum(reader.lag().values()):
            await asyncio.sleep(0.1)


async def test_bad_records_are_dead_letters_that_say_where_what_and_how_and_the_rest_goes_on(backend: Backend) -> None:
    backend.start()
    bad: list[tuple[object, str, bytes]] = [
        (b"<xml/>", "not_json", b"JSON"),
        (b'{"a": "' + b"x" * 300_000 + b'"}', "too_large", b"262144"),
        ({"op": "c", "source": {"table": "invoices"}, "after": {}}, "unmapped", b"no rule of crm takes it"),
        ({"op": "c", "source": {"table": "cases"}, "after": {"case_no": "F", "status": "open"}}, "no_customer", b"user_id"),
        (contact({"not": "an id"}), "bad_mapping", b"wanted text or a whole number"),
        ({**contact(4711), "ts_ms": "soon"}, "bad_timestamp", b"timestamp"),
        (
            {"op": "c", "source": {"table": "visits"}, "after": {"state": "done", "contacts": "Ada"}},
            "bad_mapping",
            b"`each` is text, not a list",
        ),
        ([1, 2], "unmapped", b"no rule"),
    ]
    places = await backend.put(*(value for value, _reason, _error in bad), None, partition=0)
    await backend.put(*(case(n) for n in range(30)), partition=0)
    assert len(await backend.events(30)) == 30
    letters = await backend.letters(len(bad))
    assert len(letters) == len(bad), "a tombstone is ignored, as crm.yaml says"
    for (value, reason, error), place, letter in zip(bad, places, letters, strict=False):
        headers = dict(letter.headers)
        assert headers["dlq-reason"] == reason.encode(), headers
        assert error in headers["dlq-error"], headers
        assert b"-".join((headers["dlq-topic"], headers["dlq-partition"], headers["dlq-offset"])) == place.encode()
        assert headers["trace"] == b"t1"
        assert letter.value == (value if isinstance(value, bytes) else json.dumps(value).encode())
    assert b'reason="not_json"' in backend.metrics.text()


async def test_nothing_is_lost_when_processes_are_killed_and_stopped_under_load(backend: Backend) -> None:
    """Each round kills or stops one of two processes; an event published twice has the same id and body."""
    choice = random.Random(7)
    places: list[str] = []
    running = [await backend.process(), await backend.process()]
    places += await backend.put(*(case(n) for n in range(500)))
    await backend.events(100)
    for kill in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
        victim = running.pop(choice.randrange(len(running)))
        sending = asyncio.create_task(backend.put(*(case(n) for n in range(1500))))
        await asyncio.sleep(choice.uniform(0.2, 2.5))
        assert victim.stdout is not None
        assert await asyncio.wait_for(victim.stdout.readline(), 30) == b"ready\n"
        victim.send_signal(kill)
        code = await asyncio.wait_for(victim.wait(), 30)
        assert code == (0 if kill is signal.SIGTERM else -signal.SIGKILL)
        places += await sending
        running.append(await backend.process())
    found = await backend.events(len(places), 90)
    assert {message_id(record) for record in found} == set(places)
    bodies: dict[str, set[bytes]] = {}
    for record in found:
        bodies.setdefault(message_id(record), set()).add(record.value)
    assert {len(one) for one in bodies.values()} == {1}


async def test_nothing_but_bad_records_stops_it_and_the_count_goes_on_after_a_restart(backend: Backend) -> None:
    await backend.put(*([b"{"] * 4), partition=1)
    backend.start(limit=5)
    assert len(await backend.letters(4)) == 4
    backend.stop.set()
    await asyncio.wait_for(backend.running[0], 40)
    backend.stop = asyncio.Event()
    await backend.put(*([b"{"] * 4), partition=1)
    backend.start(limit=5)
    with pytest.raises(
        TooManyDeadLetters, match=r"source crm: the last 6 records of .*crm partition 1 .* offset 5: not_json; mend config/sources"
    ):
        await asyncio.wait_for(backend.running[1], 40)
    backend.running.clear()
    assert len(await backend.letters(4)) == 4, "nothing of the batch that broke the limit was published"
    backend.start()
    assert [dict(one.headers)["dlq-offset"] for one in await backend.letters(8)] == [b"%d" % n for n in range(8)], "nor acknowledged"


async def test_without_a_topic_for_dead_letters_it_says_so(backend: Backend) -> None:
    backend.active.take_up(workspace_on(f"{backend.topic}-other"))
    backend.start()
    with pytest.raises(ConfigurationError, match=r"source crm: there is no topic .*crm-other-dlq .*`concierge topics create`"):
        await asyncio.wait_for(backend.running[0], 40)


async def test_another_version_that_reads_another_topic_is_taken_up(backend: Backend) -> None:
    other = f"{backend.topic}-v2"
    await topics(backend.address, (other, CRM_PARTITIONS), (backend.address.prefix + dead_letters(other), 1))
    backend.start()
    await backend.put(case(1))
    await backend.events(1)
    backend.active.take_up(workspace_on(other))
    backend.topic = other
    places = await backend.put(case(2), case(3))
    found = {message_id(record) for record in await backend.events(3)}
    assert set(places) < found


async def test_from_the_crm_to_a_message_in_one_app(backend: Backend) -> None:
    """The customer stream runs as a service of the same Faust app."""
    counted: Counter[str] = Counter()
    stream = CustomerStream(
        backend.address, MemoryStore("s1"), "s1", backend.active, SystemClock(), RandomIds(), lambda outcome, _p, _s: counted.update(n=outcome.commit_seconds >= 0)
    )  # fmt: skip
    backend.start(stream=stream)
    row = {"visit_no": "V-5", "state": "done", "technician": "Bob", "ended_at": "2026-03-02T09:55:00Z", "contacts": [{"customer_no": 7}]}
    visit = {"op": "u", "ts_ms": SystemClock().now(), "source": {"table": "visits"}, "after": row}
    await backend.put(contact(7), visit, partition=0)
    (sent,) = await backend.records(outbound("email", "bulk"), PARTITIONS, 1)
    assert decode_message(sent.value).customer == "7"
    assert counted["n"] > 0


async def test_the_broker_may_die_and_come_back(backend: Backend, kafka: KafkaServer) -> None:
    backend.start()
    places = await backend.put(*(case(n) for n in range(200)))
    await backend.events(200)
    kafka.kill()
    await asyncio.sleep(3)
    kafka.start()
    async with asyncio.timeout(60):
        while True:
            try:
                places += await backend.put(*(case(n) for n in range(200)))
                break
            except KafkaError:
                await asyncio.sleep(1)
    assert set(places) <= {message_id(record) for record in await backend.events(400, 90)}
    assert not backend.running[0].done()
