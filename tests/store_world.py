"""The world of a journey test on a real store: the production loop owns its one partition, on a clock that jumps."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestrator.contracts.record import Record
from orchestrator.engine.batch import Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.journey_tests.compare import differences
from orchestrator.journey_tests.given import prepare
from orchestrator.journey_tests.play import play, timeline
from orchestrator.journey_tests.versions import Versions
from orchestrator.journey_tests.world import World, only
from orchestrator.partition_loop import PartitionLoop, Reading
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.state.store import Commit, Store
from orchestrator.state.value import encode_sections
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import SplitStep
from orchestrator.workspace.test_file import JourneyTest
from orchestrator.workspace.test_times import end_of, milliseconds
from orchestrator.workspace.workspace import Workspace

MOST_BATCHES = 1_000
"""Of one instant."""


@dataclass(slots=True)
class MemorySource:
    """A log of one partition; its time is the clock's. `published` counts what the loop has put out."""

    clock: SettableClock
    waiting: list[InputRecord] = field(default_factory=list)
    published: int = 0

    async def expected_store(self) -> str | None:
        return None

    async def begin(self, owned: object) -> None: ...

    async def is_ours(self) -> bool:
        return True

    def cursor_behind(self, record: InputRecord) -> int:
        return record.offset + 1

    def marked(self, outgoing: Sequence[Record], caused_by: object) -> Sequence[Record]:
        return outgoing

    async def read(self, cursors: dict[str, int], limit: int) -> Reading:
        """Everything that is there; what was applied before is not given again."""
        found = [one for one in self.waiting if one.offset >= cursors.get(one.topic, 0)]
        assert len(found) < limit
        self.waiting = []
        return Reading(found, self.clock.now())

    async def publish(self, records: Sequence[Record]) -> None:
        self.published += len(records)

    async def acknowledge(self, cursors: dict[str, int], through: int) -> None: ...

    async def wait(self, seconds: float) -> None: ...


class StoreWorld(World):
    """Customers are kept in the store, and what a batch reads is what stands there. `runner` holds the event loop the store lives in."""

    def __init__(self, made: World, store: Store, runner: asyncio.Runner) -> None:
        """`made` with its customers, before anything happens. They are stored, and looked at at the start."""
        super().__init__(made.workspace, made.start, customers=made.customers, now=made.start)
        self.clock, self.runner = SettableClock(made.start), runner
        self.source = MemorySource(self.clock)
        self.loop = PartitionLoop(0, 1, store, self.source, self, self.clock, CountedIds("owner"), self._observe)
        self.versions = 0
        runner.run(self._begin(store))

    @property
    def stamp(self) -> str:
        return self.workspace.version

    async def _begin(self, store: Store) -> None:
        owned = await store.take_over(0, "seed")
        profiles: dict[str, bytes | None] = {name: encode_sections(one.sections()) for name, one in self.customers.items()}
        await store.commit(0, "seed", owned.version, Commit(profiles=profiles, timers=dict.fromkeys(self.customers, self.start)))
        await self.loop.take_over()
        await self._drain()

    def take_up(self, workspace: Workspace) -> None:
        """Another version: it has another name, as it would have."""
        self.versions += 1
        super().take_up(replace(workspace, version=f"{workspace.version}{self.versions}"))

    def _apply(self, at: int, records: list[InputRecord], *, afresh: bool = False) -> None:
        self.now = at
        self.clock.set(at)
        self.source.waiting += records
        self.source.waiting += [made for message in self.providers.take_up(at) for made in self._sent(at, message)]
        self.runner.run(self._drain())
        first = self._due.first()
        assert first is None or first > at, "the loop has left somebody who is due"

    async def _drain(self) -> None:
        for _ in range(MOST_BATCHES):
            if not await self.loop.step() and not self.source.waiting:
                return
        raise AssertionError("at one instant the loop never comes to rest")

    def _observe(self, outcome: Outcome, _partition: int, _seconds: float) -> None:
        self.source.waiting += self._note(self.now, outcome)


def play_on(
    store: Store, runner: asyncio.Runner, workspace: Workspace, test: JourneyTest, versions: Versions
) -> tuple[StoreWorld, list[str]]:
    """The world at the end of a test, and what is other there than the test says."""
    world = StoreWorld(prepared(workspace, test, versions), store, runner)
    end = end_of(world.start, test.until)
    for together in timeline(world, test.when, end):
        play(world, together, versions, test)
    world.advance(end)
    return world, differences(world, test.then, test.journey, {})


def play_virtually(workspace: Workspace, test: JourneyTest, versions: Versions) -> World:
    """The same by the journey tests' own player."""
    world = prepared(workspace, test, versions)
    world.begin()
    end = end_of(world.start, test.until)
    for together in timeline(world, test.when, end):
        play(world, together, versions, test)
    world.advance(end)
    return world


def prepared(workspace: Workspace, test: JourneyTest, versions: Versions) -> World:
    """Its customers, before anything happens. A loop draws holdouts and arms by itself: here they are what the test says, and nobody is held out
    but of a population."""
    arms, many = test.given.get("arms"), "population" in test.given
    workspace = versions.for_test(workspace, test.given)
    chosen = replace(
        workspace,
        journeys={name: _drawn(one, arms if isinstance(arms, dict) else {}, many=many) for name, one in workspace.journeys.items()},
    )
    world = World(only(chosen, test.journeys), milliseconds(test.start))
    world.now = world.start
    prepare(world, test.given)
    return world


def _drawn(journey: Journey, arms: Mapping[str, str], *, many: bool) -> Journey:
    """Without a control group, where there are not `many`; of a split that the test speaks of, everybody takes the arm it names."""
    steps = {
        name: replace(step, arms=tuple(replace(arm, share=float(arm.name == arms[name])) for arm in step.arms))
        if isinstance(step, SplitStep) and name in arms
        else step
        for name, step in journey.steps.items()
    }
    return replace(journey, holdout=journey.holdout if many else 0.0, steps=steps)
