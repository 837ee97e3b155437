"""Schedules and a partition's owner: everybody is reached, also who waits for nothing; restarts change nothing; events go on meanwhile."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator import partition_loop, partition_sweep
from orchestrator.active import ActiveVersion
from orchestrator.engine.batch import Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.journey_tests.world import NoLinks
from orchestrator.partition_loop import PartitionLoop, Reading
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.state.memory_store import MemoryStore
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from orchestrator.state.store import Store
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import workspace
from tests.one_partition import Source, Version, drain
from tests.worlds import DAY, HOUR, T0, Engine

BROADCAST = """journey: try_it
class: service
entry: {schedule: {once: 2026-03-03T09:00, timezone: Europe/London}}
steps: [{id: mail, send: hello, channels: [email]}]
"""
NINE = T0 + 23 * HOUR
NOTHING = BROADCAST.replace("schedule: {once: 2026-03-03T09:00, timezone: Europe/London}", "event: Basket Changed")
AUDIENCES = "audiences: {gold: {title: Gold, when: customer.tier == 'gold'}, old: {title: Old, when: \"not seen('Ping', within='2d')\"}}\n"
BY_AUDIENCE = BROADCAST.replace("schedule: {once: 2026-03-03T09:00, timezone: Europe/London}", "audience: gold, existing: enter")
PAGES = partition_sweep.MOST_REVISITED * 2 + 50


class Partition:
    """One partition over a store, its owner changed at will. `sent` counts messages by customer; `batches` are their outcomes."""

    def __init__(self, version: Version | ActiveVersion, store: Store | None = None) -> None:
        self.version, self.store = version, store or MemoryStore(publish=lambda _records: None)
        self.clock, self.batches = SettableClock(T0), list[Outcome]()
        self.made, self.owners = Engine(version.workspace), 0
        self.loop = self.owner([])

    def owner(self, records: list[InputRecord], source: Source | None = None) -> PartitionLoop:
        self.owners += 1
        made = source or Source(records, self.clock)
        ids = CountedIds(f"o{self.owners}-")
        self.loop = PartitionLoop(0, 1, self.store, made, self.version, self.clock, ids, lambda outcome, *_: self.batches.append(outcome))
        return self.loop

    def people(self, number: int, **traits: object) -> list[InputRecord]:
        return [self.made.identify(f"c{n}", T0, email=f"c{n}@example.com", **traits) for n in range(number)]

    async def take(self, records: list[InputRecord]) -> None:
        await self.owner(records).take_over()
        await drain(self.loop)

    async def until(self, at: int) -> None:
        """From timer to timer."""
        while (due := await self.store.next_due(0)) is not None and due <= at:
            self.clock.set(max(due, self.clock.now()))
            await drain(self.loop)
        self.clock.set(at)
        await drain(self.loop)

    @property
    def entered(self) -> Counter[str]:
        """Messages that were decided, by customer."""
        return Counter(d.customer for outcome in self.batches for d in outcome.decisions if d.effect == "S")


def with_broadcast(journey: str = BROADCAST) -> Workspace:
    return workspace({"try_it": journey}, audiences=AUDIENCES)


@pytest.mark.parametrize("journey", [BROADCAST, BY_AUDIENCE])
async def test_a_version_reaches_everybody_also_who_waits_for_nothing(journey: str) -> None:
    version = Version(with_broadcast(NOTHING))
    one = Partition(version)
    await one.take(one.people(PAGES, tier="gold"))
    assert await one.store.next_due(0) is None, "nobody waits"
    version.workspace = with_broadcast(journey)
    assert await one.loop.step() == partition_sweep.MOST_REVISITED, "one page"
    second = one.owner([])
    await second.take_over()
    assert second.state.everybody is not None, "a new owner goes on where the last one stopped"
    await drain(second)
    third = one.owner([])
    await third.take_over()
    assert third.state.everybody is None
    assert len(one.batches) <= 8
    await one.until(NINE + 60_000)
    assert one.entered == {f"c{n}": 1 for n in range(PAGES)}


async def test_who_joins_by_time_joins_without_an_event_of_theirs() -> None:
    version = Version(with_broadcast(NOTHING))
    one = Partition(version)
    await one.take([*one.people(3), one.made.event("c0", T0, "Ping")])
    version.workspace = with_broadcast(BY_AUDIENCE.replace("audience: gold, existing: enter", "audience: old"))
    await drain(one.loop)
    await one.until(T0 + 2 * DAY - 1)
    assert not one.entered
    await one.until(T0 + 2 * DAY + 1)
    assert one.entered == {"c0": 1}


async def test_a_version_that_changes_nothing_of_this_looks_at_those_who_wait_only() -> None:
    version = Version(with_broadcast())
    one = Partition(version)
    await one.take(one.people(PAGES))
    await one.until(NINE + HOUR)
    assert await one.store.next_due(0) is None
    version.workspace = replace(version.workspace, version="another")
    assert not await one.loop.step(), "nobody waits"


async def test_whoever_is_reached_late_by_the_version_misses_nothing() -> None:
    version = Version(with_broadcast(NOTHING))
    one = Partition(version)
    await one.take(one.people(PAGES))
    one.clock.set(NINE - 1_000)
    version.workspace = with_broadcast()
    await one.loop.step()
    one.clock.set(NINE + 30_000)
    await one.until(NINE + 60_000)
    assert one.entered == {f"c{n}": 1 for n in range(PAGES)}


async def test_another_version_in_the_middle_begins_with_everybody_again() -> None:
    version = Version(with_broadcast(NOTHING))
    one = Partition(version)
    await one.take(one.people(PAGES))
    version.workspace = with_broadcast()
    await one.loop.step()
    version.workspace = replace(version.workspace, version="another")
    await drain(one.loop)
    await one.until(NINE + HOUR)
    assert one.entered == {f"c{n}": 1 for n in range(PAGES)}


async def test_a_version_that_comes_after_it_brings_it_to_nobody() -> None:
    version = Version(with_broadcast(NOTHING))
    one = Partition(version)
    await one.take(one.people(2))
    one.clock.set(NINE + HOUR)
    version.workspace = with_broadcast()
    await drain(one.loop)
    await one.until(NINE + 2 * HOUR)
    assert not one.entered


async def test_nothing_is_kept_of_a_schedule_that_is_gone() -> None:
    version = Version(with_broadcast())
    one = Partition(version)
    await one.take(one.people(1))
    await one.until(NINE + HOUR)
    assert one.batches[-1].customers["c0"].occurrences == {"try_it": "2026-03-03T09:00"}
    version.workspace = with_broadcast(NOTHING)
    await one.take([one.made.event("c0", NINE + HOUR, "Ping")])
    assert not one.batches[-1].customers["c0"].holds("sched") or one.batches[-1].customers["c0"].occurrences is None
    assert one.loop.state.scheduled == {}


async def test_whoever_comes_after_it_was_not_there() -> None:
    version = Version(with_broadcast())
    one = Partition(version)
    await one.take(one.people(2))
    await one.until(NINE + HOUR)
    await one.take([one.made.identify("late", NINE + HOUR, email="late@example.com")])
    await one.until(NINE + 2 * HOUR)
    assert one.entered == {"c0": 1, "c1": 1}


@pytest.mark.parametrize("cut", range(12))
async def test_an_owner_that_falls_at_any_batch_changes_nothing(cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition_loop, "MOST_TIMERS", 3)
    monkeypatch.setattr(partition_sweep, "MOST_REVISITED", 3)
    version = Version(with_broadcast(NOTHING))
    one = Partition(version)
    await one.take(one.people(10))
    version.workspace = with_broadcast()
    for number in range(60):
        if number == cut:
            await one.owner([]).take_over()
        if not await one.loop.step():
            due = await one.store.next_due(0)
            if due is None:
                break
            one.clock.set(max(due, one.clock.now()))
    assert one.entered == {f"c{n}": 1 for n in range(10)}


class Busy(Source):
    """One event in every batch, and time goes on by ten milliseconds with it."""

    def __init__(self, partition: Partition) -> None:
        super().__init__([], partition.clock)
        self.partition, self.arrived = partition, list[InputRecord]()

    async def read(self, cursors: dict[str, int], limit: int) -> Reading:
        self.clock.advance(10)
        record = self.partition.made.event(f"x{len(self.arrived)}", self.clock.now(), "Ping", n=1)
        self.arrived.append(record)
        return Reading([record], self.clock.now())


async def test_a_broadcast_lets_events_pass_and_leaves_by_the_pace(tmp_path: Path) -> None:
    await broadcast(3_000, tmp_path)


async def broadcast(people: int, tmp_path: Path) -> None:
    """One event comes with every batch, from the instant the broadcast is due until the last message has left."""
    database = SqliteDatabase(tmp_path)
    clock = SettableClock(T0)
    version = Version(with_broadcast(NOTHING))
    one = Partition(version, SqliteStore(database, SqliteLog(database, clock, 1), "s1"))
    await one.take(one.people(people))
    version.workspace = with_broadcast()
    await drain(one.loop)
    one.clock.set(NINE)
    one.batches.clear()
    busy = Busy(one)
    await one.owner([], busy).take_over()
    while sum(len(outcome.late) for outcome in one.batches) < 2 * people - 100:
        await one.loop.step()
        applied = one.batches[-1]
        key = busy.arrived[-1].key
        assert key is not None
        assert key.decode() in applied.profiles, "an event is in the very next batch"
        assert len(applied.profiles) <= partition_loop.MOST_TIMERS + 1
    await drain_busy(one, people)
    database.close()
    assert one.entered == {f"c{n}": 1 for n in range(people)}
    sent = sorted(d.at for outcome in one.batches for d in outcome.decisions if d.effect == "S")
    assert sent[-1] - sent[0] >= (people - 1) * 2, "500 a second"
    fullest = max(Counter(at // 1000 for at in sent).values())
    assert fullest <= 550, "and in no second many more"


async def drain_busy(one: Partition, people: int) -> None:
    for _ in range(10_000):
        if sum(one.entered.values()) >= people:
            return
        await one.loop.step()


async def test_a_broadcast_that_falls_into_a_pause_by_command_goes_out_at_its_end() -> None:
    active = ActiveVersion(with_broadcast(), NoLinks())
    one = Partition(active)
    await one.take(one.people(PAGES))
    active.pause({"try_it": "command"})
    await drain(one.loop)
    await one.until(NINE + HOUR)
    assert not one.entered
    active.pause({})
    await drain(one.loop)
    await one.until(NINE + HOUR + 60_000)
    assert one.entered == {f"c{n}": 1 for n in range(PAGES)}
    at = [d.at - NINE - HOUR for outcome in one.batches for d in outcome.decisions if d.effect == "S"]
    assert min(at) == 0, "at the instant of the resume"
    assert max(at) == pytest.approx(PAGES / 500 * 1000, abs=100), "in turns, 500 a second"
