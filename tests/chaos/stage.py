"""Everything a distributed fault run needs: a Kafka of one or more brokers and a Redis of its own, two of every role, a load, a supervisor."""

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from orchestrator.contracts.topics import CHANNELS
from orchestrator.runtime.kafka_address import KafkaAddress
from tests.chaos.backend import Backend
from tests.chaos.kafka_log import lag
from tests.chaos.ledger import Ledger
from tests.chaos.load import events
from tests.chaos.size import Size
from tests.integration.running import basic
from tests.services.fleet import Fleet, RoleProcess
from tests.services.kafka_cluster import KafkaCluster
from tests.services.kafka_topics import EXAMPLE_SOURCE
from tests.services.redis_cluster import RedisCluster
from tests.services.redis_server import RedisServer
from workers.kafka_topics import create_topics

PREFIX, PARTITIONS, BATCH = "chaos-", 4, 100
QUIET = 3.0
"""Seconds without anything waiting after which a run is over."""


class Stage:
    """`open`, run, `close`. Roles that end by themselves are started again after a second, as a supervisor would."""

    def __init__(self, folder: Path, ledger: Ledger, *, brokers: int = 1, cluster: bool = False) -> None:
        """`cluster`: state on six nodes, three masters with a replica each, instead of one server."""
        self.folder = folder
        self.ledger = ledger
        self.kafka = KafkaCluster(folder / "kafka", brokers, heap="512m" if brokers == 1 else "320m")
        self.store: RedisServer | RedisCluster = RedisCluster(folder / "redis", replicas=True) if cluster else RedisServer(folder / "redis")
        self.address = KafkaAddress({"bootstrap_servers": self.kafka.addresses}, PREFIX, PARTITIONS)
        self.others: set[str] = set()
        """Ids of accepted events beside the load's own."""
        self.backend = Backend(self.address, self.others)
        settings = {"CONCIERGE_REDIS_CLUSTER": "true"} if cluster else {}
        self.fleet = Fleet(folder / "fleet", ",".join(self.kafka.addresses), self.store.url, PREFIX, PARTITIONS, settings)
        self.sandbox: RoleProcess | None = None
        self.gateway: RoleProcess | None = None
        self.orchestrators: list[RoleProcess] = []
        self.workers: list[RoleProcess] = []
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20))
        self._down: set[int] = set()
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def redis(self) -> RedisServer:
        """The one server."""
        assert isinstance(self.store, RedisServer)
        return self.store

    @property
    def cluster(self) -> RedisCluster:
        """The six nodes."""
        assert isinstance(self.store, RedisCluster)
        return self.store

    @property
    def victims(self) -> list[RoleProcess]:
        """Roles that faults are for."""
        return [*self.orchestrators, *self.workers]

    async def open(self) -> None:
        self.kafka.format()
        await asyncio.gather(asyncio.to_thread(self.kafka.start), asyncio.to_thread(self.store.start))
        await asyncio.to_thread(create_topics, self.address, len(self.kafka.nodes), [EXAMPLE_SOURCE])
        await self.backend.make_topic(len(self.kafka.nodes))
        applied = await asyncio.to_thread(self.fleet.command, "apply")
        assert applied.returncode == 0, applied.stderr.decode()
        self.sandbox, self.gateway = self.fleet.add_sandbox(), self.fleet.add_gateway()
        self.orchestrators = [self.fleet.add("orchestrator") for _ in range(2)]
        self.workers = [self.fleet.add("worker", channel) for channel in CHANNELS for _ in range(2)]
        await self.fleet.ready(self.fleet.roles, self.session)
        self._supervisor = asyncio.create_task(self._supervise())

    async def close(self) -> None:
        if self._supervisor is not None:
            self._supervisor.cancel()
        await self.session.close()
        self.fleet.close()
        self.store.kill()
        self.kafka.kill()

    async def _supervise(self) -> None:
        while True:
            await asyncio.sleep(1)
            for role in self.fleet.roles:
                if not role.alive and id(role) not in self._down:
                    self.ledger.restarts += 1
                    self.ledger.last_lines.append(f"{' '.join(role.arguments[:2])}: {role.log.read_text('utf-8')[-300:].splitlines()[-1]}")
                    role.start()

    async def kill(self, role: RoleProcess) -> None:
        """kill -9, and at once another life."""
        self._down.add(id(role))
        await asyncio.to_thread(role.kill)
        role.start()
        self._down.discard(id(role))
        self.ledger.faults += 1

    async def restart(self, role: RoleProcess) -> float:
        """SIGTERM, another life; seconds the graceful stop took. A code other than 0 is a violation."""
        self._down.add(id(role))
        started = time.monotonic()
        code = await asyncio.to_thread(role.stop)
        took = time.monotonic() - started
        if code:
            self.ledger.violations.append(f"{' '.join(role.arguments[:2])} ended with {code} at SIGTERM: {role.log.read_text()[-300:]}")
        role.start()
        self._down.discard(id(role))
        self.ledger.faults += 1
        return took

    async def remove(self, role: RoleProcess) -> None:
        """SIGTERM, for good."""
        self._down.add(id(role))
        await asyncio.to_thread(role.stop)

    async def end_of(self, role: RoleProcess, seconds: float = 90) -> int:
        """Its exit code when it ends by itself. It stays down."""
        self._down.add(id(role))
        return await asyncio.to_thread(role.wait, seconds)

    async def back(self, role: RoleProcess) -> None:
        """Another life for one that was removed."""
        role.start()
        self._down.discard(id(role))
        await self.fleet.ready([role], self.session)

    async def rebuild(self, *options: str) -> None:
        """The runbook's third and fourth step, once those that were killed have left their groups."""
        for _ in range(30):
            done = await asyncio.to_thread(self.fleet.command, "rebuild", *options)
            if done.returncode != 4:
                break
            await asyncio.sleep(1)
        assert done.returncode == 0, done.stderr.decode()
        print(done.stdout.decode())
        applied = await asyncio.to_thread(self.fleet.command, "apply")
        assert applied.returncode == 0, applied.stderr.decode()

    async def set_faults(self, rules: list[dict[str, object]]) -> None:
        """The provider's."""
        async with self.session.put(f"{self.fleet.sandbox_url}/sandbox/faults", json=rules) as response:
            assert response.status == 200, await response.text()

    async def faults_acted(self) -> bool:
        """Did each rule act?"""
        async with self.session.get(f"{self.fleet.sandbox_url}/sandbox/faults") as response:
            return all(one["acted"] for one in await response.json())

    async def load(self, rng: random.Random, size: Size, harm: "asyncio.Task[None]") -> None:
        """Events at the size's rate until there are enough of them and the harm is done."""
        started = time.monotonic()
        while self.ledger.accepted < size.events or not harm.done():
            await self.send(events(BATCH, rng, self.ledger.accepted))
            self.ledger.accepted += BATCH
            await asyncio.sleep(max(started + self.ledger.accepted / size.rate - time.monotonic(), 0))

    async def send(self, part: Sequence[dict[str, object]]) -> None:
        assert self.gateway is not None
        for _ in range(2_000):
            try:
                async with self.session.post(f"{self.fleet.gateway_url}/v1/batch", json={"batch": part}, headers=basic("demo")) as response:
                    if response.status == 200:
                        return
            except (TimeoutError, aiohttp.ClientError, ConnectionError):
                pass
            await asyncio.sleep(0.1)
        raise AssertionError("never accepted")

    async def settle(self, seconds: float = 300) -> None:
        """Until nothing waits in Kafka any more."""
        quiet_since: float | None = None
        until = time.monotonic() + seconds
        found: dict[str, int] = {}
        while time.monotonic() < until:
            found = await lag(self.address)
            if any(found.values()):
                quiet_since = None
            else:
                quiet_since = quiet_since or time.monotonic()
                if time.monotonic() - quiet_since > QUIET:
                    return
            await asyncio.sleep(0.3)
        self.ledger.violations.append(f"after {seconds:.0f} s there still wait { ({topic: one for topic, one in found.items() if one}) }")
