"""Every client of Kafka through TLS and passwords; and what is said when they do not get in."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import aiohttp
import pytest

from orchestrator.active import ActiveVersion
from orchestrator.contracts.event import decode_event
from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, dead_letters
from orchestrator.customer_stream import CustomerStream
from orchestrator.errors import ConfigurationError, ServiceUnavailable
from orchestrator.journey_tests.world import NoLinks
from orchestrator.kafka_access import check_access
from orchestrator.kafka_lookup import KafkaLookup
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.kafka_address import KafkaAddress, read_kafka_address
from orchestrator.runtime.metrics import Metrics
from orchestrator.runtime.settings import read_settings
from orchestrator.source_reader import SourceReader
from orchestrator.state.memory_store import MemoryStore
from tests.conftest import wanted
from tests.integration.crm_backend import topics
from tests.integration.running import Client, free_port
from tests.integration.test_distributed import order, person
from tests.integration.test_lane_broker import polled
from tests.integration.test_sources import contact, workspace_on
from tests.services import kafka_server
from tests.services.fleet import Fleet
from tests.services.kafka_topics import make_topics
from tests.services.redis_server import RedisServer
from tests.services.secured_kafka import ELSEWHERE, PASSWORD, SecuredKafka, rights, secured_kafka
from workers.kafka_broker import KafkaLanes
from workers.kafka_topics import check_topics, create_topics

PARTITIONS = 4
WAYS = [
    ("SASL_SSL", "PLAIN"),
    ("SASL_SSL", "SCRAM-SHA-256"),
    ("SASL_SSL", "SCRAM-SHA-512"),
    ("SSL", ""),
    ("SASL_PLAINTEXT", "SCRAM-SHA-512"),
]
_numbers = itertools.count()


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    wanted(kafka_server.why_not())
    made = secured_kafka(tmp_path_factory.mktemp("secured"))
    yield made
    made.server.stop()


def address_of(settings: Mapping[str, str]) -> KafkaAddress:
    more = {"CONCIERGE_PARTITIONS": str(PARTITIONS), "CONCIERGE_KAFKA_PREFIX": f"sec{next(_numbers)}-"}
    found = read_kafka_address(read_settings(Path("/nonexistent"), {**settings, **more}))
    assert found is not None
    return found


def stream_of(address: KafkaAddress, active: ActiveVersion) -> CustomerStream:
    return CustomerStream(address, MemoryStore("s1"), "s1", active, SystemClock(), RandomIds(), lambda _outcome, _p, _s: None)


async def no_publishing(_records: Sequence[Record]) -> None: ...


def visit(customer: int) -> list[dict[str, object]]:
    """What a CRM writes: a contact, and a technician's visit of theirs."""
    row = {
        "visit_no": "V-5",
        "state": "done",
        "technician": "Bob",
        "ended_at": "2026-03-02T09:55:00Z",
        "contacts": [{"customer_no": customer}],
    }
    return [contact(customer), {"op": "u", "ts_ms": SystemClock().now(), "source": {"table": "visits"}, "after": row}]


@pytest.mark.parametrize(("protocol", "mechanism"), WAYS)
async def test_from_a_backends_record_to_a_senders_lane(kafka: SecuredKafka, protocol: str, mechanism: str) -> None:
    """Admin and lanes are kafka-python's; publisher, look-up and customer stream aiokafka's; the source Faust's."""
    address = address_of(kafka.settings(protocol, mechanism))
    crm = f"{address.prefix}crm"
    await asyncio.to_thread(create_topics, address, 1, [crm])
    assert not [one for one in await asyncio.to_thread(check_topics, address, [crm]) if one.problem]
    await topics(address, (crm, 1))
    active, stop = ActiveVersion(workspace_on(crm), NoLinks()), asyncio.Event()
    publisher = KafkaPublisher(address)
    await publisher.start()
    lanes = KafkaLanes(address, "email", publisher.publish, None, time.monotonic)
    lanes.start()

    reader = SourceReader(address, active, SystemClock(), Metrics(), customer_stream=lambda: stream_of(address, active))
    running = asyncio.create_task(reader.run(stop))
    try:
        backend = KafkaPublisher(KafkaAddress(address.options, "", 1))
        await backend.start()
        await backend.publish([Record(topic=crm, key=b"k", value=json.dumps(one).encode()) for one in visit(7)])
        await backend.stop()
        async with asyncio.timeout(60):
            while not (parcels := await lanes.broker.poll("bulk", 64)):
                assert not running.done(), running.exception()
                await lanes.broker.wait(0.1)
        assert parcels[0].message is not None
        assert (parcels[0].message.customer, parcels[0].message.channel) == ("7", "email")
        last = await KafkaLookup(address).last(address.prefix + CUSTOMER_EVENTS, partition_of(b"7", PARTITIONS))
        assert last is not None
        assert decode_event(last.value).user_id == "7"
    finally:
        stop.set()
        await asyncio.wait_for(running, 40)
        await lanes.stop()
        await publisher.stop()


