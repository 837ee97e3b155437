"""Another version of the workspace: everybody who waits is looked at under it, page by page, once."""

from collections import Counter
from dataclasses import replace

from orchestrator import partition_sweep
from orchestrator.active import ActiveVersion
from orchestrator.engine.batch import Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.journey_tests.world import NoLinks
from orchestrator.partition_loop import PartitionLoop
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.state.memory_store import MemoryStore
from orchestrator.workspace.workspace import Workspace
from tests.one_partition import Source, Version, drain
from tests.worlds import DAY, T0, Engine, without_holdout

PEOPLE = partition_sweep.MOST_REVISITED * 2 + 50


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


async def test_a_pause_by_command_and_its_end_are_made_known_to_everybody(example: Workspace) -> None:
    clock, store, seen = SettableClock(T0 + 10_000), MemoryStore(publish=lambda _records: None), list[tuple[str, int]]()
    active, made = ActiveVersion(without_holdout(example), NoLinks()), Engine(example)
    records = [
        made.identify("ada", T0, phone="+447911123456", email="ada@example.com"),
        made.event("ada", T0 + 1, "Visit Completed", visit_id="v1", technician="Bob", visited_at="2026-03-02T09:00:00Z"),
    ]

    def observe(outcome: Outcome, _partition: int, _seconds: float) -> None:
        seen.extend((d.step or "", d.at) for d in outcome.decisions)

    loop = PartitionLoop(0, 1, store, Source(records, clock), active, clock, CountedIds("a"), observe)
    await loop.take_over()
    await drain(loop)
    assert [step for step, _at in seen] == ["ask"]
    assert active.pause({"visit_survey": "command", "no_journey": "command"})
    assert not active.pause({"visit_survey": "command", "no_journey": "command"}), "said once"
    await drain(loop)
    clock.set(T0 + 5 * DAY)
    await drain(loop)
    assert len(seen) == 1
    active.pause({})
    await drain(loop)
    assert seen[1:] == [("nudge", T0 + 5 * DAY)]


async def test_a_version_that_is_applied_in_a_pause_is_paused_too(example: Workspace) -> None:
    active = ActiveVersion(example, NoLinks())
    before = active.stamp
    active.pause({"visit_survey": "command"})
    assert active.stamp != before
    active.take_up(replace(example, version="another"))
    statuses = [active.workspace.journeys["visit_survey"].status]
    assert active.workspace.version == "another"
    draft = replace(example.journeys["visit_survey"], status="draft")
    active.take_up(replace(example, journeys={"visit_survey": draft}))
    statuses.append(active.workspace.journeys["visit_survey"].status)
    assert statuses == ["paused", "draft"], "the stricter of the two"
