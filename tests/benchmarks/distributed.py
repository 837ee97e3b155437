"""The distributed runtime end to end: Kafka, Redis, an orchestrator, a sender and a provider sink, each a process; CPU of every one."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil

from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.runtime.kafka_address import KafkaAddress
from tests.benchmarks.embedded import metrics, quantile
from tests.integration.running import free_port
from tests.services.fleet import Fleet, RoleProcess
from tests.services.kafka_server import KafkaServer
from tests.services.kafka_topics import make_topics
from tests.services.redis_server import RedisServer

PEOPLE, PARTITIONS, CHUNK = 5_000, 4, 500
LATENCY_SECONDS = 10


def person(n: int) -> Record:
    body = {"type": "identify", "userId": f"k{n}", "messageId": f"p{n}", "traits": {"first_name": "K", "email": f"k{n}@example.com"}}
    return Record(topic=CUSTOMER_EVENTS, key=f"k{n}".encode(), value=json.dumps(body).encode())


def order(n: int, people: int = PEOPLE) -> Record:
    """One message."""
    who = f"k{n % people}"
    body = {
        "type": "track", "userId": who, "messageId": f"o{n}", "event": "Order Placed",
        "properties": {"order_id": f"o{n}", "package": "x", "price": 1.5, "installed_on": "2027-01-01"},
    }  # fmt: skip
    return Record(topic=CUSTOMER_EVENTS, key=who.encode(), value=json.dumps(body).encode())


def page(n: int) -> Record:
    """Nothing is sent."""
    body = {"type": "track", "userId": f"k{n % PEOPLE}", "messageId": f"v{n}", "event": "Product Viewed", "properties": {"product": "p"}}
    return Record(topic=CUSTOMER_EVENTS, key=f"k{n % PEOPLE}".encode(), value=json.dumps(body).encode())


class Measured:
    """The processes, and their CPU seconds by part."""

    def __init__(self, folder: Path, brand: Path | None = None) -> None:
        """`brand`: the workspace to apply, else the worked example; the sink then notes what it takes."""
        self.brand, self.taken = brand, folder / "taken.log"
        self.kafka, self.redis = KafkaServer(folder / "kafka", heap="768m"), RedisServer(folder / "redis")
        self.address = KafkaAddress({"bootstrap_servers": [self.kafka.address]}, "bench-", PARTITIONS)
        self.fleet = Fleet(folder / "fleet", self.kafka.address, self.redis.url, "bench-", PARTITIONS)
        self.publisher = KafkaPublisher(self.address)
        self.session = aiohttp.ClientSession()
        self.roles: dict[str, RoleProcess] = {}
        self._sink: subprocess.Popen[bytes] | None = None

    async def open(self) -> None:
        self.kafka.format()
        self.kafka.start()
        self.redis.start()
        await make_topics(self.address)
        port = free_port()
        self.fleet.environment["CONCIERGE_SANDBOX"] = f"http://127.0.0.1:{port}"
        self._start_sink(port)
        self.apply()
        self.roles = {"orchestrator": self.fleet.add("orchestrator"), "sender": self.fleet.add("worker", "email")}
        await self.fleet.ready(self.roles.values(), self.session)
        await self.publisher.start()

    def apply(self) -> None:
        """The workspace as its files are now."""
        place = () if self.brand is None else ("--workspace", str(self.brand))
        applied = self.fleet.command(*place, "apply", seconds=300)
        assert applied.returncode == 0, applied.stderr

    def _start_sink(self, port: int) -> None:
        notes = () if self.brand is None else (str(self.taken),)
        self._sink = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.sink", str(port), *notes])

    async def close(self) -> None:
        await self.session.close()
        await self.publisher.stop()
        self.fleet.close()
        if self._sink is not None:
            self._sink.kill()
            self._sink.wait()
        self.redis.kill()
        self.kafka.kill()

    def cpu(self) -> dict[str, float]:
        assert self._sink is not None
        pids = {name: one.process.pid for name, one in self.roles.items() if one.process is not None}
        pids |= {"kafka": self.kafka.pid, "redis": self.redis.pid, "sink": self._sink.pid}
        return {name: sum(psutil.Process(pid).cpu_times()[:2]) for name, pid in pids.items()}

    def rss(self) -> dict[str, float]:
        return {
            name: psutil.Process(one.process.pid).memory_info().rss / 2**20 for name, one in self.roles.items() if one.process is not None
        }

    async def sent(self) -> float:
        found = await metrics(self.session, f"http://{self.roles['sender'].address}", "concierge_messages_total")
        return sum(value for name, value in found.items() if 'status="accepted"' in name)

    async def applied(self) -> float:
        found = await metrics(self.session, f"http://{self.roles['orchestrator'].address}", "concierge_consumer_lag_records")
        return sum(found.values())

    async def publish(self, records: list[Record]) -> None:
        for start in range(0, len(records), CHUNK):
            await self.publisher.publish(records[start : start + CHUNK])


@asynccontextmanager
async def with_people(people: int = PEOPLE, brand: Path | None = None) -> AsyncIterator[Measured]:
    """All processes, and everybody known to them."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Measured(Path(folder), brand)
        try:
            await stage.open()
            await stage.publish([person(n) for n in range(people)])
            await until_applied(stage)
            yield stage
        finally:
            await stage.close()


