"""What a partition marks when its store has come back behind what was applied."""

from collections.abc import Mapping, Sequence

import pytest

from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS
from orchestrator.engine.inputs import InputRecord
from orchestrator.errors import StoreRefused
from orchestrator.kafka_inbox import Progress
from orchestrator.kafka_source import REPLAYED, Committed, PartitionSource
from orchestrator.position_note import note, read_note
from orchestrator.runtime.clock import SettableClock
from orchestrator.state.store import Owned


class Log:
    """A group that committed up to `committed`, on a log that begins at `begins`."""

    def __init__(self, committed: int, begins: int = 0, through: int = 0) -> None:
        self._committed, self._begins, self._through = committed, begins, through
        self.sought: Mapping[str, int] = {}

    async def committed(self, partition: int) -> Mapping[str, Committed]:
        return {CUSTOMER_EVENTS: Committed(self._committed, "s1", self._through)}

    async def beginnings(self, partition: int) -> Mapping[str, int]:
        return {CUSTOMER_EVENTS: self._begins, DELIVERY_RECEIPTS: 0}

    def seek(self, partition: int, positions: Mapping[str, int]) -> None:
        self.sought = dict(positions)

    async def still_assigned(self, partition: int) -> bool:
        return True

    async def progress(self, topic: str, partition: int, fetched: int) -> Progress:
        return Progress(caught_up=True, polled_at=0)

    def make_room(self, partition: int) -> None: ...

    async def publish(self, records: Sequence[Record]) -> None: ...


def cause(customer: str, offset: int) -> InputRecord:
    return InputRecord(CUSTOMER_EVENTS, 0, offset, 1, customer.encode(), b"")


def out(*customers: str) -> list[Record]:
    return [Record(topic="t", key=one.encode(), value=b"") for one in customers]


def marks(source: PartitionSource, outgoing: list[Record], causes: list[InputRecord]) -> list[str]:
    return [one.key.decode() for one in source.marked(outgoing, causes) if REPLAYED in one.headers and one.key is not None]


async def behind(cursor: int, committed: int, applied: int = 0) -> tuple[PartitionSource, Log]:
    log = Log(committed)
    source = PartitionSource(0, log, log, SettableClock(0))
    source.applied = {CUSTOMER_EVENTS: applied}
    await source.begin(Owned(1, {CUSTOMER_EVENTS: cursor}, "s1", []))
    return source, log


async def test_what_was_applied_before_is_marked_and_what_is_fresh_is_not() -> None:
    source, log = await behind(5, 10)
    assert log.sought[CUSTOMER_EVENTS] == 5
    both = [cause("ada", 9), cause("ben", 10)]
    assert marks(source, out("ada", "ben", "timer"), both) == ["ada", "timer"], (
        "what time brings about in a replay was brought about before"
    )
    assert marks(source, out("ben"), [cause("ben", 10)]) == []
    assert marks(source, out("ada"), [cause("ada", 9), cause("ada", 10)]) == ["ada"], "in doubt, as one of its causes is"


async def test_what_this_process_applied_counts_though_kafka_was_not_told() -> None:
    source, _log = await behind(5, 7, applied=12)
    assert marks(source, out("ada", "ben"), [cause("ada", 11), cause("ben", 12)]) == ["ada"]


async def test_what_a_restored_outbox_holds_is_marked_until_the_replay_is_over() -> None:
    source, _log = await behind(5, 10)
    assert marks(source, out("ada"), []) == ["ada"]
    await read(source)
    assert marks(source, out("ada"), []) == ["ada"]
    await source.acknowledge({CUSTOMER_EVENTS: 10}, 0)
    assert marks(source, out("ada"), []) == []


async def test_kafka_is_told_how_far_the_log_was_applied_once_until_the_replay_is_there() -> None:
    """Else an owner that dies during the replay leaves a position behind which nothing seems to have been done before."""
    source, log = await behind(5, 10)
    assert source.reached == {CUSTOMER_EVENTS: 10}
    await source.acknowledge({CUSTOMER_EVENTS: 7, DELIVERY_RECEIPTS: 3}, 0)
    assert source.reached == {CUSTOMER_EVENTS: 10, DELIVERY_RECEIPTS: 3}
    heir = PartitionSource(0, log, log, SettableClock(0))
    await heir.begin(Owned(1, {CUSTOMER_EVENTS: 7}, "s1", []))
    assert marks(heir, out("ada"), [cause("ada", 9)]) == ["ada"]
    await source.acknowledge({CUSTOMER_EVENTS: 12}, 0)
    assert source.reached == {CUSTOMER_EVENTS: 12}