@pytest.mark.timeout(300)
async def test_a_deployment_behind_tls_passwords_and_acls(kafka: SecuredKafka, redis_server: RedisServer, tmp_path: Path) -> None:
    redis_server.wipe()
    settings = kafka.settings("SASL_SSL", "SCRAM-SHA-512") | {"CONCIERGE_LOG": "debug"}
    fleet = Fleet(tmp_path, settings["CONCIERGE_KAFKA"], redis_server.url, f"sec{next(_numbers)}-", PARTITIONS, settings)
    rights(kafka, fleet.environment["CONCIERGE_KAFKA_PREFIX"])
    try:
        told = [fleet.command(*one) for one in (("topics", "create", "--replicas", "1"), ("topics", "check"), ("apply",), ("doctor",))]
        assert [one.returncode for one in told] == [0, 0, 0, 0], told
        assert "KAFKA_SASL_PASSWORD=••••".encode() in told[3].stdout
        roles = [fleet.add_sandbox(), fleet.add_gateway(), fleet.add("orchestrator"), fleet.add("worker", "email")]
        async with aiohttp.ClientSession() as session:
            await fleet.ready(roles, session)
            client = Client(fleet.gateway_url, session)
            await client.send(person(1), order(1))
            await Client(fleet.sandbox_url, session).until(lambda found: len(found) == 1, 40, channel="email")
        assert [await asyncio.to_thread(role.stop) for role in roles] == [0, 0, 0, 0]
        written = [role.log.read_bytes() for role in roles] + [one.stdout + one.stderr for one in told]
        assert not any(PASSWORD.encode() in one for one in written)
    finally:
        fleet.close()


@pytest.mark.parametrize(("missing", "says"), [
    ({"groups": ()}, "Kafka does not allow it: .*GroupAuthorizationFailedError.* rights: which ones stands in docs/operations.md"),
    ({"topics": ()}, "is not there, or may not be read by us: `concierge topics create`.* where Kafka has ACLs"),
], ids=["groups", "topics"])  # fmt: skip
async def test_rights_that_are_missing_are_named(kafka: SecuredKafka, missing: dict[str, tuple[()]], says: str) -> None:
    address = address_of(kafka.settings("SASL_SSL", "PLAIN"))
    await make_topics(KafkaAddress({"bootstrap_servers": kafka.server.address}, address.prefix, PARTITIONS))
    rights(kafka, address.prefix, **missing)
    crm = f"{address.prefix}crm"
    await topics(KafkaAddress({"bootstrap_servers": kafka.server.address}, "", 1), (crm, 1), (address.prefix + dead_letters(crm), 1))
    active = ActiveVersion(workspace_on(crm), NoLinks())
    with pytest.raises(ConfigurationError, match=says):
        await asyncio.wait_for(stream_of(address, active).run(asyncio.Event()), 40)
    with pytest.raises(ConfigurationError, match=says if "groups" in missing else "or we may not see it"):
        await asyncio.wait_for(SourceReader(address, active, SystemClock(), Metrics()).run(asyncio.Event()), 60)
    lanes = KafkaLanes(address, "email", no_publishing, None, time.monotonic)
    lanes.start()
    with pytest.raises(ConfigurationError, match=says):
        await polled(lanes.broker, "bulk", 1, 30)
    await lanes.stop()


def wrong_password(kafka: SecuredKafka) -> dict[str, str]:
    return kafka.settings("SASL_SSL", "SCRAM-SHA-256") | {"CONCIERGE_KAFKA_SASL_PASSWORD": f"{PASSWORD}-of-last-year"}


def other_ca(kafka: SecuredKafka) -> dict[str, str]:
    return kafka.settings("SASL_SSL", "PLAIN") | {"CONCIERGE_KAFKA_SSL_CAFILE": str(kafka.other_ca)}


def plain_to_tls(kafka: SecuredKafka) -> dict[str, str]:
    return {"CONCIERGE_KAFKA": f"127.0.0.1:{kafka.ports['SASL_SSL']}"}


def tls_to_plain(kafka: SecuredKafka) -> dict[str, str]:
    return kafka.settings("SASL_SSL", "PLAIN") | {"CONCIERGE_KAFKA": kafka.server.address}


def no_certificate(kafka: SecuredKafka) -> dict[str, str]:
    return {name: value for name, value in kafka.settings("SSL").items() if "CERTFILE" not in name and "KEYFILE" not in name}


def no_login(kafka: SecuredKafka) -> dict[str, str]:
    return {"CONCIERGE_KAFKA": f"127.0.0.1:{kafka.ports['SASL_PLAINTEXT']}"}


def login_unasked(kafka: SecuredKafka) -> dict[str, str]:
    return kafka.settings("SASL_PLAINTEXT", "PLAIN") | {"CONCIERGE_KAFKA": kafka.server.address}


