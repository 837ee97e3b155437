"""An owner that has nothing to do notices that its store has gone back, as after a failover that lost writes."""

import copy

import pytest

from orchestrator.errors import Conflict
from orchestrator.partition_loop import LOOK_EVERY, PartitionLoop
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.state.memory_store import MemoryStore
from orchestrator.workspace.workspace import Workspace
from tests.one_partition import Source, Version, drain
from tests.worlds import DAY, T0, Engine, without_holdout


class Owner:
    """Of one partition in memory: `lose` takes back what was done since `keep`."""

    def __init__(self, workspace: Workspace) -> None:
        self.made = Engine(workspace)
        self.clock, self.store = SettableClock(T0 + 10_000), MemoryStore()
        self.source = Source([self.made.identify("c1", T0, phone="+447911100001", email="c1@example.com")], self.clock)
        version = Version(without_holdout(workspace))
        self.loop = PartitionLoop(0, 1, self.store, self.source, version, self.clock, CountedIds("a"), lambda *_: None)

    async def begin(self) -> None:
        await self.loop.take_over()
        await drain(self.loop)

    async def visit(self) -> None:
        """A mail, and a timer of some days."""
        self.source.records = [
            self.made.event("c1", T0 + 1, "Visit Completed", visit_id="v1", technician="Bob", visited_at="2026-03-02T09:00:00Z")
        ]
        await drain(self.loop)

    def keep(self) -> None:
        self.kept = copy.deepcopy(self.store._partitions[0])

    def lose(self) -> None:
        self.store._partitions[0] = copy.deepcopy(self.kept)


@pytest.fixture
async def owner(example: Workspace) -> Owner:
    made = Owner(example)
    await made.begin()
    return made


async def test_what_was_committed_last_is_missed_within_seconds(owner: Owner) -> None:
    owner.keep()
    await owner.visit()
    assert not await owner.loop.step()
    owner.lose()
    assert not await owner.loop.step(), "it does not ask all the time"
    owner.clock.advance(int(LOOK_EVERY * 1000))
    with pytest.raises(Conflict):
        await owner.loop.step()


async def test_a_timer_that_is_gone_is_missed_at_its_instant(owner: Owner) -> None:
    owner.keep()
    await owner.visit()
    due = await owner.store.next_due(0)
    assert due is not None
    assert due > T0 + DAY / 2
    owner.clock.set(due - 1)
    assert not await owner.loop.step()
    owner.lose()
    owner.clock.set(due)
    with pytest.raises(Conflict):
        await owner.loop.step()


async def test_what_was_published_is_not_left_for_the_next_owner(owner: Owner) -> None:
    """The commit survived the failover, the note that it was published did not: claims taken since are lost as well, so publishing it
    again would send it twice."""
    note = owner.store.published

    async def lost(partition: int, entry: str) -> None: ...

    owner.store.published = lost  # type: ignore[method-assign]
    await owner.visit()
    owner.store.published = note  # type: ignore[method-assign]
    assert owner.store._partitions[0].outbox
    owner.clock.advance(int(LOOK_EVERY * 1000))
    assert not await owner.loop.step()
    assert not owner.store._partitions[0].outbox


async def test_a_store_that_stands_where_it_was_left_is_left_alone(owner: Owner) -> None:
    await owner.visit()
    for _ in range(5):
        owner.clock.advance(int(LOOK_EVERY * 1000))
        assert not await owner.loop.step()
