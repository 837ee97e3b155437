"""The engine alone: the worked example, many customers, a store in memory. CPU time per event."""

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path

from orchestrator.active import ActiveVersion
from orchestrator.content.check import check_message
from orchestrator.content.render import Renderer
from orchestrator.contracts.partition import partition_of
from orchestrator.engine.batch import Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.journey_tests.world import NoLinks
from orchestrator.partition_loop import PartitionLoop, Reading
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.runtime.serving import spare_collector
from orchestrator.state.memory_store import MemoryStore
from orchestrator.workspace.load import load_workspace
from tests.one_partition import Source
from tests.worlds import T0, without_holdout

ROOT = Path(__file__).parents[2]


class Records(Source):
    """A source with everything in it; it has no time of its own."""

    def __init__(self, records: list[InputRecord]) -> None:
        super().__init__(records, SettableClock())
        self.at = 0

    async def read(self, cursors: dict[str, int], limit: int) -> Reading:
        part = self.records[self.at : self.at + limit]
        self.at += len(part)
        return Reading(part, part[-1].at if part else 0)


def records(customers: int, kind: str, offset: int, start: int) -> list[InputRecord]:
    """One event for each customer."""
    found = []
    for n in range(customers):
        user = f"c{n}"
        match kind:
            case "identify":
                body: dict[str, object] = {
                    "type": "identify",
                    "traits": {
                        "first_name": "Ada",
                        "email": f"{user}@example.com",
                        "phone": f"+447911{n % 1_000_000:06d}",
                        "tenure_months": 7,
                    },
                }
            case "silent":
                body = {"type": "track", "event": "Speed Tested", "properties": {"mbit": 12.5}}
            case _:
                body = {
                    "type": "track",
                    "event": "Visit Completed",
                    "properties": {"visit_id": f"v{offset}-{n}", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"},
                }
        value = json.dumps({**body, "userId": user, "messageId": f"{kind}-{offset}-{n}", "timestamp": "2026-03-02T09:59:00Z"}).encode()
        found.append(InputRecord("customer-events", 0, offset + n + 1, start + n // 10, user.encode(), value))
    return found


async def _measure(customers: int) -> dict[str, float]:
    workspace = load_workspace(ROOT, {}, check_message).workspace
    assert workspace is not None
    workspace = without_holdout(workspace)
    store = MemoryStore(publish=lambda _records: None)
    clock = SettableClock(T0)
    source = Records([])
    counts: dict[str, int] = {}

    def observe(outcome: Outcome, _partition: int, _seconds: float) -> None:
        for labels, number in outcome.counts.items():
            if labels[0] == "decisions" and labels[3] == "S":
                counts["sent"] = counts.get("sent", 0) + number

    loop = PartitionLoop(0, 1, store, source, ActiveVersion(workspace, NoLinks()), clock, CountedIds(), observe)
    await loop.take_over()
    found: dict[str, float] = {}
    for index, kind in enumerate(("identify", "silent", "silent", "visit")):
        source.records, source.at = records(customers, kind, index * customers, T0 + index * 3_600_000), 0
        clock.set(T0 + index * 3_600_000)
        started = time.process_time()
        while source.at < len(source.records):
            await loop.step()
        found[f"{kind}{index}"] = (time.process_time() - started) / customers * 1e6
    assert counts["sent"] == customers
    assert partition_of(b"x", 1) == 0
    return {"engine_event_cpu_us": found["silent2"], "engine_message_cpu_us": found["visit3"]}


def measure(customers: int = 20_000) -> dict[str, float]:
    """Microseconds of CPU per event: one that sends nothing, one that renders and queues a message; state encoded and committed."""
    spare_collector()
    return asyncio.run(_measure(customers))


def render_costs() -> dict[str, float]:
    """Microseconds of CPU to render one message."""
    from orchestrator.engine.customer_frame import frame_for
    from orchestrator.engine.turn import Surroundings
    from orchestrator.journeys.names import run_names
    from orchestrator.model.customer import Customer
    from orchestrator.model.run import EventSnapshot, Run
    from orchestrator.policies.pace import Pace

    workspace = load_workspace(ROOT, {}, check_message).workspace
    assert workspace is not None
    renderer = Renderer(workspace, NoLinks())
    frame = frame_for(Customer("ada"), Surroundings(workspace, renderer, 0, 1, T0, Pace()), T0)
    journey = workspace.journeys["visit_survey"]
    found = {}
    for channel in ("email", "sms"):
        number = 3000
        started = time.process_time()
        for n in range(number):
            entry = EventSnapshot(
                name="e",
                type="track",
                timestamp=T0,
                arrival=T0,
                sequence=0,
                properties={"technician": f"Bob {n}", "visit_id": f"v{n}", "visited_at": "2026-03-02T09:00:00Z"},
            )
            names = run_names(
                Run(journey=journey.name, key="", number=1, version="", started_at=T0, sequence=0, entry=entry), journey, frame
            )
            names["message"] = {"name": "visit_survey", "class": "service", "topic": "feedback", "journey": "visit_survey", "step": "ask"}
            renderer.render(workspace.messages["visit_survey"], channel, frame, names, window_open=True, message_class="service")
        found[f"render_{channel}_cpu_us"] = (time.process_time() - started) / number * 1e6
    return found


def journey_tests() -> dict[str, float]:
    """The worked example's tests, over and over: test cases a second of CPU."""
    from orchestrator.journey_tests.session import Session
    from orchestrator.journey_tests.versions import Versions
    from orchestrator.runtime.clock import SystemClock

    loaded = load_workspace(ROOT, {}, check_message)
    assert loaded.workspace is not None
    session = Session(loaded.workspace, Versions(loaded.files, {}, check_message, lambda name: (ROOT / name).read_bytes()), SystemClock())
    files = [replace(file, explore=None) for file in loaded.tests]
    started, cases = time.process_time(), 0
    while cases < 500:
        cases += len(session.run(files))
    return {"journey_tests_per_s": cases / (time.process_time() - started)}
