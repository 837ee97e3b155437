"""Another version of the workspace: everybody who waits is looked at under it, page by page, once."""

from collections import Counter
from dataclasses import replace

from orchestrator import partition_loop
from orchestrator.engine.batch import Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.partition_loop import PartitionLoop
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.state.memory_store import MemoryStore
from orchestrator.workspace.workspace import Workspace
from tests.one_partition import Source, Version, drain
from tests.worlds import DAY, T0, Engine, without_holdout

PEOPLE = partition_loop.MOST_REVISITED * 2 + 50


def with_status(workspace: Workspace, status: str) -> Workspace:
    survey = replace(workspace.journeys["visit_survey"], status=status)  # type: ignore[arg-type]  # one of the statuses
    return replace(workspace, version=f"{workspace.version}{status}", journeys={**workspace.journeys, "visit_survey": survey})


async def test_all_pages_go_on_at_the_resume_and_a_restart_begins_where_it_stopped(example: Workspace) -> None:
    clock, store, seen = SettableClock(T0 + 10_000), MemoryStore(publish=lambda _records: None), Counter[str]()
    live, paused = (with_status(without_holdout(example), status) for status in ("live", "paused"))
    made, version = Engine(example), Version(live)
    records = [made.identify(f"c{n}", T0 + n, phone=f"+4479111{n:05d}", email=f"c{n}@example.com") for n in range(PEOPLE)]
    records += [
        made.event(f"c{n}", T0 + PEOPLE + n, "Visit Completed", visit_id=f"v{n}", technician="Bob", visited_at="2026-03-02T09:00:00Z")
        for n in range(PEOPLE)
    ]

    def observe(outcome: Outcome, _partition: int, _seconds: float) -> None:
        seen.update(d.customer for d in outcome.decisions if d.step == "nudge")

    def owner(token: str, records: list[InputRecord]) -> PartitionLoop:
        return PartitionLoop(0, 1, store, Source(records, clock), version, clock, CountedIds(token), observe)

    first = owner("a", records)
    await first.take_over()
    await drain(first)
    assert first.state.running == {"visit_survey": PEOPLE}
    version.workspace = paused
    await drain(first)
    clock.set(T0 + 5 * DAY)
    await drain(first)
    assert not seen, "no step starts in a pause"
    version.workspace = live
    assert await first.step()
    assert 0 < len(seen) < PEOPLE, "one page"
    second = owner("b", [])
    await second.take_over()
    assert second.state.sweep is not None
    await drain(second)
    assert set(seen) == {f"c{n}" for n in range(PEOPLE)}
    assert set(seen.values()) == {1}
    third = owner("c", [])
    await third.take_over()
    assert third.state.sweep is None
    assert not await third.step()