async def test_a_topic_the_store_knows_nothing_of_any_more_is_told_too() -> None:
    log = Log(0)
    source = PartitionSource(0, log, log, SettableClock(0))
    source.applied = {CUSTOMER_EVENTS: 5, DELIVERY_RECEIPTS: 4}
    await source.begin(Owned(1, {CUSTOMER_EVENTS: 5}, "s1", []))
    assert source.reached == {CUSTOMER_EVENTS: 5, DELIVERY_RECEIPTS: 4}
    assert log.sought == {CUSTOMER_EVENTS: 5, DELIVERY_RECEIPTS: 0}


async def test_a_second_failover_during_the_replay_forgets_nothing_of_the_first() -> None:
    source, log = await behind(5, 7, applied=12)
    await source.acknowledge({CUSTOMER_EVENTS: 8}, 0)
    await source.begin(Owned(1, {CUSTOMER_EVENTS: 6}, "s1", []))
    assert log.sought[CUSTOMER_EVENTS] == 6
    assert marks(source, out("ada", "ben"), [cause("ada", 11), cause("ben", 12)]) == ["ada"]
    assert source.reached == {CUSTOMER_EVENTS: 12}


async def read(source: PartitionSource) -> int:
    """What an idle loop does; the instant."""
    reading = await source.read({}, 500)
    await source.acknowledge(source.applied, reading.horizon)
    return reading.horizon


async def test_what_time_brought_about_behind_the_last_record_is_marked_too() -> None:
    """The owner had applied everything, and all timers, up to 100, and the store lost a commit of timers alone."""
    clock = SettableClock(500)
    log = Log(10)
    source = PartitionSource(0, log, log, clock)
    await source.begin(Owned(7, {CUSTOMER_EVENTS: 10}, "s1", []))
    await source.acknowledge({CUSTOMER_EVENTS: 10}, 100)
    await source.begin(Owned(6, {CUSTOMER_EVENTS: 10}, "s1", []))
    assert marks(source, out("ada"), []) == ["ada"], "what was left in the outbox, its commit having been refused"
    assert (await source.read({}, 500)).horizon == 100
    assert marks(source, out("ada"), []) == ["ada"]
    await source.acknowledge({CUSTOMER_EVENTS: 10}, 100)
    assert await read(source) > 100
    assert marks(source, out("ada"), []) == []


async def test_a_successor_is_told_the_instant_by_kafka() -> None:
    log = Log(10, through=100)
    source = PartitionSource(0, log, log, SettableClock(500))
    await source.begin(Owned(6, {CUSTOMER_EVENTS: 10}, "s1", []))
    assert marks(source, out("ada"), []) == [], "a store in step: what is in its outbox was never published"
    assert source.reached_through == 100
    assert await read(source) == 100
    assert await read(source) > 100
    assert source.reached_through > 100


@pytest.mark.parametrize(
    ("text", "read_"), [("", ("", 0)), ("s1", ("s1", 0)), ("s1 x", ("s1", 0)), ("s1 \u0661", ("s1", 0)), (note("s1", 12), ("s1", 12))]
)
def test_what_is_noted_beside_a_position(text: str, read_: tuple[str, int]) -> None:
    assert read_note(text) == read_


async def test_a_store_in_step_marks_nothing() -> None:
    source, _log = await behind(10, 10)
    assert marks(source, out("ada"), [cause("ada", 10)]) == marks(source, out("ada"), []) == []


async def test_a_gap_is_refused() -> None:
    log = Log(10, begins=8)
    with pytest.raises(StoreRefused, match="what lies between is gone"):
        await PartitionSource(0, log, log, SettableClock(0)).begin(Owned(1, {CUSTOMER_EVENTS: 5}, "s1", []))
