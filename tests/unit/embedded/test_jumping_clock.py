"""The machine's clock jumps, forward and back, while people wait: nobody is lost or written to twice, and nobody's time goes back."""

import asyncio
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.contracts.message import decode_message
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, OUTBOUND_TOPICS
from orchestrator.embedded.source import LogSource
from orchestrator.engine.batch import Outcome
from orchestrator.partition_loop import PartitionLoop
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from orchestrator.workspace.workspace import Workspace
from tests.one_partition import Version, drain
from tests.worlds import DAY, HOUR, T0, without_holdout

PEOPLE = 3


class Unsteady(SettableClock):
    """Goes on by a millisecond whenever it is looked at, from where it is put, earlier or later."""

    def now(self) -> int:
        self._now += 1
        return self._now

    def set(self, now: int) -> None:
        self._now = now


def visit(person: int, number: int) -> Record:
    properties = {"visit_id": f"v{number}", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"}
    body = {"type": "track", "userId": f"c{person}", "event": "Visit Completed", "properties": properties}
    return Record(topic=CUSTOMER_EVENTS, key=b"c%d" % person, value=json.dumps(body).encode())


def known(person: int) -> Record:
    body = {"type": "identify", "userId": f"c{person}", "traits": {"email": f"c{person}@example.com", "phone": f"+44791110000{person}"}}
    return Record(topic=CUSTOMER_EVENTS, key=b"c%d" % person, value=json.dumps(body).encode())


happenings = st.one_of(
    st.integers(0, PEOPLE - 1), st.sampled_from([-400 * DAY, -DAY, -HOUR, -1, 1, HOUR, DAY - 1, DAY, DAY + 1]).map(lambda by: ("jump", by))
)


@settings(max_examples=40)
@given(st.lists(happenings, min_size=1, max_size=14))
def test_a_clock_that_jumps_loses_nobody(example: Workspace, what: list[int | tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_play(without_holdout(example), Path(folder), what))


async def _play(workspace: Workspace, folder: Path, what: list[int | tuple[str, int]]) -> None:
    clock, outcomes, visits = Unsteady(T0), list[Outcome](), 0
    database = SqliteDatabase(folder)
    try:
        log = SqliteLog(database, clock, 1)
        store = SqliteStore(database, log, "s")
        loop = PartitionLoop(0, 1, store, LogSource(log, 0), Version(workspace), clock, CountedIds(), lambda o, *_: outcomes.append(o))
        await loop.take_over()
        await log.append([known(person) for person in range(PEOPLE)])
        for one in what:
            if isinstance(one, int):
                await log.append([visit(one, visits)])
                visits += 1
            else:
                clock.set(clock.now() + one[1])
            await drain(loop)
        # every step asks a day later at most; whatever the clock has shown, three days after the latest of it all is done
        clock.set(max([clock.now(), *(d.at for o in outcomes for d in o.decisions)]) + 3 * DAY)
        await drain(loop)
        await drain(loop)
        for person in range(PEOPLE):
            at = [d.at for o in outcomes for d in o.decisions if d.customer == f"c{person}"]
            assert at == sorted(at), "time went back for somebody"
        ended = sum(number for o in outcomes for labels, number in o.counts.items() if labels[:2] == ("runs_ended", "visit_survey"))
        assert ended == visits
        sent = [decode_message(r.value).intent for topic in OUTBOUND_TOPICS for r in log.read(topic, 0, 0, 1000)]
        assert len(sent) == len(set(sent))
        asked = {d.run for o in outcomes for d in o.decisions if d.step == "ask"}
        nudged = {d.run for o in outcomes for d in o.decisions if d.step == "nudge"}
        assert len(asked) == visits
        assert asked == nudged, "somebody was left in the wait"
    finally:
        database.close()
