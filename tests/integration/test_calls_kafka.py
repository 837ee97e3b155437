"""The role `worker calls` as its operators run it: real processes on real Kafka and Redis, receivers with TLS."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import msgspec
import pytest
import trustme

from orchestrator.contracts.call import CallAnswer, decode_answer, is_answer
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CALLERS, DELIVERY_RECEIPTS, OUTBOUND_CALLS, dead_letters
from orchestrator.kafka_log import KafkaLog
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.kafka_stream import GROUP
from orchestrator.runtime.kafka_address import KafkaAddress
from tests.chaos.kafka_log import records
from tests.services.fleet import ROOT, Fleet, RoleProcess
from tests.services.kafka_server import KafkaServer
from tests.services.redis_server import RedisServer
from tests.unit.workers.calls.receiver import Receiver, Speak, answer, call, receiving, silence
from workers.calls.call_broker import call_record

_numbers = itertools.count()
PARTITIONS = 4


class Deployment:
    """A fleet whose workspace lists a receiver of this test, reached by TLS with a certificate of an authority of its own."""

    def __init__(
        self, fleet: Fleet, address: KafkaAddress, publisher: KafkaPublisher, receiver: Receiver, session: aiohttp.ClientSession
    ) -> None:
        self.fleet, self.address, self.publisher, self.receiver, self.session = fleet, address, publisher, receiver, session

    async def start(self, *arguments: str) -> RoleProcess:
        role = self.fleet.add(*arguments)
        await self.fleet.ready([role], self.session)
        return role

    async def send(self, *numbers: int, **changes: object) -> None:
        await self.publisher.publish([
            call_record(call(f"https://localhost:{self.receiver.port}/{n}", id=f"{n:032x}", customer=f"c{n}", **changes)) for n in numbers
        ])  # fmt: skip

    async def answers(self) -> list[CallAnswer]:
        return [decode_answer(one.value) async for one in records(self.address, [DELIVERY_RECEIPTS]) if is_answer(one.value)]

    async def lag(self, group: str, topic: str) -> int:
        log = KafkaLog(self.address)
        places = log.places([topic])
        ends = {place: end for place, (_first, end) in (await log.span(places)).items()}
        committed = await log.committed(group, places)
        return sum(end - max(committed.get(place, (0, ""))[0], 0) for place, end in ends.items())

    async def answered(self, number: int, seconds: float = 60) -> list[CallAnswer]:
        """So many calls have an answer, and the group has moved past all of them."""
        await until(lambda: self._answered(number), seconds)
        await until(self._finished, 20)
        return await self.answers()

    async def _answered(self, number: int) -> bool:
        return len({one.id for one in await self.answers()}) >= number

    async def _finished(self) -> bool:
        return await self.lag(CALLERS, OUTBOUND_CALLS) == 0

    def keys(self) -> list[str]:
        return [one.header("idempotency-key") or "" for one in self.receiver.seen]


async def until(what: Callable[[], Awaitable[bool]], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not await what():
            await asyncio.sleep(0.2)


@pytest.fixture
def script() -> list[Speak]:
    """How the receiver answers; a test puts its own in."""
    return [answer(200, b'{"risk":1}')]


@pytest.fixture
async def deployment(tmp_path: Path, kafka: KafkaServer, redis_server: RedisServer, script: list[Speak]) -> AsyncIterator[Deployment]:
    redis_server.wipe()
    ca, prefix = trustme.CA(), f"calls{next(_numbers)}-"
    import ssl

    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(shown)
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    async with receiving(*script, tls=shown) as receiver:
        receiver.script = script
        place = f"localhost:{receiver.port}"
        settings = {
            "CONCIERGE_CALLS_ALLOW_PRIVATE": place,
            "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
            "CONCIERGE_SECRET_CRM_TOKEN": "s3cret",
        }
        fleet = Fleet(tmp_path / "fleet", kafka.address, redis_server.url, prefix, PARTITIONS, settings)
        workspace = tmp_path / "workspace"
        for name in ("config", "templates"):
            shutil.copytree(ROOT / name, workspace / name)
        with (workspace / "config" / "concierge.yaml").open("a") as file:
            file.write(f'\nwebhooks: {{hosts: ["{place}"]}}\n')
        made = await asyncio.to_thread(fleet.command, "topics", "create", "--replicas", "1")
        assert made.returncode == 0, made.stderr
        applied = await asyncio.to_thread(fleet.command, "--workspace", str(workspace), "apply")
        assert applied.returncode == 0, applied.stdout + applied.stderr
        address = KafkaAddress({"bootstrap_servers": kafka.address}, prefix, PARTITIONS)
        publisher = KafkaPublisher(address)
        await publisher.start()
        async with aiohttp.ClientSession() as session:
            yield Deployment(fleet, address, publisher, receiver, session)
        await publisher.stop()
        fleet.close()


async def test_calls_are_made_and_the_engine_takes_the_answers(deployment: Deployment) -> None:
    worker, orchestrator = await deployment.start("worker", "calls"), await deployment.start("orchestrator")
    assert "never so in production" in worker.log.read_text(), "the setting is said aloud"
    await deployment.publisher.publish([Record(topic=OUTBOUND_CALLS, key=b"c1", value=b"no call", headers=(("h", b"1"),))])
    await deployment.send(*range(100), secret="crm_token")
    found = await deployment.answered(100)
    assert len(found) == 100
    assert all(one.ok and one.body == msgspec.Raw(b'{"risk":1}') for one in found)
    assert deployment.receiver.seen[0].header("authorization") == "Bearer s3cret"
    assert set(deployment.receiver.names) == {"localhost"}
    letters = [one.value async for one in records(deployment.address, [dead_letters(OUTBOUND_CALLS)])]
    assert letters == [b"no call"]

    async def taken() -> bool:
        return await deployment.lag(GROUP, DELIVERY_RECEIPTS) == 0

    await until(taken, 30)
    assert not [one async for one in records(deployment.address, [dead_letters(DELIVERY_RECEIPTS)])]
    async with deployment.session.get(f"http://{worker.address}/metrics") as response:
        text = await response.text()
    assert f'concierge_calls_total{{host="localhost:{deployment.receiver.port}",outcome="ok"}} 100.0' in text
    assert 'concierge_consumer_lag_records{topic="outbound-calls"} 0.0' in text
    for role in (worker, orchestrator):
        assert await asyncio.to_thread(role.stop) == 0, role.log.read_text()[-2000:]


async def test_a_worker_that_is_killed_during_a_call_leaves_it_to_the_next(deployment: Deployment, script: list[Speak]) -> None:
    script[:] = [silence, answer(200, b"{}")]
    worker = await deployment.start("worker", "calls")
    await deployment.send(1, timeout=30_000)
    async with asyncio.timeout(20):
        while not deployment.receiver.seen:
            await asyncio.sleep(0.05)
    await asyncio.to_thread(worker.kill)
    assert await deployment.answers() == []
    await deployment.start("worker", "calls")
    found = await deployment.answered(1)
    assert [one.ok for one in found] == [True]
    assert deployment.keys() == [f"{1:032x}"] * 2, "called again under the same key"


async def test_a_stop_is_quick_and_what_waits_for_a_try_is_made_by_another(deployment: Deployment, script: list[Speak]) -> None:
    script[:] = [answer(503, Retry_After="120"), answer(200, b"{}")]
    worker = await deployment.start("worker", "calls")
    await deployment.send(1)
    async with asyncio.timeout(20):
        while not deployment.receiver.seen:
            await asyncio.sleep(0.05)
    await deployment.send(*range(2, 30))
    await until(lambda: deployment._answered(28), 30)
    began = asyncio.get_running_loop().time()
    assert await asyncio.to_thread(worker.stop) == 0, worker.log.read_text()[-2000:]
    assert asyncio.get_running_loop().time() - began < 10
    await deployment.start("worker", "calls")
    found = await deployment.answered(29)
    assert {one.id for one in found} == {f"{n:032x}" for n in range(1, 30)}
    assert all(one.ok for one in found)


async def test_a_second_worker_takes_its_share_while_calls_are_under_way(deployment: Deployment) -> None:
    first = await deployment.start("worker", "calls")
    for start in range(0, 200, 50):
        await deployment.send(*range(start, start + 50))
    await deployment.start("worker", "calls")
    for start in range(200, 400, 50):
        await deployment.send(*range(start, start + 50))
        await asyncio.sleep(0.3)
    found = await deployment.answered(400)
    assert {one.id for one in found} == {f"{n:032x}" for n in range(400)}
    assert await asyncio.to_thread(first.stop) == 0, first.log.read_text()[-2000:]