async def _run(number: int) -> dict[str, float]:
    async with with_people() as stage:
        events_per_s = await _events(stage, number)
        orders = [order(n) for n in range(number)]  # made before the clock starts: their maker is not what is measured
        before, started, sent = stage.cpu(), time.monotonic(), await stage.sent()
        await stage.publish(orders)
        await _until(lambda: _all(stage, sent + number))
        await until_applied(stage)  # the receipts of all these messages are part of their cost
        seconds = time.monotonic() - started
        spent = {name: (after - before[name]) / number * 1e6 for name, after in stage.cpu().items()}
        rss = stage.rss()
        per_s = number / seconds
        p50, p99 = await _latency(stage, number, per_s / 2)
    return {
        "distributed_messages_per_s": per_s,
        "distributed_cpu_us_per_message": sum(spent.values()),
        **{f"distributed_cpu_us_per_message_{name}": value for name, value in spent.items()},
        "distributed_latency_p50_ms": p50 * 1000,
        "distributed_latency_p99_ms": p99 * 1000,
        "orchestrator_events_per_s": events_per_s,
        **{f"distributed_{name}_rss_mb": value for name, value in rss.items()},
    }


async def _events(stage: Measured, number: int) -> float:
    """Events a second where nothing is sent: they wait in Kafka when the clock starts."""
    started = time.monotonic()
    await stage.publish([page(n) for n in range(number)])
    await until_applied(stage)
    return number / (time.monotonic() - started)


async def _latency(stage: Measured, first: int, rate: float) -> tuple[float, float]:
    url = f"http://{stage.roles['sender'].address}"
    name = "concierge_event_to_provider_seconds_bucket"
    before, sent = await metrics(stage.session, url, name), await stage.sent()
    started, number = time.monotonic(), 0
    while time.monotonic() - started < LATENCY_SECONDS:
        some = max(int(rate * 0.02), 1)
        await stage.publisher.publish([order(first + number + n) for n in range(some)])
        number += some
        await asyncio.sleep(max(started + number / rate - time.monotonic(), 0))
    await _until(lambda: _all(stage, sent + number))
    after = await metrics(stage.session, url, name)
    return quantile(before, after, 0.5), quantile(before, after, 0.99)


async def until_sent(stage: Measured, number: float) -> None:
    """Until so many messages have been accepted by the provider since the stage was opened."""
    await _until(lambda: _all(stage, number))


async def until_applied(stage: Measured) -> None:
    """Until the orchestrator is behind in nothing."""
    await _until(lambda: _zero(stage))


async def _zero(stage: Measured) -> bool:
    return await stage.applied() == 0


async def _all(stage: Measured, number: float) -> bool:
    return await stage.sent() >= number


async def _until(done: Callable[[], Awaitable[bool]], seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while not await done():
        if time.monotonic() > until:
            raise AssertionError("it never ended")
        await asyncio.sleep(0.25)


def measure(number: int = 40_000) -> dict[str, float]:
    """Messages a second until each is sent and its receipt applied, CPU per message of every process and the sum, latency at half of
    that load, events a second where nothing is sent."""
    return asyncio.run(_run(number))
