"""Thousands of timers in one instant: page by page, in order, and events do not wait until they are all done."""

from orchestrator import partition_loop
from orchestrator.engine.batch import Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.partition_loop import PartitionLoop, Reading
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.state.memory_store import MemoryStore
from orchestrator.workspace.workspace import Workspace
from tests.one_partition import Source, Version, drain
from tests.worlds import DAY, T0, Engine, without_holdout

PEOPLE = partition_loop.MOST_TIMERS * 12
EVENT = b'{"type":"track","event":"Speed Tested","userId":"x%d","properties":{"mbit":12.5}}'


class Busy(Source):
    """One event in every batch, and time goes on by a millisecond with it."""

    busy = False
    arrived: list[InputRecord]

    async def read(self, cursors: dict[str, int], limit: int) -> Reading:
        if not self.busy:
            return await super().read(cursors, limit)
        self.clock.advance(1)
        number = len(self.arrived)
        record = InputRecord("customer-events", 0, 10**6 + number, self.clock.now(), b"x%d" % number, EVENT % number)
        self.arrived.append(record)
        return Reading([record], self.clock.now())


async def test_a_flood_of_timers_goes_page_by_page_in_order_and_events_pass_between(example: Workspace) -> None:
    made = Engine(example)
    records = [made.identify(f"c{n}", T0, phone=f"+4479111{n:05d}", email=f"c{n}@example.com") for n in range(PEOPLE)]
    records += [
        made.event(f"c{n}", T0 + 1 + n % 3, "Visit Completed", visit_id=f"v{n}", technician="Bob", visited_at="2026-03-02T09:00:00Z")
        for n in sorted(range(PEOPLE), key=lambda n: n % 3)
    ]
    clock, outcomes = SettableClock(T0 + 10), list[Outcome]()
    source = Busy(records, clock)
    source.arrived = []
    loop = PartitionLoop(
        0, 1, MemoryStore(publish=lambda _records: None), source, Version(without_holdout(example)), clock, CountedIds(), lambda o, *_: outcomes.append(o)
    )  # fmt: skip
    await loop.take_over()
    await drain(loop)
    clock.set(T0 + DAY + 10)
    outcomes.clear()
    source.busy = True
    while sum(len(outcome.late) for outcome in outcomes) < PEOPLE:
        await loop.step()
    assert [len(outcome.late) for outcome in outcomes] == [partition_loop.MOST_TIMERS] * 12, "none is left out, none comes twice"
    assert len(source.arrived) == len(outcomes), "every batch took its event along"
    assert all(record.key.decode() in outcome.profiles for record, outcome in zip(source.arrived, outcomes, strict=True) if record.key)
    nudged = [decision.customer for outcome in outcomes for decision in outcome.decisions if decision.step == "nudge"]
    assert len(nudged) == len(set(nudged)) == PEOPLE
    due = [int(customer[1:]) % 3 for customer in nudged]
    assert due == sorted(due), "the earlier instant first"
    assert all(seconds >= 0.008 for outcome in outcomes for seconds in outcome.late), "how late each was is told"
