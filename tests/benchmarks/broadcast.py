"""A broadcast: a version that brings one goes live while everybody is there, its time comes, and it leaves at the pace of its channel; and how
long other people's events wait meanwhile. One partition's loop on a real Redis."""

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil

from orchestrator.active import ActiveVersion
from orchestrator.content.check import check_message
from orchestrator.engine.batch import Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.journey_tests.world import NoLinks
from orchestrator.partition_loop import PartitionLoop, Reading
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.runtime.serving import spare_collector
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_store import RedisStore
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.load import load_files
from orchestrator.workspace.workspace import Workspace
from tests.benchmarks.engine import ROOT, Records
from tests.benchmarks.timers import Running
from tests.services.redis_server import RedisServer
from tests.worlds import DAY, T0, without_holdout

CHUNK, OTHERS, EVENTS_PER_S, RATE = 10_000, 1_000, 100, 2_000
"""People stored at once; those who place orders meanwhile; orders a second; mails a second that the channel takes."""
DUE = T0 + DAY
_watch = SystemClock()
BROADCAST = """journey: news
class: service
entry: {schedule: {once: "2026-03-03T10:00", audience: readers}}
steps: [{id: letter, send: news, channels: [email]}]
"""
MESSAGE = """message: news
class: service
topic: care
content:
  en: {subject: "News for {{ customer.first_name | default('you') }}", preheader: "Short", body: "There is something new."}
"""
AUDIENCES = "audiences: {readers: {when: customer.tenure_months > 3}}\n"


def workspaces() -> tuple[Workspace, Workspace]:
    """Before the broadcast, and with it."""
    files = dict(read_files(ROOT))
    files["config/policies.yaml"] += b"limits: {channels: {email: {rate: %d/s}}}\n" % RATE
    more = {
        "config/journeys/news.yaml": BROADCAST.encode(), "templates/messages/news.yaml": MESSAGE.encode(),
        "config/audiences.yaml": AUDIENCES.encode(),
    }  # fmt: skip
    found = []
    for given in (files, files | more):
        loaded = load_files(given, {}, check_message, tests=False)
        assert loaded.workspace is not None, [f"{one.file}:{one.line} {one.code} {one.what}" for one in loaded.findings]
        found.append(without_holdout(loaded.workspace))
    return found[0], found[1]


def is_reader(number: int) -> bool:
    """Nine of ten."""
    return number % 10 != 0


def person(name: str, offset: int, tenure: int) -> InputRecord:
    traits = {"first_name": "Ada", "email": f"{name}@example.com", "tenure_months": tenure}
    body = {"type": "identify", "userId": name, "messageId": f"p-{name}", "traits": traits}
    return InputRecord("customer-events", 0, offset, T0, name.encode(), json.dumps(body).encode())