def other_name(kafka: SecuredKafka) -> dict[str, str]:
    return kafka.settings("SASL_SSL", "PLAIN") | {"CONCIERGE_KAFKA": f"localhost:{kafka.ports['SASL_SSL']}"}


def nobody(kafka: SecuredKafka) -> dict[str, str]:
    return kafka.settings("SASL_SSL", "PLAIN") | {"CONCIERGE_KAFKA": f"127.0.0.1:{free_port()}"}


def advertised(kafka: SecuredKafka) -> dict[str, str]:
    return {"CONCIERGE_KAFKA": f"127.0.0.1:{kafka.ports[ELSEWHERE]}"}


REFUSED = [
    (wrong_password, ConfigurationError, "does not let 'concierge' in: Authentication failed .* CONCIERGE_KAFKA_SASL_PASSWORD"),
    (other_ca, ConfigurationError, "certificate of Kafka at .* is not accepted: .* CONCIERGE_KAFKA_SSL_CAFILE is to hold the CA"),
    (plain_to_tls, ConfigurationError, "speaks TLS, CONCIERGE_KAFKA_SECURITY_PROTOCOL=PLAINTEXT does not: SSL or SASL_SSL"),
    (tls_to_plain, ConfigurationError, "does not speak TLS, CONCIERGE_KAFKA_SECURITY_PROTOCOL=SASL_SSL does"),
    (no_certificate, ConfigurationError, "a certificate of ours: CONCIERGE_KAFKA_SSL_CERTFILE"),
    (no_login, ConfigurationError, "wants a user name and a password, CONCIERGE_KAFKA_SECURITY_PROTOCOL=PLAINTEXT gives none: SASL_PLAINTEXT"),
    (login_unasked, ConfigurationError, "asks nobody for a password, CONCIERGE_KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT gives one: PLAINTEXT"),
    (other_name, ConfigurationError, "Hostname mismatch.* CONCIERGE_KAFKA is to name it as its certificate does"),
    (advertised, ServiceUnavailable, r"127\.0\.0\.1:1: .* what the brokers at CONCIERGE_KAFKA call themselves \(their advertised.listeners\)"),
    (nobody, ServiceUnavailable, r"Kafka cannot be reached: 127\.0\.0\.1:\d+: .*refused|Connect call failed"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "kind", "says"), REFUSED, ids=[one[0].__name__ for one in REFUSED])
async def test_who_does_not_get_in_is_told_which_setting_to_look_at(
    kafka: SecuredKafka, wrong: Callable[[SecuredKafka], dict[str, str]], kind: type[Exception], says: str
) -> None:
    started = time.monotonic()
    with pytest.raises(kind, match=says) as told:
        await KafkaPublisher(address_of(wrong(kafka))).start()
    assert time.monotonic() - started < 25
    assert PASSWORD not in str(told.value)


async def test_one_broker_that_lets_us_in_is_enough(kafka: SecuredKafka) -> None:
    settings = kafka.settings("SASL_SSL", "PLAIN")
    settings["CONCIERGE_KAFKA"] = f"127.0.0.1:{free_port()},{settings['CONCIERGE_KAFKA']},localhost:{kafka.ports['SASL_SSL']}"
    await check_access(address_of(settings))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("wrong", [wrong_password, other_ca, plain_to_tls])
def test_every_command_ends_soon_with_a_sentence_and_2(
    kafka: SecuredKafka, redis_server: RedisServer, tmp_path: Path, wrong: Callable[[SecuredKafka], dict[str, str]]
) -> None:
    redis_server.wipe()
    settings = wrong(kafka) | {"CONCIERGE_LOG": "debug"}
    fleet = Fleet(tmp_path, settings["CONCIERGE_KAFKA"], redis_server.url, f"sec{next(_numbers)}-", PARTITIONS, settings)
    assert fleet.command("apply").returncode == 0, "needs Redis only"
    events = tmp_path / "events.jsonl"
    events.write_text(json.dumps(person(1)))
    listen = ("--listen", f"127.0.0.1:{free_port()}")
    for command in (
        ("topics", "check"), ("topics", "create"), ("emit", str(events), "--to", "kafka:///customer-events"),
        ("rebuild", "--dry-run"), ("gateway", *listen), ("orchestrator", *listen), ("worker", "email", *listen),
    ):  # fmt: skip
        told = fleet.command(*command, seconds=60)
        text = told.stderr.decode()
        assert told.returncode == 2, (command, text)
        assert "CONCIERGE_KAFKA_S" in text.splitlines()[-1], (command, text)
        assert "Traceback" not in text, (command, text)
        assert "Unclosed" not in text, (command, text)
        assert PASSWORD not in text
    told = fleet.command("doctor")
    assert told.returncode == 1
    assert b"BAD  kafka      " in told.stdout
    assert PASSWORD.encode() not in told.stdout
