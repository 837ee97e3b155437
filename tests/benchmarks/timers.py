"""Many timers due in one second: how fast a partition's owner works through them, how late the last one is, and how long events that
arrive meanwhile wait. One partition's loop on a real Redis; every timer sends a message."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from orchestrator.active import ActiveVersion
from orchestrator.content.check import check_message
from orchestrator.engine.batch import Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.journey_tests.world import NoLinks
from orchestrator.partition_loop import PartitionLoop, Reading
from orchestrator.runtime.clock import SettableClock, SystemClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.runtime.serving import spare_collector
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_store import RedisStore
from orchestrator.workspace.load import load_workspace
from tests.benchmarks.engine import ROOT, Records, records
from tests.services.redis_server import RedisServer
from tests.worlds import DAY, T0, without_holdout

FILL, EVENTS_PER_S = 10_000, 100
_watch = SystemClock()


class Running(SettableClock):
    """Runs on from the instant it is set to."""

    def __init__(self, now: int) -> None:
        super().__init__(now)
        self._began = _watch.monotonic()

    def now(self) -> int:
        return super().now() + int((_watch.monotonic() - self._began) * 1000)

    def monotonic(self) -> float:
        return _watch.monotonic()

    def leap(self, now: int) -> None:
        """Stand at `now` and run on."""
        self.set(now)
        self._began = _watch.monotonic()


class Trickle(Records):
    """Events that go on arriving, so many a second, while the timers are worked through."""

    def __init__(self, clock: Running) -> None:
        super().__init__([])
        self._clock = clock
        self._next: Iterator[InputRecord] = iter(())
        self._head: InputRecord | None = None

    def begin_now(self, start: int) -> None:
        """Event n arrives n/rate after `start`."""
        self._next = (
            InputRecord(
                "customer-events", 0, 10**9 + n, start + n * 1000 // EVENTS_PER_S, b"x%d" % n,
                b'{"type":"track","event":"Speed Tested","userId":"x%d","messageId":"x%d","properties":{"mbit":12.5}}' % (n, n),
            ) for n in range(10**6)
        )  # fmt: skip
        self._head = next(self._next)

    async def read(self, cursors: dict[str, int], limit: int) -> Reading:
        if self._head is None:
            return await super().read(cursors, limit)
        now, found = self._clock.now(), list[InputRecord]()
        while self._head.at <= now and len(found) < limit:
            found.append(self._head)
            self._head = next(self._next)
        return Reading(found, now)


async def _measure(number: int) -> dict[str, float]:
    workspace = load_workspace(ROOT, {}, check_message).workspace
    assert workspace is not None
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder))
        redis.start(log=False)
        connection = RedisConnection(redis.url)
        try:
            await connection.command("SET", "concierge:store", "timers")
            clock = Running(T0)
            source, late, nudged = Trickle(clock), list[float](), 0

            def observe(outcome: Outcome, _partition: int, _seconds: float) -> None:
                nonlocal nudged
                late.extend(outcome.late)
                nudged += sum(1 for decision in outcome.decisions if decision.step == "nudge" and decision.effect == "S")

            version = ActiveVersion(without_holdout(workspace), NoLinks())
            loop = PartitionLoop(0, 1, RedisStore(connection, "timers", 1), source, version, clock, CountedIds(), observe)
            await loop.take_over()
            for turn, kind in enumerate(("identify", "visit")):
                made = records(number, kind, turn * number, T0 + turn * 1000)
                source.records = [
                    InputRecord(r.topic, 0, r.offset, T0 + turn * 1000 + n * 1000 // number, r.key, r.value) for n, r in enumerate(made)
                ]
                source.at = 0
                while source.at < len(source.records):
                    await loop.step()
            due = T0 + 1000 + DAY
            clock.leap(due)
            source.begin_now(due)
            waits: list[float] = []
            started, used = _watch.monotonic(), time.process_time()
            late.clear()
            while nudged < number:
                before, head = nudged, source._head
                assert head is not None
                await loop.step()
                if source._head is not head:
                    waits.append((clock.now() - head.at) / 1000)
                assert nudged > before or clock.now() < due + 1000
            seconds, cpu = _watch.monotonic() - started, time.process_time() - used
        finally:
            await connection.close()
            redis.stop()
    late.sort()
    waits.sort()
    return {
        "timers_per_s": number / seconds, "timers_cpu_us": cpu / number * 1e6,
        "timers_late_p50_ms": late[len(late) // 2] * 1000, "timers_late_max_ms": late[-1] * 1000,
        "timers_event_wait_p50_ms": waits[len(waits) // 2] * 1000, "timers_event_wait_max_ms": waits[-1] * 1000,
    }  # fmt: skip


def measure(number: int = 100_000) -> dict[str, float]:
    """So many timers within one second on one partition: how many a second are done, CPU of the owner for each, how late they are, and
    how long the oldest event of a batch waits meanwhile until it is committed."""
    spare_collector()
    return asyncio.run(_measure(number))