class Orders(Records):
    """Once begun, orders of others that go on arriving; before that the records it was given."""

    def __init__(self, clock: Running) -> None:
        super().__init__([])
        self._clock, self._number = clock, 0
        self._next: Iterator[InputRecord] = iter(())
        self.head: InputRecord | None = None
        self.read_last: list[int] = []
        self.read_all = 0

    def begin_now(self) -> None:
        """Order n arrives n/rate after now."""
        start, first = self._clock.now(), self._number
        self._next = (self._order(first + n, start + n * 1000 // EVENTS_PER_S) for n in range(10**7))
        self.head = next(self._next)

    def _order(self, number: int, at: int) -> InputRecord:
        self._number, who = number + 1, f"x{number % OTHERS}"
        properties = {"order_id": f"o{number}", "package": "x", "price": 1.5, "installed_on": "2027-01-01"}
        body = {"type": "track", "event": "Order Placed", "userId": who, "messageId": f"o{number}", "properties": properties}
        return InputRecord("customer-events", 0, 10**9 + number, at, who.encode(), json.dumps(body).encode())

    async def read(self, cursors: dict[str, int], limit: int) -> Reading:
        if self.head is None:
            return await super().read(cursors, limit)
        now, found = self._clock.now(), list[InputRecord]()
        while self.head.at <= now and len(found) < limit:
            found.append(self.head)
            self.head = next(self._next)
        self.read_last = [record.at for record in found]
        self.read_all += len(found)
        return Reading(found, now)


class Broadcast:
    """One run of it."""

    def __init__(self, number: int, connection: RedisConnection) -> None:
        self.number, self.clock = number, Running(T0)
        self.before, self.after = workspaces()
        self.source, self.version = Orders(self.clock), ActiveVersion(self.before, NoLinks())
        store = RedisStore(connection, "broadcast", 1)
        self.loop = PartitionLoop(0, 1, store, self.source, self.version, self.clock, CountedIds(), self._observe)
        self.told, self.orders = bytearray(number), 0
        self.per_second: Counter[int] = Counter()
        self.rss, self._process = 0.0, psutil.Process()

    def _observe(self, outcome: Outcome, _partition: int, _seconds: float) -> None:
        second = self.clock.now() // 1000
        for decision in outcome.decisions:
            if decision.effect == "S" and decision.step == "letter":
                assert decision.customer[0] == "c", f"{decision.customer} was not meant"
                self.told[int(decision.customer[1:])] += 1
                self.per_second[second] += 1
            elif decision.effect == "S":
                self.orders += 1

    async def fill(self) -> None:
        """Everybody is known."""
        await self.loop.take_over()
        names = [(f"x{n}", 0) for n in range(OTHERS)]
        for start in range(0, self.number, CHUNK):
            names += [(f"c{n}", 7 if is_reader(n) else 0) for n in range(start, min(start + CHUNK, self.number))]
            self.source.records = [person(name, start + OTHERS + n + 1, tenure) for n, (name, tenure) in enumerate(names)]
            self.source.at, names = 0, []
            while self.source.at < len(self.source.records):
                await self.loop.step()
        self.source.records = []

    async def turn(self, waits: list[float]) -> None:
        """One batch; how long each order of it has waited, in seconds, is added."""
        size = await self.loop.step()
        now = self.clock.now()
        waits += [(now - at) / 1000 for at in self.source.read_last]
        if self.source.read_last:
            self.rss = max(self.rss, self._process.memory_info().rss / 2**20)
        if not size:
            await asyncio.sleep(0.001)

    async def run(self) -> dict[str, float]:
        """All of it."""
        await self.fill()
        quiet, walking, leaving = list[float](), list[float](), list[float]()
        self.source.begin_now()
        until = _watch.monotonic() + 3
        while _watch.monotonic() < until:
            await self.turn(quiet)
        self.version.take_up(self.after)
        started = _watch.monotonic()
        await self.turn(walking)
        while self.loop.state.everybody is not None or self.loop.state.sweep is not None:
            await self.turn(walking)
        walked = _watch.monotonic() - started
        self.source.head = None
        self.clock.leap(DUE)
        self.source.begin_now()
        started, used, readers = _watch.monotonic(), self._process.cpu_times(), sum(map(is_reader, range(self.number)))
        while sum(self.per_second.values()) < readers:
            await self.turn(leaving)
        seconds, cpu = _watch.monotonic() - started, self._process.cpu_times()
        until = _watch.monotonic() + 3
        while _watch.monotonic() < until:  # somebody might get a second one
            await self.turn([])
        told = [n for n in range(self.number) if self.told[n] != is_reader(n)]
        assert not told, f"{len(told)} people got none, or more than one, or were not meant: c{told[0]} got {self.told[told[0]]}"
        assert self.orders == self.source.read_all, "an order without its mail"
        assert self.rss < 300, "more than 300 MB"
        return {
            "broadcast_walk_people_per_s": self.number / walked, "broadcast_messages_per_s": readers / seconds,
            "broadcast_most_in_a_second_messages": max(self.per_second.values()), "broadcast_first_message_ms": (min(self.per_second) - DUE // 1000) * 1000,
            "broadcast_cpu_us": (cpu.user + cpu.system - used.user - used.system) / readers * 1e6,
            **{f"broadcast_order_wait_{name}_{at}_ms": quantile(waits, share) * 1000
               for name, waits in (("before", quiet), ("walk", walking), ("meanwhile", leaving)) for at, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))},
            "broadcast_rss_mb": self.rss,
        }  # fmt: skip


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


async def _measure(number: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder))
        redis.start(log=False)
        connection = RedisConnection(redis.url)
        try:
            await connection.command("SET", "concierge:store", "broadcast")
            return await Broadcast(number, connection).run()
        finally:
            await connection.close()
            redis.stop()


def measure(number: int = 50_000) -> dict[str, float]:
    """So many customers, nine of ten of them in the audience: how fast all are walked past when the version goes live, how fast the mails
    leave (the channel takes `RATE` a second), CPU of the orchestrator for each, and how long a hundred orders a second wait meanwhile until
    each is committed. Fails where somebody gets none or two, or somebody who is not meant gets one."""
    spare_collector()
    return asyncio.run(_measure(number))
